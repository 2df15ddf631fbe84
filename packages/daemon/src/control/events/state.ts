/** `state:…`: values that programs keep in this daemon, by namespace and key. */
import type { ControlEvents } from "../catalogue.ts";
import { MAX_GLOB_CHARACTERS } from "../glob.ts";
import type { ParameterSchema } from "../parameters.ts";
import { deleteValue, getValue, type SetRequest, setValue } from "../store/key-values.ts";
import { MAX_ENTRIES, MAX_KEY_BYTES, MAX_TTL_S, MAX_VALUE_BYTES } from "../store/limits.ts";
import { listNamespaces, listValues } from "../store/list-values.ts";
import { NAME_PATTERN } from "../store/places.ts";
import type { Store } from "../store/store.ts";
import { sweepIfFull } from "../store/sweep.ts";
import { VALUE_TYPES } from "../store/value.ts";

export const NAMESPACE: ParameterSchema = {
  type: "string",
  pattern: NAME_PATTERN,
  default: "default",
  description: "Keys and queues of different namespaces have nothing to do with each other.",
};
const KEY: ParameterSchema = {
  type: "string",
  minLength: 1,
  maxLength: MAX_KEY_BYTES,
  pattern: "^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$",
  description: `Any text without control characters, at most ${MAX_KEY_BYTES} bytes.`,
};
const IF_VERSION: ParameterSchema = {
  type: "integer",
  minimum: 1,
  description: "Only if the key has this version now; else E_STATE_VERSION, and nothing is changed.",
};
/** Keys of one answer when no number is asked for. */
const DEFAULT_LIMIT = 1_000;

export function stateEvents(store: Store): ControlEvents {
  return { ...readEvents(store), ...writeEvents(store) };
}

function readEvents(store: Store): ControlEvents {
  return {
    "state:get": {
      summary: "Reads the value of a key: `{found, value, type, version, …}`.",
      description:
        "A key that is not there is no error: `found` is false and `value` null. With `must_exist` it is E_STATE_NOT_FOUND.",
      parameters: {
        properties: {
          key: KEY,
          namespace: NAMESPACE,
          must_exist: { type: "boolean", default: false, description: "A missing key is an error." },
        },
        required: ["key"],
      },
      examples: [{ key: "config", namespace: "ui" }],
      answer: (data) => getValue(store.reader(), store.clock(), data as never),
    },
    "state:list": {
      summary: "Keys that match a pattern, in order; with their values where asked.",
      description:
        "`more` says that there are further ones: ask again with `after`, the last key of this answer.",
      parameters: {
        properties: {
          namespace: NAMESPACE,
          pattern: {
            type: "string",
            minLength: 1,
            maxLength: MAX_GLOB_CHARACTERS,
            default: "*",
            description: "Glob: `*` is any text, `?` one character.",
          },
          values: { type: "boolean", default: false, description: "Also `entries`, with values." },
          limit: {
            type: "integer",
            minimum: 1,
            maximum: MAX_ENTRIES,
            default: DEFAULT_LIMIT,
            description: "Most keys of one answer.",
          },
          after: { ...KEY, description: "Only keys that come after this one." },
          namespaces: {
            type: "boolean",
            default: false,
            description: "Instead of keys: all namespaces, and how full they are.",
          },
        },
      },
      examples: [{ namespace: "jobs", pattern: "retry.*", values: true }, { namespaces: true }],
      answer: (data) =>
        data["namespaces"] === true
          ? { namespaces: listNamespaces(store.reader()) }
          : listValues(store.reader(), store.clock(), data as never),
    },
  };
}

function writeEvents(store: Store): ControlEvents {
  return {
    "state:set": {
      summary: "Sets the value of a key; durable when answered.",
      description: `Values are JSON of at most ${MAX_VALUE_BYTES} bytes. A declared \`type\` stays with the key: later values must be of it, unless they declare another. Versions are never given twice, so \`if_version\` is a safe compare-and-set.`,
      parameters: {
        properties: {
          key: KEY,
          value: { description: "Any JSON." },
          namespace: NAMESPACE,
          type: { enum: VALUE_TYPES, description: "The value must be of this type, and later ones too." },
          ttl_s: {
            type: "number",
            minimum: 0.001,
            maximum: MAX_TTL_S,
            description:
              "Forgotten after so many seconds; restarts and a wall clock that is set do not matter.",
          },
          if_version: IF_VERSION,
          if_absent: { type: "boolean", default: false, description: "Only if there is no such key." },
        },
        required: ["key", "value"],
      },
      examples: [
        { key: "config", value: { theme: "dark" } },
        { key: "lock", value: "me", ttl_s: 60, if_absent: true },
        { key: "retries", value: 3, type: "integer", namespace: "jobs" },
      ],
      answer: async (data) => {
        const request = data as unknown as SetRequest;
        return store.change((state) => {
          sweepIfFull(state, store.clock(), request.namespace);
          return setValue(state, store.clock(), request);
        });
      },
    },
    "state:delete": {
      summary: "Deletes a key; `deleted` is false when there was none.",
      parameters: {
        properties: { key: KEY, namespace: NAMESPACE, if_version: IF_VERSION },
        required: ["key"],
      },
      examples: [{ key: "config" }],
      answer: (data) => store.change((state) => deleteValue(state, store.clock(), data as never)),
    },
  };
}
