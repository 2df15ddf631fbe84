/**
 * The link to one daemon: one socket at a time, all requests on it, and a new socket when it breaks.
 *
 * K1 A request that was sent and may change something is never sent again by itself (P3): it fails, and says that it
 *    may have been carried out. What only reads, or carries a `request_id`, is sent again.
 * K2 Everything is bounded: requests that wait, bytes unsent, repeats, pauses, and each request by its time (P5, P10).
 * K3 A daemon that was never there fails at once; one that went away is waited for, within the deadline of the policy.
 */
import { randomUUID } from "node:crypto";
import type { KlorosError } from "@kloros/bus/error";
import {
  ClientClosedError,
  ConnectionLostError,
  type DaemonPlace,
  DaemonUnreachableError,
  EventError,
  RequestTimeoutError,
  TooManyRequestsError,
} from "../errors.ts";
import { backoffMs } from "./backoff.ts";
import { LinkSocket, type SocketEnd } from "./link-socket.ts";
import { type LinkStream, LinkStreams, subscriptionOf } from "./link-streams.ts";
import type { ReplyLine } from "./reply-line.ts";
import { type BookedRequest, MAX_WAITING, RequestBook } from "./request-book.ts";
import { requestLine } from "./request-line.ts";

/** A daemon whose queue of new connections is full for a moment; it is there. */
const BUSY_DETAILS = new Set(["EAGAIN"]);
/** What a daemon without room for this connection says before it ends it. */
const TURNED_AWAY = "E_TOO_MANY_CONNECTIONS";
/** Time for the request that begins or ends a stream, in milliseconds. */
const STREAM_REQUEST_MS = 10_000;

export interface LinkPolicy {
  /** How long a daemon that went away is waited for, in milliseconds; 0: not at all. */
  readonly reconnectMs: number;
}

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

type Outcome = Pick<BookedRequest, "onResult" | "onFailed">;

export class DaemonLink {
  readonly place: DaemonPlace;
  readonly #policy: LinkPolicy;
  readonly #book = new RequestBook();
  readonly #streams = new LinkStreams();
  #socket: LinkSocket | null = null;
  #isOpen = false;
  #closed = false;
  /** Why the daemon took this connection only to end it, when it said so. */
  #turnedAway: string | null = null;
  /** Since when it is gone, by the monotonic clock; null while it answers, or was never there. */
  #goneSinceMs: number | null = null;
  #attempt = 0;
  #retry: NodeJS.Timeout | undefined;
  #lastDetail = "not connected yet";

  constructor(place: DaemonPlace, policy: LinkPolicy) {
    this.place = place;
    this.#policy = policy;
  }

