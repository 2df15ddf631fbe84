/**
 * Several daemons of a home, asked at once. Each result says whose it is. Who does not answer is a failure with its
 * remedy; methods that need everybody reject with all failures, the others leave them out or hand them over.
 */
import { mergeResults, type GivenResult } from "./answers/merge-results.ts";
import { type Outcome, outcomeOf, sortOutcomes, sortResults } from "./answers/outcome.ts";
import { isRecord, memberOf } from "./answers/results.ts";
import { type ResultsAndErrors, warnProcess, withErrors } from "./answers/with-errors.ts";
import { Client, type ClientDefaults, type ValueAt } from "./client.ts";
import {
  type Arguments,
  type EventName,
  isRepeatable,
  type RequestOf,
  type ResponseOf,
  type ResultOf,
} from "./control-events.ts";
import { DaemonsFailedError, NoDaemonsError, ResultCountError } from "./errors.ts";
import { DaemonLink, type LinkPolicy } from "./link/daemon-link.ts";
import type { ErrorModeOptions, MergeOptions, RequestOptions, ValueOptions } from "./request-options.ts";
import { type SubscribeOptions, subscribeSignals, type SubscriptionItem } from "./streams/signals.ts";
import type { Stream } from "./streams/stream.ts";
import { daemonsOf, placeOf } from "./targets/daemons.ts";

/** What a daemon answered, and which one. */
export interface Answer<T> {
  readonly daemon: string;
  readonly data: T;
}

export interface MeshPlace {
  readonly home: string;
  /** `all`: those that have a socket when they are asked. */
  readonly daemons: "all" | readonly string[];
}

export class MeshClient implements AsyncDisposable {
  readonly #place: MeshPlace;
  readonly #defaults: ClientDefaults;
  readonly #policy: LinkPolicy;
  readonly #links = new Map<string, DaemonLink>();

  constructor(place: MeshPlace, defaults: ClientDefaults, policy: LinkPolicy) {
    this.#place = place;
    this.#defaults = defaults;
    this.#policy = policy;
  }

  /** Names of those that would be asked now. */
  daemons(): readonly string[] {
    const { home, daemons } = this.#place;
    return daemons === "all" ? daemonsOf(home) : daemons;
  }

