/**
 * The link to one daemon: one socket at a time, all requests on it, and a new socket when it breaks.
 *
 * K1 A request that has left this process and may change something is never sent again by itself (P3): it fails, and says that it
 *    may have been carried out. What only reads, or carries a `request_id`, is sent again.
 * K2 Everything is bounded: requests that wait, bytes unsent, repeats, pauses, and each request by its time (P5, P10).
 * K3 A daemon that was never there fails at once; one that went away is waited for, within the deadline of the policy.
 */
import type { KlorosError } from "@kloros/bus/error";
import {
  ClientClosedError,
  ConnectionLostError,
  type DaemonPlace,
  DaemonUnreachableError,
  RequestTimeoutError,
  TooManyRequestsError,
} from "../errors.ts";
import { isNotReady, LOOK_AGAIN_MS } from "../answers/when-ready.ts";
import { backoffMs } from "./backoff.ts";
import { LinkSocket, type SocketEnd } from "./link-socket.ts";
import { type LinkStream, LinkStreams, subscriptionOf } from "./link-streams.ts";
import type { ControlReply, ReplyLine } from "./reply-line.ts";
import { type BookedRequest, MAX_WAITING, RequestBook } from "./request-book.ts";
import { type LinkRequest, type Settling, timedRequest } from "./timed-request.ts";

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

type Outcome = Pick<Settling, "onResult" | "onFailed">;

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
  /** Waits for the first connection. */
  #opener: ((error?: KlorosError) => void) | null = null;
  #lastDetail = "not connected yet";

  constructor(place: DaemonPlace, policy: LinkPolicy) {
    this.place = place;
    this.#policy = policy;
  }

  /** Resolves with the answer; rejects with one of the errors of `errors.ts`, or the reason of the abort. */
  request(request: LinkRequest): Promise<ControlReply> {
    return new Promise((resolve, reject) => {
      request.signal?.throwIfAborted();
      this.#ask(request, { onResult: resolve, onFailed: reject });
    });
  }

  /** Resolves when the daemon has taken the connection. @throws {DaemonUnreachableError} */
  open(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#opener = null;
        reject(new DaemonUnreachableError(this.place, `waited ${timeoutMs} ms; ${this.#lastDetail}`));
      }, timeoutMs);
      this.#opener = (error) => {
        clearTimeout(timer);
        this.#opener = null;
        if (error) reject(error);
        else resolve();
      };
      this.#connect();
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
    this.#isOpen = false;
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#opener?.(new ClientClosedError(this.place.daemon));
    this.#streams.end(new ClientClosedError(this.place.daemon));
    const reason = "this client was closed";
    for (const { request } of this.#book.lose(false)) request.onFailed(this.#lost(request, reason, true));
    for (const request of this.#book.dismiss(() => true))
      request.onFailed(this.#lost(request, reason, false));
  }

  #ask(request: LinkRequest, outcome: Outcome): void {
    const { daemon } = this.place;
    const { event, timeoutMs, patient } = request;
    if (this.#closed) return outcome.onFailed(new ClientClosedError(daemon));
    const giveUp = (id: string) => {
      const wasSent = this.#book.wasSent(id);
      this.#book.forget(id);
      return this.#late(event, timeoutMs, wasSent);
    };
    const booked = timedRequest(request, daemon, { ...outcome, giveUp });
    if (!this.#book.add(booked)) booked.onFailed(new TooManyRequestsError(event, daemon, MAX_WAITING));
    else if (this.#isOpen) this.#send();
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
        this.#opener?.();
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
      this.#socket.write(request.line, () => this.#book.left(request.id));
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
    if (line.kind === "result") request?.onResult(line.reply);
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
      for (const { request, mayHaveBeenCarriedOut } of this.#book.lose(this.#policy.reconnectMs > 0))
        request.onFailed(this.#lost(request, detail, mayHaveBeenCarriedOut, cause)); // K1
    for (const request of this.#book.dismiss(({ bound }) => bound))
      request.onFailed(this.#lost(request, detail, false, cause));
    const isWaitedFor = this.#isWaitedFor();
    const error = new DaemonUnreachableError(this.place, this.#lastDetail, { cause });
    if (!wasOpen && !isBusy)
      for (const request of this.#book.dismiss(({ patient }) => !(patient && isWaitedFor)))
        request.onFailed(error);
    if (!isWaitedFor) this.#streams.end(error);
    if (!isBusy) this.#opener?.(error);
    if (this.#opener || this.#book.hasWaiting || !this.#streams.isEmpty) this.#connectLater();
  }

  /** K3 */
  #isWaitedFor(): boolean {
    return this.#goneSinceMs !== null && performance.now() - this.#goneSinceMs < this.#policy.reconnectMs;
  }

  #connectLater(): void {
    this.#retry ??= setTimeout(() => this.#connect(), backoffMs(this.#attempt++, Math.random()));
  }

  #beginStream(stream: LinkStream): void {
    const { event, data } = stream;
    const onFailed = (error: KlorosError) => {
      if (error instanceof ConnectionLostError || !this.#streams.has(stream)) return; // Begun again when connected.
      if (isNotReady(error)) return this.#beginStreamLater(stream);
      this.#streams.remove(stream);
      stream.onEnded(error);
    };
    const onResult = ({ data: answer }: ControlReply) => {
      const subscription = subscriptionOf(answer);
      if (this.#streams.has(stream)) this.#streams.begin(stream, answer);
      else if (subscription !== null) this.#unsubscribe(subscription); // Detached in between.
    };
    try {
      this.#ask(ofStream(event, data), { onResult, onFailed });
    } catch (error) {
      onFailed(error as KlorosError);
    }
  }

  #beginStreamLater(stream: LinkStream): void {
    const socket = this.#socket;
    setTimeout(() => {
      if (this.#socket === socket && this.#isOpen && this.#streams.has(stream)) this.#beginStream(stream);
    }, LOOK_AGAIN_MS).unref();
  }

  #unsubscribe(subscription: string): void {
    const ignored = () => undefined; // A subscription ends with its connection anyway.
    const data = { subscription };
    this.#ask(ofStream("signal:unsubscribe", data), { onResult: ignored, onFailed: ignored });
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

/** A request that begins or ends a stream of this connection. */
function ofStream(event: string, data: unknown): LinkRequest {
  return { event, data, timeoutMs: STREAM_REQUEST_MS, repeatable: false, patient: false, bound: true };
}
