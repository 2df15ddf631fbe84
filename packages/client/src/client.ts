/**
 * One daemon, asked. A single answer is an object, several are an array; the methods differ in what they make of that.
 * All reject with the errors of `errors.ts`; what is in flight when the connection breaks is not blindly repeated (P3).
 */
import {
  type Arguments,
  type EventName,
  isRepeatable,
  type RequestOf,
  type ResponseOf,
  type ResultOf,
} from "./control-events.ts";
import { mergeResults } from "./answers/merge-results.ts";
import { outcomeOf, sortResults } from "./answers/outcome.ts";
import { memberOf, resultsOf } from "./answers/results.ts";
import { whenReady } from "./answers/when-ready.ts";
import { type ResultsAndErrors, warnProcess, withErrors } from "./answers/with-errors.ts";
import type { AskSingle } from "./conveniences/ask-single.ts";
import { openQueue, type Queue } from "./conveniences/queue.ts";
import {
  registerForShutdown,
  type ShutdownBegun,
  type ShutdownOptions,
  type ShutdownRegistration,
} from "./conveniences/on-shutdown.ts";
import { openState, type State } from "./conveniences/state.ts";
import { type DaemonFailure, ResultCountError } from "./errors.ts";
import type { ControlReply } from "./link/reply-line.ts";
import type { DaemonLink } from "./link/daemon-link.ts";
import type { ErrorModeOptions, MergeOptions, RequestOptions, ValueOptions } from "./request-options.ts";
import { type SubscribeOptions, subscribeSignals, type SubscriptionItem } from "./streams/signals.ts";
import {
  type Missed,
  openStream,
  type Stream,
  type StreamEvent,
  type StreamOptions,
} from "./streams/stream.ts";

/** What the member of a result is known to be. */
export type ValueAt<Result, Key extends string> = Key extends keyof Result ? Result[Key] : unknown;

/** What every client is made with. */
export interface ClientDefaults {
  readonly timeoutMs: number;
  /** What `errorMode: "warn"` tells; default: a warning of the process. */
  readonly onWarning?: ((failure: DaemonFailure) => void) | undefined;
}

export class Client implements AsyncDisposable {
  /** Name of the daemon that is asked. */
  readonly daemon: string;
  readonly #link: DaemonLink;
  readonly #defaults: ClientDefaults;

  constructor(link: DaemonLink, defaults: ClientDefaults) {
    this.daemon = link.place.daemon;
    this.#link = link;
    this.#defaults = defaults;
  }

