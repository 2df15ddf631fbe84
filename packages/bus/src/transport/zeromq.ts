/**
 * The transport over ZeroMQ. It hides what zeromq.js would otherwise let a user feel: one send in flight per socket
 * (else EBUSY), a publisher that drops without a word, a subscription that is not there yet when `connect` returns.
 */
import { openEmitterEnd } from "./emitter-end.ts";
import { openReceptorEnd } from "./receptor-end.ts";
import type { Transport } from "./transport.ts";
import type { ZeroMqOptions } from "./zeromq-options.ts";

export function zeroMqTransport(options: ZeroMqOptions): Transport {
  return {
    openEmitter: (emitter, handlers) => openEmitterEnd(options, emitter, handlers),
    connect: (emitter, topics, handlers) => openReceptorEnd(options, emitter, topics, handlers),
  };
}
