/** `async_state:…`: queues that programs keep in this daemon. */
import type { ControlEvents } from "../catalogue.ts";
import type { ParameterSchema } from "../parameters.ts";
import { MAX_QUEUE_LENGTH, MAX_REMEMBERED, MAX_VALUE_BYTES } from "../store/limits.ts";
import { NAME_PATTERN } from "../store/places.ts";
import {
  clear,
  findQueue,
  lengthOf,
  listQueues,
  peek,
  pop,
  push,
  type QueueRequest,
  replace,
} from "../store/queues.ts";
import { once } from "../store/remembered-answers.ts";
import type { Store } from "../store/store.ts";
import { NAMESPACE } from "./state.ts";

const QUEUE_NAME: ParameterSchema = {
  type: "string",
  pattern: NAME_PATTERN,
  description: "Name of the queue; there is no need to create it.",
};
const QUEUE = { namespace: NAMESPACE, queue_name: QUEUE_NAME };
const REQUEST_ID: ParameterSchema = {
  type: "string",
  pattern: "^[A-Za-z0-9_.:-]{1,128}$",
  description: `Fresh for each request; the same again has the same answer and does nothing (the last ${MAX_REMEMBERED} are remembered, across restarts).`,
};
/** Values looked at in one request. */
const MAX_PEEK = 1_000;

type Identified = QueueRequest & { readonly request_id?: string };

export function queueEvents(store: Store): ControlEvents {
  return { ...oneByOne(store), ...atOnce(store), ...looking(store) };
}

function oneByOne(store: Store): ControlEvents {
  return {
    "async_state:push": {
      summary: "Puts a value at the end of a queue; durable when answered: `{length}`.",
      description: `Values are JSON of at most ${MAX_VALUE_BYTES} bytes; a queue holds ${MAX_QUEUE_LENGTH}.`,
      parameters: {
        properties: { ...QUEUE, value: { description: "Any JSON." }, request_id: REQUEST_ID },
        required: ["queue_name", "value"],
      },
      examples: [{ namespace: "jobs", queue_name: "todo", value: { task: "sweep" } }],
      answer: async (data) => {
        const { value, request_id, ...queue } = data as unknown as Identified & { value: unknown };
        return store.change((state) => {
          const what = `a push to ${queue.namespace}/${queue.queue_name}`;
          const { answer, isRepeated } = once(state, request_id, what, () => ({
            length: push(state, queue, value),
          }));
          return { ...queue, ...answer, repeated: isRepeated };
        });
      },
    },
    "async_state:pop": {
      summary: "Takes the oldest value out of a queue: `{found, value, length}`.",
      description:
        "Durable before it is answered: a value that was answered never comes again, not even after a crash. When the answer itself may be lost, send a `request_id`, and ask again with the same one: it gets the same value. Without it, a value whose answer was lost is gone. An empty queue is no error: `found` is false and `value` null.",
      parameters: { properties: { ...QUEUE, request_id: REQUEST_ID }, required: ["queue_name"] },
      examples: [{ namespace: "jobs", queue_name: "todo", request_id: "worker-7:41" }],
      answer: async (data) => {
        const { request_id, ...queue } = data as unknown as Identified;
        return store.change((state) => {
          const what = `a pop from ${queue.namespace}/${queue.queue_name}`;
          const { answer, isRepeated } = once(state, request_id, what, () => pop(state, queue));
          if (answer === undefined)
            return { ...queue, found: false, value: null, length: 0, repeated: false };
          return { ...queue, found: true, ...answer, repeated: isRepeated };
        });
      },
    },
  };
}

function looking(store: Store): ControlEvents {
  return {
    "async_state:get": {
      summary:
        "Looks at the oldest values of a queue and leaves them there: `{found, value, values, length}`.",
      parameters: {
        properties: {
          ...QUEUE,
          limit: {
            type: "integer",
            minimum: 1,
            maximum: MAX_PEEK,
            default: 1,
            description: "Most values of the answer.",
          },
        },
        required: ["queue_name"],
      },
      examples: [{ namespace: "jobs", queue_name: "todo", limit: 10 }],
      answer: (data) => {
        const { limit, ...queue } = data as unknown as QueueRequest & { limit: number };
        const values = peek(store.reader(), queue, limit);
        const length = lengthOf(findQueue(store.reader(), queue));
        return { ...queue, found: values.length > 0, value: values[0] ?? null, values, length };
      },
    },
    "async_state:queue_length": {
      summary: "How many values a queue holds; without `queue_name`, all queues that hold something.",
      parameters: { properties: QUEUE },
      examples: [{ namespace: "jobs", queue_name: "todo" }, {}],
      answer: (data) => {
        if (data["queue_name"] === undefined) return { queues: listQueues(store.reader()) };
        const queue = data as unknown as QueueRequest;
        return { ...queue, length: lengthOf(findQueue(store.reader(), queue)) };
      },
    },
  };
}

function atOnce(store: Store): ControlEvents {
  return {
    "async_state:set": {
      summary: "Replaces all values of a queue at once; durable when answered.",
      parameters: {
        properties: {
          ...QUEUE,
          value: {
            type: "array",
            maxItems: MAX_QUEUE_LENGTH,
            description: "The new values, the next to be taken first.",
          },
        },
        required: ["queue_name", "value"],
      },
      examples: [{ namespace: "jobs", queue_name: "todo", value: [{ task: "sweep" }, { task: "mop" }] }],
      answer: async (data) => {
        const { value, ...queue } = data as unknown as QueueRequest & { value: unknown[] };
        return store.change((state) => ({ ...queue, ...replace(state, queue, value), length: value.length }));
      },
    },
    "async_state:delete": {
      summary: "Empties a queue; `deleted` is the number of values that it held.",
      parameters: { properties: QUEUE, required: ["queue_name"] },
      examples: [{ namespace: "jobs", queue_name: "todo" }],
      answer: async (data) => {
        const queue = data as unknown as QueueRequest;
        return store.change((state) => ({ ...queue, deleted: clear(state, queue) }));
      },
    },
  };
}
