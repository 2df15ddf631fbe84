/**
 * `client.queue(namespace, name)`: a durable queue that a daemon keeps. Each push and pop carries a `request_id`: asked again
 * after a lost answer it is carried out once, so that nothing is queued twice and nothing taken is lost (P3).
 */
import { randomUUID } from "node:crypto";
import type { AskSingle } from "./ask-single.ts";
import type { RequestOptions } from "../request-options.ts";

export interface QueueRequestOptions extends RequestOptions {
  /** To ask again for what may have been carried out, even from another process; default: a new one. */
  readonly requestId?: string;
}

export interface Queue {
  /** Durable when it resolves; resolves with the length of the queue. */
  push(value: unknown, options?: QueueRequestOptions): Promise<number>;
  /** Takes the oldest value out, or resolves with undefined when there is none. */
  pop(options?: QueueRequestOptions): Promise<unknown>;
  length(options?: RequestOptions): Promise<number>;
}

/** What the daemon answers. */
interface Told {
  readonly found: boolean;
  readonly value: unknown;
  readonly length: number;
}

export function openQueue(ask: AskSingle, namespace: string, name: string): Queue {
  const queue = { namespace, queue_name: name };
  return {
    async push(value, { requestId: request_id = randomUUID(), ...options } = {}) {
      const answer = await ask("async_state:push", { ...queue, value, request_id }, options);
      return (answer as Told).length;
    },
    async pop({ requestId: request_id = randomUUID(), ...options } = {}) {
      const answer = await ask("async_state:pop", { ...queue, request_id }, options);
      const { found, value } = answer as Told;
      return found ? value : undefined;
    },
    async length(options) {
      return ((await ask("async_state:queue_length", queue, options)) as Told).length;
    },
  };
}