  /** One of the home's daemons alone, over the same connection; closed with this client. */
  daemon(name: string): Client {
    return new Client(this.#link(name), this.#defaults);
  }

  /** The answers as they are, one of each daemon. @throws {DaemonsFailedError} not all answered */
  async send<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<readonly Answer<ResponseOf<E>>[]> {
    const [data, options] = rest;
    const outcomes = await Promise.all(this.#ask(event, data, options));
    this.#mustAll(event, outcomes);
    return outcomes.flatMap((outcome) =>
      outcome.kind === "answered" ? [{ daemon: outcome.daemon, data: outcome.data as ResponseOf<E> }] : [],
    );
  }

  /** All results of all daemons. @throws {DaemonsFailedError} not all answered */
  async sendAll<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<readonly Answer<ResultOf<E>>[]> {
    const [data, options] = rest;
    return (await this.#results(event, data, options)).map(toAnswer<ResultOf<E>>);
  }

  /** The one result of all daemons together. @throws {ResultCountError} none, or several */
  async sendSingle<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<Answer<ResultOf<E>>> {
    const [only, ...more] = await this.sendAll(event, ...rest);
    if (only === undefined || more.length > 0)
      throw new ResultCountError(event, this.daemons().join(", "), only === undefined ? 0 : 1 + more.length);
    return only;
  }

  /** The result that comes first, whoever gives it; null when all answered and none has one. @throws {DaemonsFailedError} */
  async sendFirst<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<Answer<ResultOf<E>> | null> {
    const [data, options] = rest;
    const enough = new AbortController();
    const asked = this.#ask(event, data, { ...options, signal: either(enough.signal, options?.signal) });
    try {
      return await new Promise<Answer<ResultOf<E>> | null>((resolve, reject) => {
        for (const each of asked)
          each.then((outcome) => {
            const [first] = sortOutcomes([outcome]).results;
            if (first) resolve(toAnswer<ResultOf<E>>(first));
          }, reject);
        Promise.all(asked)
          .then((outcomes) => {
            this.#mustAll(event, outcomes);
            resolve(null);
          })
          .catch(reject);
      });
    } finally {
      enough.abort();
    }
  }

  /** One member (default `value`) of the first result that has it, in the daemons' order, or the default. @throws {DaemonsFailedError} */
  async getValue<E extends EventName, Key extends string = "value", Default = undefined>(
    event: E,
    data: RequestOf<E>,
    { key, default: otherwise, ...options }: ValueOptions<Key, Default> = {},
  ): Promise<ValueAt<ResultOf<E>, Key> | Default> {
    const values = (await this.#results(event, data, options)).map(({ result }) =>
      memberOf(result, key ?? "value"),
    );
    return (values.find((value) => value !== undefined) ?? otherwise) as ValueAt<ResultOf<E>, Key> | Default;
  }

  /** The results as one; objects in joined lists get a member `daemon`. @throws {DaemonsFailedError} {MergeConflictError} */
  async sendAndMerge(event: EventName, data: unknown, options: MergeOptions = {}): Promise<unknown> {
    const { mergeKey, ...rest } = options;
    const results = await this.#results(event, data, rest);
    return mergeResults(
      event,
      results.map((given) => ({ ...given, result: withDaemon(given, mergeKey) })),
      mergeKey,
    );
  }

  /** The results that are no failures; who does not answer is left out. */
  async sendSuccessOnly<E extends EventName>(
    event: E,
    ...rest: Arguments<E, RequestOptions>
  ): Promise<readonly Answer<ResultOf<E>>[]> {
    const [data, options] = rest;
    const outcomes = await Promise.all(this.#ask(event, data, options));
    return sortResults(event, outcomes).results.map(toAnswer<ResultOf<E>>);
  }

  /** Results and failures apart, as `errorMode` says. */
  async sendWithErrors<E extends EventName>(
    event: E,
    data: RequestOf<E>,
    { errorMode = "collect", ...options }: ErrorModeOptions = {},
  ): Promise<ResultsAndErrors<Answer<ResultOf<E>>>> {
    const enough = new AbortController();
    const asked = this.#ask(event, data, { ...options, signal: either(enough.signal, options.signal) });
    for (const each of asked) each.catch(() => undefined); // Told by the first that fails.
    try {
      const onWarning = this.#defaults.onWarning ?? warnProcess;
      const { results, errors } = await withErrors(event, asked, errorMode, onWarning);
      return { results: results.map(toAnswer<ResultOf<E>>), errors };
    } finally {
      enough.abort();
    }
  }

  /** The signals that the daemons that run now emit and receive, as they come. */
  subscribe(options?: SubscribeOptions): Stream<SubscriptionItem> {
    const links = this.#asked().map((name) => this.#link(name));
    return subscribeSignals(links, options);
  }

  /** Closes the connections to all of them. */
  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.close());
  }

  async #results(event: string, data: unknown, options?: RequestOptions): Promise<readonly GivenResult[]> {
    const outcomes = await Promise.all(this.#ask(event, data, options));
    this.#mustAll(event, outcomes);
    return sortOutcomes(outcomes).results;
  }

  #ask(event: string, data: unknown, options: RequestOptions = {}): readonly Promise<Outcome>[] {
    const { timeoutMs = this.#defaults.timeoutMs, repeatable = isRepeatable(event, data), signal } = options;
    // Not patient: among several, one that is stopped must not hold up the answers of the others.
    const request = { event, data, timeoutMs, signal, repeatable, patient: false };
    const ask = async (name: string) => (await this.#link(name).request(request)).data;
    return this.#asked().map((name) => outcomeOf(name, ask(name)));
  }

  #asked(): readonly string[] {
    const names = this.daemons();
    if (names.length === 0) throw new NoDaemonsError(this.#place.home);
    return names;
  }

  #mustAll(event: string, outcomes: readonly Outcome[]): void {
    const { failures } = sortOutcomes(outcomes);
    if (failures.length > 0) throw new DaemonsFailedError(event, failures, outcomes.length);
  }

  #link(name: string): DaemonLink {
    let link = this.#links.get(name);
    if (!link) this.#links.set(name, (link = new DaemonLink(placeOf(this.#place.home, name), this.#policy)));
    return link;
  }
}

function toAnswer<T>({ daemon, result }: GivenResult): Answer<T> {
  return { daemon, data: result as T };
}

function either(a: AbortSignal, b: AbortSignal | undefined): AbortSignal {
  return b === undefined ? a : AbortSignal.any([a, b]);
}

/** The objects in the list that is to be joined say whose they are, unless they do already. */
function withDaemon({ daemon, result }: GivenResult, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined || !isRecord(result)) return result;
  const part = result[mergeKey];
  if (!Array.isArray(part)) return result;
  return {
    ...result,
    [mergeKey]: part.map((item: unknown) => (isRecord(item) ? { daemon, ...item } : item)),
  };
}
