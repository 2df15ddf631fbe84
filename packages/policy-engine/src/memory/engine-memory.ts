/**
 * All that the engine remembers, over the state of one transaction: what it reads and writes here becomes durable together with
 * the emissions it leads to, or not at all (P3). Pure: the state is passed in.
 */
import type { Contracts, TxState } from "@kloros/bus";
import type { Lookups, Remembered } from "../cel/lookups.ts";
import type { Flight } from "../gates/gate.ts";
import type { Memory } from "../rules/evaluate.ts";
import { MAX_RATE } from "../rules/read-gates.ts";
import { BoundedMap } from "./bounded-map.ts";
import { Deferrals } from "./deferrals.ts";
import { Flights } from "./flights.ts";
import { History } from "./history.ts";

export interface MemoryLimits {
  /** Tokens of `once`, over all rules. */
  readonly tokens: number;
  /** Signals of each name. */
  readonly history: number;
  readonly deferrals: number;
}

/** Pairs of rule and key whose last emission is remembered for cooldowns. */
const MAX_KEYS = 20_000;
/** Rules whose emissions are counted; names that are no longer in the file included. */
const MAX_RULE_NAMES = 1_000;

export class EngineMemory implements Memory, Lookups {
  readonly clockMs: number;
  readonly deferrals: Deferrals;
  readonly flightBook: Flights;
  readonly #history: History;
  readonly #tokens: BoundedMap<1>;
  readonly #lastSpawns: BoundedMap<number>;
  readonly #spawns: BoundedMap<readonly number[]>;
  readonly #contracts: Contracts;
  readonly #histories = new Map<string, readonly Remembered[]>();

  constructor(state: TxState, contracts: Contracts, clockMs: number, limits: MemoryLimits) {
    this.clockMs = clockMs;
    this.#contracts = contracts;
    this.deferrals = new Deferrals(state, limits.deferrals);
    this.flightBook = new Flights(state, contracts);
    this.#history = new History(state, limits.history);
    this.#tokens = new BoundedMap(state, "token", limits.tokens);
    this.#lastSpawns = new BoundedMap(state, "last", MAX_KEYS);
    this.#spawns = new BoundedMap(state, "spawns", MAX_RULE_NAMES);
  }

  history(signal: string): readonly Remembered[] {
    const known = this.#histories.get(signal) ?? this.#history.of(signal);
    this.#histories.set(signal, known);
    return known;
  }

  remember(signal: Parameters<History["add"]>[0]): void {
    this.#histories.delete(signal.signal);
    this.#history.add(signal, this.clockMs);
  }

  isSpent(rule: string, token: string): boolean {
    return this.#tokens.get(`${rule}\t${token}`) !== undefined;
  }

  spend(rule: string, tokens: readonly string[]): void {
    for (const token of tokens) this.#tokens.put(`${rule}\t${token}`, 1);
  }

  spawns(rule: string): readonly number[] {
    return this.#spawns.get(rule) ?? [];
  }

  lastSpawn(rule: string, key: string): number | null {
    return this.#lastSpawns.get(`${rule}\t${key}`) ?? null;
  }

  /** An emission of the rule, for its cooldown and its rate. */
  spawned(rule: string, key: string): void {
    this.#lastSpawns.put(`${rule}\t${key}`, this.clockMs);
    this.#spawns.put(rule, [...this.spawns(rule), this.clockMs].slice(-MAX_RATE));
  }

  flights(signal: string): readonly Flight[] {
    return this.flightBook.of(signal);
  }

  isInFlight(signal: string): boolean {
    return this.flights(signal).some(({ isOpen, expiresMs }) => isOpen && expiresMs > this.clockMs);
  }

  restartTarget(action: string): string {
    const named = this.#contracts.daemons.find(({ package: of }) => action === restartAction(of));
    return named?.name ?? "";
  }

  outcomesOf(signal: string): readonly string[] {
    const expects = this.#contracts.get(signal)?.expects;
    return expects ? [...expects.any_of, expects.on_timeout] : [];
  }
}

/** As contracts and alerts write it: `restart_dream_consumer` for the package `dream-consumer`. */
function restartAction(packageName: string): string {
  return `restart_${packageName.replaceAll("-", "_")}`;
}
