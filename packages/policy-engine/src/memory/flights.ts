/**
 * Signals whose contract expects an end, from when the engine emitted or saw them until the end comes: what the in-flight guard
 * asks, and where a retry finds what was asked for. Ended ones are kept for a while, so that a late end is recognised.
 * Pure: the state is passed in.
 */
import type { Contracts, Envelope, TxState } from "@kloros/bus";
import type { Flight } from "../gates/gate.ts";
import { valueAt } from "../rules/fill-template.ts";
import { BoundedMap } from "./bounded-map.ts";

/** Flights known, ended ones included. */
const MAX_FLIGHTS = 2_000;
/** Longer facts are not kept, so a retry cannot take them over; in characters. */
const MAX_FACTS_CHARACTERS = 65_536;
/** An end that does not come in so many times the expected time will not come. */
const PATIENCE = 2;

type Begun = Pick<Envelope, "signal" | "id" | "correlation_id" | "facts">;

export class Flights {
  readonly #map: BoundedMap<Flight>;
  readonly #contracts: Contracts;

  constructor(state: TxState, contracts: Contracts) {
    this.#map = new BoundedMap(state, "flight", MAX_FLIGHTS);
    this.#contracts = contracts;
  }

  of(signal: string): Flight[] {
    return this.#map.list(`${signal}\t`, MAX_FLIGHTS).map(({ value }) => value);
  }

  /** Does nothing for a signal without expectation, and for one that is known. */
  begin({ signal, id, correlation_id, facts }: Begun, clockMs: number): void {
    const expects = this.#contracts.get(signal)?.expects;
    if (!expects || this.#map.get(`${signal}\t${id}`) !== undefined) return;
    this.#map.put(`${signal}\t${id}`, {
      signal,
      id,
      correlation_id,
      match: expects.match === undefined ? null : (valueAt(facts, expects.match) ?? null),
      facts: JSON.stringify(facts).length > MAX_FACTS_CHARACTERS ? null : facts,
      sinceMs: clockMs,
      expiresMs: clockMs + PATIENCE * expects.within_seconds * 1_000,
      isOpen: true,
    });
  }

  /** Ends what `signal` is the end of. Returns the flight it is most likely about, ended just now or before. */
  settle(signal: Envelope): Flight | null {
    const ended = this.#contracts.names.flatMap((name) => {
      const expects = this.#contracts.get(name)?.expects;
      if (!expects || ![...expects.any_of, expects.on_timeout].includes(signal.signal)) return [];
      const { trigger_id: told } = signal.facts;
      return this.of(name).filter((flight) =>
        typeof told === "string" ? flight.id === told : isEndOf(signal, flight, expects.match),
      );
    });
    const exact = ended.filter(({ id }) => id === signal.causation_id);
    const meant = exact.length > 0 ? exact : ended;
    for (const flight of meant)
      if (flight.isOpen) this.#map.put(`${flight.signal}\t${flight.id}`, { ...flight, isOpen: false });
    return meant.findLast(({ isOpen }) => isOpen) ?? meant.at(-1) ?? null;
  }
}

/** Same story, and the same match where the end names one. */
function isEndOf(signal: Envelope, flight: Flight, match: string | undefined): boolean {
  if (flight.correlation_id !== signal.correlation_id) return false;
  const value = match === undefined ? undefined : valueAt(signal.facts, match);
  return value === undefined || JSON.stringify(value) === JSON.stringify(flight.match);
}
