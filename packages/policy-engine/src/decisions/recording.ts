/** Turns what was decided on one signal into decisions. */
import type { Envelope } from "@kloros/bus";
import type { Planned, Verdict } from "../decide.ts";
import type { Deferral } from "../memory/deferrals.ts";
import type { Rule } from "../rules/rule.ts";
import type { Trigger } from "../rules/trigger.ts";
import type { Session } from "../session.ts";
import { type Decision, DECISION_SCHEMA, type DecisionOutcome } from "./decision.ts";
import { excerpt } from "./excerpt.ts";
import type { Recorded } from "./recorder.ts";

interface Told {
  readonly outcome: DecisionOutcome;
  readonly rule: string | null;
  readonly key: string | null;
  readonly reason: string;
  readonly gates?: Planned["gates"];
  readonly emitted?: Decision["emitted"];
  readonly deferral?: Deferral | undefined;
  readonly line?: number;
}

export class Recording {
  readonly trigger: Trigger | null;
  readonly #session: Session;
  readonly #signal: Envelope;

  constructor(session: Session, signal: Envelope, trigger: Trigger | null) {
    this.trigger = trigger;
    this.#session = session;
    this.#signal = signal;
  }

  noRule(): void {
    const reason = `no rule answers ${this.#signal.signal}; it is remembered for those that look back`;
    this.#tell({ outcome: "no_rule", rule: null, key: null, reason }, `no_rule${this.#about()}`);
  }

  no(
    { name }: Rule,
    { key, cause, reason }: Extract<Verdict, { kind: "no" }>,
    deferral?: Deferral,
  ): Recorded {
    const signature = deferral ? null : `no/${cause}${this.#about()}`;
    return this.#tell({ outcome: "no", rule: name, key, reason, deferral }, signature);
  }

  error({ name }: Rule, { key, line, reason }: Extract<Verdict, { kind: "error" }>): Recorded {
    const signature = `error/${line}/${this.#session.rules.version}`;
    return this.#tell({ outcome: "error", rule: name, key, reason, line }, signature);
  }

  yes({ name }: Rule, { key, reason, gates, emission }: Planned, id: string, deferral?: Deferral): void {
    const emitted = [{ signal: emission.signal, id, facts: excerpt(emission.facts) }];
    this.#tell({ outcome: "yes", rule: name, key, reason, gates, emitted, deferral }, null);
  }

  /** Returns the decision's id. */
  deferred({ name }: Rule, verdict: Extract<Verdict, { kind: "defer" }>, deferral?: Deferral): string {
    const { key, reason, gates, closed } = verdict;
    const told: Told = {
      outcome: "deferred",
      rule: name,
      key,
      reason: `deferred: ${reason}`,
      gates,
      deferral,
    };
    return this.#tell(told, `deferred/${closed.gate}`).id;
  }

  /** A deferral that ended without being decided again. */
  ended(rule: string, deferral: Deferral, reason: string): void {
    this.#tell({ outcome: "no", rule, key: deferral.key, reason, deferral }, null);
  }

  /** What was decided about one daemon does not repeat what was decided about another: each can be asked why. */
  #about(): string {
    const { daemon } = this.#signal.facts;
    return typeof daemon === "string" ? `/${daemon}` : "";
  }

  #tell(told: Told, signature: string | null): Recorded & { readonly id: string } {
    const { recorder, surroundings, rules, at, newId } = this.#session;
    const { facts, signal, id, source, timestamp, correlation_id, causation_id } = this.#signal;
    const { resources, presence } = surroundings.world;
    const { outcome, rule, key, reason, gates = [], emitted = [], deferral, line } = told;
    const decision: Decision = {
      schema: DECISION_SCHEMA,
      id: newId(),
      at,
      outcome,
      rule,
      key,
      reason,
      signal: { signal, id, source, timestamp, correlation_id, causation_id },
      emitted,
      gates: gates.map(({ gate, open, reason: why }) => ({ gate, open, reason: why })),
      inputs: {
        facts: excerpt(facts),
        ...(this.trigger !== null && { trigger: excerpt(this.trigger) }),
        ...(rule !== null && { resources, presence }),
      },
      ...(deferral !== undefined && { deferred_by: deferral.decision_id }),
      ...(line !== undefined && { line }),
      policies: rules.version,
    };
    return { ...recorder.record(decision, signature), id: decision.id };
  }
}