  /** The answer as the daemon gave it: an object, an array, or null. */
  async send<E extends EventName>(event: E, ...rest: Arguments<E, RequestOptions>): Promise<ResponseOf<E>> {
    const [data, options] = rest;
    return (await this.#ask(event, data, options)) as ResponseOf<E>;
  }

  /** The whole reply as the daemon sent it: beside the data how many results, the correlation id, and when. */
  async sendForReply(event: EventName, data?: unknown, options?: RequestOptions): Promise<ControlReply> {
    return this.#reply(event, data, options);
  }

  /** The one result. @throws {ResultCountError} none, or several */
  async sendSingle<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<ResultOf<E>> {
    const [data, options] = rest;
    const results = resultsOf(await this.#ask(event, data, options));
    if (results.length !== 1) throw new ResultCountError(event, this.daemon, results.length);
    return results[0] as ResultOf<E>;
  }

  /** All results, always an array. */
  async sendAll<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<readonly ResultOf<E>[]> {
    const [data, options] = rest;
    return resultsOf(await this.#ask(event, data, options)) as readonly ResultOf<E>[];
  }

  /** The first result, or null when there is none. */
  async sendFirst<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<ResultOf<E> | null> {
    return (await this.sendAll(event, ...rest))[0] ?? null;
  }

  /** One member (default `value`) of the first result, or the default when it is not there or null. */
  async getValue<E extends EventName, Key extends string = "value", Default = undefined>(
    event: E,
    data: RequestOf<E>,
    { key, default: otherwise, ...options }: ValueOptions<Key, Default> = {},
  ): Promise<ValueAt<ResultOf<E>, Key> | Default> {
    const [first] = resultsOf(await this.#ask(event, data, options));
    return (memberOf(first, key ?? "value") ?? otherwise) as ValueAt<ResultOf<E>, Key> | Default;
  }

  /** The results as one: lists joined, objects laid over each other. @throws {MergeConflictError} */
  async sendAndMerge(
    event: EventName,
    data: unknown,
    { mergeKey, ...options }: MergeOptions = {},
  ): Promise<unknown> {
    const { daemon } = this;
    const results = resultsOf(await this.#ask(event, data, options));
    return mergeResults(
      event,
      results.map((result) => ({ daemon, result })),
      mergeKey,
    );
  }

  /** The results that are no failures (no member `error`); none when the daemon refuses or does not answer. */
  async sendSuccessOnly<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<readonly ResultOf<E>[]> {
    const [data, options] = rest;
    const outcome = await outcomeOf(this.daemon, this.#ask(event, data, options));
    return sortResults(event, [outcome]).results.map(({ result }) => result as ResultOf<E>);
  }

  /** Results and failures apart, as `errorMode` says. */
  async sendWithErrors<E extends EventName>(
    event: E,
    data: RequestOf<E>,
    { errorMode = "collect", ...options }: ErrorModeOptions = {},
  ): Promise<ResultsAndErrors<ResultOf<E>>> {
    const asked = outcomeOf(this.daemon, this.#ask(event, data, options));
    const onWarning = this.#defaults.onWarning ?? warnProcess;
    const { results, errors } = await withErrors(event, [asked], errorMode, onWarning);
    return { results: results.map(({ result }) => result as ResultOf<E>), errors };
  }

  /** The signals that this daemon emits and receives, as they come. */
  subscribe(options?: SubscribeOptions): Stream<SubscriptionItem> {
    return subscribeSignals([this.#link], options);
  }

  /** The lines of any event that opens a stream, such as `monitor:subscribe`. */
  stream(event: string, data: unknown = {}, options?: StreamOptions): Stream<StreamEvent | Missed> {
    return openStream<StreamEvent>(
      [this.#link],
      event,
      data,
      (item) => (item.kind === "event" ? item : null),
      options,
    );
  }

  /** Values that the daemon keeps, under names of this namespace. */
  state(namespace?: string): State {
    return openState(this.#askSingle, namespace);
  }

  /** A queue that the daemon keeps. */
  queue(namespace: string, name: string): Queue {
    return openQueue(this.#askSingle, namespace, name);
  }

  /**
   * Takes part in the daemon's stop: when it begins, `handler` runs, and the daemon waits for it, at most `withinSeconds`.
   * Resolves when registered; registered again after each lost connection.
   */
  onShutdown(
    service: string,
    handler: (begun: ShutdownBegun) => unknown,
    options?: ShutdownOptions,
  ): Promise<ShutdownRegistration> {
    return registerForShutdown(this.#link, service, handler, {
      onFailure: (error) => (this.#defaults.onWarning ?? warnProcess)({ daemon: this.daemon, error }),
      ...options,
    });
  }

  /** Fails what is unanswered and leaves nothing behind that keeps the process alive. */
  close(): void {
    this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.close());
  }

  readonly #askSingle: AskSingle = async (event, data, options) => this.sendSingle(event, data, options);

  async #ask(event: string, data: unknown, options?: RequestOptions): Promise<unknown> {
    return (await this.#reply(event, data, options)).data;
  }

  #reply(event: string, data: unknown, options: RequestOptions = {}): Promise<ControlReply> {
    const { timeoutMs = this.#defaults.timeoutMs, repeatable = isRepeatable(event, data), signal } = options;
    const request = { event, data, signal, repeatable, patient: true };
    return whenReady((leftMs) => this.#link.request({ ...request, timeoutMs: leftMs }), timeoutMs, signal);
  }
}