  /** Resolves with the answer's data; rejects with one of the errors of `errors.ts`, or the reason of the abort. */
  request(request: LinkRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      request.signal?.throwIfAborted();
      this.#ask(request, { onResult: resolve, onFailed: reject });
    });
  }

  /** Begins a stream, and begins it again after each lost connection. */
  attach(stream: LinkStream): void {
    if (this.#closed) return stream.onEnded(new ClientClosedError(this.place.daemon));
    this.#streams.add(stream);
    if (this.#isOpen) this.#beginStream(stream);
    else this.#connect();
  }

  /** Ends a stream, here and at the daemon. */
  detach(stream: LinkStream): void {
    const subscription = this.#streams.remove(stream);
    if (subscription !== null && this.#isOpen) this.#unsubscribe(subscription);
  }

  /** What is unanswered fails; nothing of this link is left. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#streams.end(new ClientClosedError(this.place.daemon));
    const reason = "this client was closed";
    for (const request of this.#book.lose(false)) request.onFailed(this.#lost(request, reason, true));
    for (const request of this.#book.dismiss(() => true))
      request.onFailed(this.#lost(request, reason, false));
  }

  #ask(request: LinkRequest, outcome: Outcome): void {
    const { event, data, timeoutMs, signal, repeatable, patient, bound = false } = request;
    const { daemon } = this.place;
    if (this.#closed) return outcome.onFailed(new ClientClosedError(daemon));
    const id = randomUUID();
    const line = requestLine(event, data, id);
    const settled = <T>(tell: (value: T) => void) => {
      return (value: T) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        tell(value);
      };
    };
    const onFailed = settled(outcome.onFailed);
    const booked = this.#book.add({
      id,
      event,
      line,
      repeatable,
      patient,
      bound,
      onResult: settled(outcome.onResult),
      onRefused: (error, code) => onFailed(new EventError(event, daemon, error, code)),
      onFailed,
    });
    const onAbort = () => {
      this.#book.forget(id);
      onFailed(signal?.reason as KlorosError); // An abort rejects with its own reason, whatever that is.
    };
    const timer = setTimeout(() => {
      const sent = this.#book.wasSent(id);
      this.#book.forget(id);
      onFailed(this.#late(event, timeoutMs, sent));
    }, timeoutMs);
    if (!booked) return onFailed(new TooManyRequestsError(event, daemon, MAX_WAITING));
    signal?.addEventListener("abort", onAbort, { once: true });
    if (this.#isOpen) this.#send();
    else if (!patient || this.#retry === undefined) this.#connect();
  }

  #connect(): void {
    if (this.#socket || this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#turnedAway = null;
    this.#socket = new LinkSocket(this.place.socketPath, {
      onOpen: () => {
        this.#isOpen = true;
        for (const stream of this.#streams.all) this.#beginStream(stream);
        this.#send();
      },
      onLine: (line) => this.#onLine(line),
      onDrain: () => this.#send(),
      onEnd: (end) => this.#onEnd(end),
    });
  }

  #send(): void {
    while (this.#socket?.takesMore === true) {
      const request = this.#book.next();
      if (!request) return;
      this.#socket.write(request.line);
    }
  }

  #onLine(line: ReplyLine): void {
    if (line.kind === "error" && line.correlationId === null) {
      // About the connection as a whole: with this code it ends now, and nothing unanswered was read.
      if (line.code === TURNED_AWAY) this.#turnedAway = line.error;
      return;
    }
    this.#goneSinceMs = null;
    this.#attempt = 0;
    if (line.kind === "stream") return this.#streams.route(line);
    if (line.kind === "garbage" || line.correlationId === null) return;
    const request = this.#book.answered(line.correlationId);
    if (line.kind === "result") request?.onResult(line.data);
    else request?.onRefused(line.error, line.code);
    this.#send();
  }

  #onEnd({ detail, cause, wasOpen }: SocketEnd): void {
    this.#socket = null;
    this.#isOpen = false;
    this.#lastDetail = this.#turnedAway ?? detail;
    this.#streams.lose();
    const isBusy = this.#turnedAway !== null || BUSY_DETAILS.has(detail);
    if (wasOpen || isBusy) this.#goneSinceMs ??= performance.now();
    if (this.#turnedAway !== null) this.#book.unsend();
    else
      for (const request of this.#book.lose(this.#policy.reconnectMs > 0)) // K1
        request.onFailed(this.#lost(request, detail, true, cause));
    for (const request of this.#book.dismiss(({ bound }) => bound))
      request.onFailed(this.#lost(request, detail, false, cause));
    const isWaitedFor = this.#isWaitedFor();
    const error = new DaemonUnreachableError(this.place, this.#lastDetail, { cause });
    if (!wasOpen && !isBusy)
      for (const request of this.#book.dismiss(({ patient }) => !(patient && isWaitedFor)))
        request.onFailed(error);
    if (!isWaitedFor) this.#streams.end(error);
    if (this.#book.hasWaiting || !this.#streams.isEmpty) this.#connectLater();
  }

  /** K3 */
  #isWaitedFor(): boolean {
    return (
      this.#goneSinceMs !== null && performance.now() - this.#goneSinceMs < this.#policy.reconnectMs
    );
  }

  #connectLater(): void {
    this.#retry ??= setTimeout(() => this.#connect(), backoffMs(this.#attempt++, Math.random()));
  }

  #beginStream(stream: LinkStream): void {
    const { event, data } = stream;
    const onFailed = (error: KlorosError) => {
      if (error instanceof ConnectionLostError || !this.#streams.has(stream)) return; // Begun again when connected.
      this.#streams.remove(stream);
      stream.onEnded(error);
    };
    const onResult = (answer: unknown) => {
      const subscription = subscriptionOf(answer);
      if (this.#streams.has(stream)) this.#streams.begin(stream, answer);
      else if (subscription !== null) this.#unsubscribe(subscription); // Detached in between.
    };
    const timeoutMs = STREAM_REQUEST_MS;
    try {
      this.#ask({ event, data, timeoutMs, repeatable: false, patient: false, bound: true }, { onResult, onFailed });
    } catch (error) {
      onFailed(error as KlorosError);
    }
  }

  #unsubscribe(subscription: string): void {
    const ignored = () => undefined; // A subscription ends with its connection anyway.
    this.#ask(
      {
        event: "signal:unsubscribe",
        data: { subscription },
        timeoutMs: STREAM_REQUEST_MS,
        repeatable: false,
        patient: false,
        bound: true,
      },
      { onResult: ignored, onFailed: ignored },
    );
  }

  #late(event: string, timeoutMs: number, sent: boolean): KlorosError {
    const { daemon } = this.place;
    return sent || this.#isOpen
      ? new RequestTimeoutError(event, daemon, timeoutMs)
      : new DaemonUnreachableError(this.place, `waited ${timeoutMs} ms; ${this.#lastDetail}`);
  }

  #lost(
    { event }: BookedRequest,
    detail: string,
    mayHaveBeenCarriedOut: boolean,
    cause?: unknown,
  ): ConnectionLostError {
    return new ConnectionLostError(event, this.place.daemon, detail, mayHaveBeenCarriedOut, { cause });
  }
}
