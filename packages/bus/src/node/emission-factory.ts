/**
 * From a caller's wish to an emission that may be journalled: rights, contract, id, size, story (P8).
 * The only place where envelopes are made.
 */
import type { Journal } from "../journal/journal.ts";
import { findLine } from "../journal/find.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { sameContent } from "../signal/canonical.ts";
import type { Contract, Contracts } from "../signal/contract.ts";
import { UUID } from "../signal/envelope-fields.ts";
import { PRIORITIES, type Envelope } from "../signal/envelope.ts";
import {
  ContractViolationError,
  EmitRightError,
  IdReusedError,
  SignalTooLargeError,
  UnknownSignalError,
} from "../signal/errors.ts";
import { createIdGenerator } from "../signal/id-generator.ts";
import { isDeeperThan } from "../signal/json-depth.ts";
import type { EmitOptions, Receipt } from "./api.ts";
import type { Emission } from "./unit.ts";

export type Prepared =
  | { readonly kind: "new"; readonly emission: Emission }
  /** The id is on disk already, with the same content. */
  | { readonly kind: "known"; readonly receipt: Receipt }
  /** The id is on its way to disk, with the same content. */
  | { readonly kind: "pending"; readonly emission: Emission };

export interface FactoryOptions {
  readonly daemon: string;
  readonly journal: Journal;
  readonly contracts: Contracts;
  readonly limits: Pick<BusLimits, "maxSignalBytes" | "maxSignalDepth">;
  readonly now: () => number;
}

/** The signal that is being handled; what is emitted meanwhile is caused by it. */
export type Cause = Pick<Envelope, "id" | "correlation_id">;

/** Bytes that an envelope adds to its facts, at most: names and source at their longest. */
const ENVELOPE_BYTES = 900;

export class EmissionFactory {
  readonly #options: FactoryOptions;
  readonly #nextId: () => string;
  /** Supplied ids on their way to disk. */
  readonly #pending = new Map<string, Emission>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #timestamp = "";
  #timestampMs = Number.NaN;

  constructor(options: FactoryOptions) {
    this.#options = options;
    this.#nextId = createIdGenerator({ now: options.now, lastMs: options.journal.heads.lastIdMs });
  }

  /** @throws {UnknownSignalError}, {EmitRightError}, {ContractViolationError}, {SignalTooLargeError}, {IdReusedError} */
  prepare(signal: string, facts: object, options: EmitOptions | undefined, cause: Cause | null): Prepared {
    const contract = this.#options.contracts.get(signal);
    if (contract === undefined) throw new UnknownSignalError(signal, `${signal}: no contract has this name`);
    if (!this.#options.contracts.mayEmit(this.#options.daemon, signal)) {
      throw new EmitRightError(this.#options.daemon, signal, contract.emitters);
    }
    const problems = this.#options.contracts.problemsOut(signal, facts);
    if (problems.length > 0) throw new ContractViolationError(signal, problems);
    const id = options?.id;
    const known = id === undefined ? null : this.#known(id, signal, facts);
    if (known !== null) return known;
    return { kind: "new", emission: this.#emission(signal, facts, contract, options, cause) };
  }

  #emission(
    signal: string,
    facts: object,
    contract: Contract,
    options: EmitOptions | undefined,
    cause: Cause | null,
  ): Emission {
    if (options !== undefined) this.#checkOptions(signal, options);
    const id = options?.id ?? this.#nextId();
    const factsJson = factsText(signal, facts);
    this.#checkSize(signal, factsJson);
    const emission = {
      signal,
      id,
      supplied: options?.id !== undefined,
      volatile: contract.kind === "telemetry",
      timestamp: this.#now(),
      source: this.#options.daemon,
      factsJson,
      version: contract.version,
      priority: options?.priority ?? contract.priority,
      correlation_id: options?.correlation_id ?? cause?.correlation_id ?? id,
      causation_id: options?.causation_id === undefined ? (cause?.id ?? null) : options.causation_id,
      holders: 1,
      seq: 0,
    };
    if (emission.supplied) this.#pending.set(id, emission);
    return emission;
  }

  #checkOptions(signal: string, { correlation_id, causation_id, priority }: EmitOptions): void {
    if (priority !== undefined && !PRIORITIES.includes(priority)) {
      const message = `must be one of ${PRIORITIES.join(", ")} (got ${JSON.stringify(priority)})`;
      throw new ContractViolationError(signal, [{ path: "/priority", message }]);
    }
    for (const [field, value] of Object.entries({
      correlation_id,
      causation_id: causation_id ?? undefined,
    })) {
      if (value === undefined || UUID.test(value)) continue;
      throw new ContractViolationError(signal, [{ path: `/${field}`, message: "must be a lowercase UUID" }]);
    }
  }

  #checkSize(signal: string, factsJson: string): void {
    const { maxSignalBytes, maxSignalDepth } = this.#options.limits;
    // A UTF-16 unit is at most three bytes of UTF-8; count only what could be too much.
    if (factsJson.length * 3 + ENVELOPE_BYTES > maxSignalBytes) {
      const bytes = Buffer.byteLength(factsJson) + ENVELOPE_BYTES;
      if (bytes > maxSignalBytes) throw new SignalTooLargeError(signal, bytes, maxSignalBytes);
    }
    if (isDeeperThan(factsJson, maxSignalDepth - 1)) {
      const message = `nests deeper than ${String(maxSignalDepth)} levels`;
      throw new ContractViolationError(signal, [{ path: "", message }]);
    }
  }

  #known(id: string, signal: string, facts: unknown): Prepared | null {
    if (!UUID.test(id))
      throw new ContractViolationError(signal, [{ path: "/id", message: "must be a lowercase UUID" }]);
    const emission = this.#pending.get(id);
    if (emission !== undefined) {
      if (emission.signal !== signal || !sameContent(JSON.parse(emission.factsJson), facts))
        throw new IdReusedError(id, signal, emission.signal);
      return { kind: "pending", emission };
    }
    const line = findLine(this.#options.journal, id);
    if (line === null) return null;
    const first = JSON.parse(line) as Envelope;
    if (first.signal !== signal || !sameContent(first.facts, facts))
      throw new IdReusedError(id, signal, first.signal);
    return { kind: "known", receipt: { id, signal, seq: first.seq, durability: "duplicate" } };
  }

  /** The emission is on disk, or never will be: the journal answers for its id from now on. */
  settled({ id, supplied }: Emission): void {
    if (!supplied || !this.#pending.delete(id)) return;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.forEach((resolve) => {
      resolve();
    });
  }

  /** One of those that wanted it will not have it; the id is free when nobody is left. */
  dropped(emission: Emission): void {
    if (--emission.holders === 0) this.settled(emission);
  }

  /** Resolves when the supplied id that is on its way to disk has arrived there, or never will. */
  whenSettled(id: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
    });
  }

  #now(): string {
    const ms = this.#options.now();
    if (ms !== this.#timestampMs) {
      this.#timestampMs = ms;
      this.#timestamp = new Date(ms).toISOString();
    }
    return this.#timestamp;
  }
}

function factsText(signal: string, facts: object): string {
  try {
    return JSON.stringify(facts);
  } catch (cause) {
    // Valid under an open contract, and still not JSON: a cycle or a BigInt.
    throw new ContractViolationError(signal, [{ path: "", message: (cause as Error).message }], { cause });
  }
}
