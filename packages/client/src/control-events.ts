/**
 * What daemons are asked for and what they answer, by event. Users add their own daemons' events:
 *
 * declare module "@kloros/client" {
 *   interface ControlEvents {
 *     "greeter:greet": { request: { name: string }; response: { text: string } };
 *   }
 * }
 */

/** No member needed. */
type Nothing = Readonly<Record<string, never>>;

/** Where values are kept: a namespace has keys of its own; left out: `default`. */
interface InNamespace {
  readonly namespace?: string;
}
interface InQueue extends InNamespace {
  readonly queue_name: string;
}
/** Carried out once, however often it is sent. */
interface Once {
  readonly request_id?: string;
}

/** What `system:health` tells of every daemon; daemons add members of their own. */
export interface DaemonHealth {
  readonly daemon: string;
  readonly state: string;
  readonly [member: string]: unknown;
}

/** One event as `system:discover` and `system:help` describe it. */
export interface EventDescription {
  readonly event: string;
  readonly summary: string;
  readonly description?: string;
  /** JSON Schema of the members of `data`. */
  readonly parameters: unknown;
  readonly examples?: readonly unknown[];
}

/** Event → the data it takes and the data it answers. Augmentable; events that are not listed take and answer `unknown`. */
export interface ControlEvents {
  "system:health": { request: Nothing; response: DaemonHealth };
  "system:discover": {
    request: Nothing;
    response: { readonly daemon: string; readonly events: readonly EventDescription[] };
  };
  "system:help": { request: { readonly event?: string }; response: unknown };
  "system:metrics": { request: Nothing; response: { readonly text: string } };
  "system:shutdown": { request: Nothing; response: unknown };
  "system:restart": { request: Nothing; response: unknown };
  "signal:emit": {
    request: {
      readonly signal: string;
      readonly facts: Readonly<Record<string, unknown>>;
      /** UUID: emitted once, however often it is asked for. */
      readonly id?: string;
      readonly priority?: "critical" | "high" | "normal" | "low";
    };
    response: { readonly id: string; readonly seq: number; readonly [member: string]: unknown };
  };
  "state:get": { request: InNamespace & { readonly key: string }; response: unknown };
  "state:set": {
    request: InNamespace & { readonly key: string; readonly value: unknown };
    response: unknown;
  };
  "state:delete": { request: InNamespace & { readonly key: string }; response: unknown };
  "state:list": {
    request: InNamespace & { readonly pattern?: string; readonly after?: string };
    response: unknown;
  };
  "async_state:push": { request: InQueue & Once & { readonly value: unknown }; response: unknown };
  "async_state:pop": { request: InQueue & Once; response: unknown };
  "async_state:queue_length": { request: InQueue; response: unknown };
}

/** An event's name: known ones are completed by editors, any other is allowed. */
export type EventName = keyof ControlEvents | (string & { readonly _?: never });

/** The data that an event takes. */
export type RequestOf<E extends EventName> = E extends keyof ControlEvents
  ? ControlEvents[E] extends { request: infer Request }
    ? Request
    : unknown
  : unknown;

/** The data that an event answers, as the daemon sends it: an object, or an array. */
export type ResponseOf<E extends EventName> = E extends keyof ControlEvents
  ? ControlEvents[E] extends { response: infer Response }
    ? Response
    : unknown
  : unknown;

/** One of the results: an element where the answer is an array, else the answer itself. */
export type ResultOf<E extends EventName> =
  ResponseOf<E> extends readonly (infer Item)[] ? Item : ResponseOf<E>;

/** Event and options; the data may be left out where no member is needed. */
export type Arguments<E extends EventName, Options> =
  Nothing extends RequestOf<E>
    ? [data?: RequestOf<E>, options?: Options]
    : [data: RequestOf<E>, options?: Options];

/** Events that only read: asked again after a lost connection. */
const READS: ReadonlySet<string> = new Set([
  "system:health",
  "system:discover",
  "system:help",
  "system:metrics",
  "signal:paused",
  "state:get",
  "state:list",
  "async_state:get",
  "async_state:list",
  "async_state:queue_length",
  "monitor:get_events",
  "monitor:get_stats",
  "checkpoint:list",
  "supervisor:status",
]);

/** Whether carrying it out twice does no harm: it only reads, or carries a `request_id`, or a signal's own `id`. */
export function isRepeatable(event: string, data: unknown): boolean {
  if (READS.has(event)) return true;
  if (typeof data !== "object" || data === null) return false;
  const { request_id, id } = data as { request_id?: unknown; id?: unknown };
  return typeof request_id === "string" || (event === "signal:emit" && typeof id === "string");
}
