/** A request with its deadline and its abort: whatever comes first settles it, once. */
import { randomUUID } from "node:crypto";
import type { KlorosError } from "@kloros/bus/error";
import { EventError } from "../errors.ts";
import type { ControlReply } from "./reply-line.ts";
import type { BookedRequest } from "./request-book.ts";
import { requestLine } from "./request-line.ts";

export interface LinkRequest {
  readonly event: string;
  readonly data: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Carrying it out twice does no harm. */
  readonly repeatable: boolean;
  /** Waits for a daemon that went away to come back. */
  readonly patient: boolean;
  /** Means something on this connection only. */
  readonly bound?: boolean;
}

export interface Settling {
  onResult(reply: ControlReply): void;
  onFailed(error: KlorosError): void;
  /** Nobody waits any more: takes it out of the book, and says what its lateness means. */
  giveUp(id: string): KlorosError;
}

/** Its time begins now. @throws {RequestUnsendableError} */
export function timedRequest(request: LinkRequest, daemon: string, settling: Settling): BookedRequest {
  const { event, data, timeoutMs, signal, repeatable, patient, bound = false } = request;
  const id = randomUUID();
  const line = requestLine(event, data, id);
  const settle = <T>(tell: (value: T) => void): ((value: T) => void) => {
    return (value) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      tell(value);
    };
  };
  const onFailed = settle<KlorosError>((error) => settling.onFailed(error));
  const onAbort = () => {
    settling.giveUp(id);
    onFailed(signal?.reason as KlorosError); // An abort rejects with its own reason, whatever that is.
  };
  const timer = setTimeout(() => onFailed(settling.giveUp(id)), timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    id,
    event,
    line,
    repeatable,
    patient,
    bound,
    onResult: settle((reply) => settling.onResult(reply)),
    onRefused: (error, code) => onFailed(new EventError(event, daemon, error, code)),
    onFailed,
  };
}
