/** `monitor:…`: what happened in this daemon lately, and what is asked of it now. */
import type { ControlEvents } from "../catalogue.ts";
import { EVENT_KINDS, type EventFilter, type EventLog, MAX_EVENTS } from "../event-log.ts";
import { MAX_GLOB_CHARACTERS } from "../glob.ts";

const GLOB = { type: "string", minLength: 1, maxLength: MAX_GLOB_CHARACTERS } as const;
/** Entries of one answer when no number is asked for. */
const DEFAULT_LIMIT = 100;
/** Patterns of one subscription. */
const MAX_PATTERNS = 64;

export function monitorEvents(log: EventLog): ControlEvents {
  return {
    "monitor:get_events": {
      summary: "The latest signals and control requests of this daemon, the oldest first.",
      description: `Kept in memory, the last ${MAX_EVENTS}; a restart empties it. Facts are not kept: \`chem-bus trace ID\` has them.`,
      parameters: {
        properties: {
          signal: { ...GLOB, description: "Only signals whose name matches this glob." },
          event: { ...GLOB, description: "Only control events whose name matches this glob." },
          kinds: {
            type: "array",
            items: { enum: EVENT_KINDS },
            maxItems: EVENT_KINDS.length,
            description: `Some of ${EVENT_KINDS.join(", ")}.`,
          },
          since: { type: "number", minimum: 0, description: "Unix time in seconds." },
          after: {
            type: "integer",
            minimum: 0,
            description: "Only entries with a larger `n`: what is new since the last look.",
          },
          limit: {
            type: "integer",
            minimum: 1,
            maximum: MAX_EVENTS,
            default: DEFAULT_LIMIT,
            description: "The newest so many.",
          },
        },
      },
      examples: [{ signal: "Q_DREAM_*", limit: 10 }, { kinds: ["control"] }],
      answer: (data) => log.find(data as unknown as EventFilter),
    },
    "monitor:get_stats": {
      summary:
        "Counts of signals and control requests by name, since the start or the last `monitor:clear_log`.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => log.stats(),
    },
    "monitor:clear_log": {
      summary:
        "Forgets the entries and counts. Nothing else is touched: journal, cursors and dead letters stay.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => ({ cleared: log.clear() }),
    },
    "monitor:subscribe": {
      summary: "Streams the control requests of this daemon as they are answered: `monitor:event` lines.",
      parameters: {
        properties: {
          events: {
            type: "array",
            items: GLOB,
            minItems: 1,
            maxItems: MAX_PATTERNS,
            default: ["*"],
            description: "Names or globs of control events.",
          },
        },
      },
      examples: [{ events: ["state:*"] }],
      answer: ({ events }, connection) => {
        const stream = log.subscribe(events as string[], connection);
        return { subscription: stream.id, events };
      },
    },
  };
}
