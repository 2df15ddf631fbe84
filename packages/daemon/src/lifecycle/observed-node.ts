/** The node as `setup` sees it: the same, but the kit learns the longest deadline of its handlers. */
import type { Handler, HandlerOptions, Node, SignalName } from "@kloros/bus";

/** Deadline of a handler that names none, in milliseconds (see `HandlerOptions.deadlineMs`). */
const DEFAULT_HANDLER_DEADLINE_MS = 30_000;

export interface ObservedNode {
  readonly node: Node;
  readonly longestHandlerDeadlineMs: () => number;
}

export function observeNode(inner: Node): ObservedNode {
  let longestMs = 0;
  const on = <N extends SignalName>(signal: N, handler: Handler<N>, options?: HandlerOptions) => {
    longestMs = Math.max(longestMs, options?.deadlineMs ?? DEFAULT_HANDLER_DEADLINE_MS);
    inner.on(signal, handler, options);
  };
  const node = new Proxy(inner, {
    get(target, property) {
      if (property === "on") return on;
      const member: unknown = Reflect.get(target, property, target);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  return { node, longestHandlerDeadlineMs: () => longestMs };
}
