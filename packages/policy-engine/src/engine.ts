/**
 * Acts on what rules say, each signal and each look at what waits in one transaction: tokens, counts, deferrals, decisions and
 * emissions become durable together (P3). Synchronous throughout, so that no two decisions see each other half done.
 *
 * E1 A deferral ends only by an emission, by a no on fresh facts, by an error that is told, or with its rule.
 * E2 An emission is caused by the signal that it was decided on.
 * E3 A broken rule is told once for each fault and version of the file: as a decision and a dead letter (P6).
 */
import type { Envelope, EmitOptions, Facts, Tx } from "@kloros/bus";
import { decide, type Planned, type Question, type Verdict } from "./decide.ts";
import { PolicyRuleError, TooManyDeferredError } from "./errors.ts";
import type { GateName } from "./gates/gate.ts";
import { checkGates } from "./gates/check-gates.ts";
import type { Deferral } from "./memory/deferrals.ts";
import { Recording } from "./decisions/recording.ts";
import type { EngineSetting, Session } from "./session.ts";
import { openSession } from "./session.ts";
import { ENGINE } from "./rules/knowledge.ts";
import type { Rule } from "./rules/rule.ts";
import { retryToken, triggerOf } from "./rules/trigger.ts";

/** The gates as the contract of Q_DECISION_DEFERRED names them. */
const GATE_WORDS: Readonly<Record<GateName, Facts<"Q_DECISION_DEFERRED">["gate"]>> = {
  maintenance: "maintenance",
  quiet_hours: "quiet_hours",
  presence: "presence",
  delay: "delay",
  in_flight: "in_flight",
  not_during: "in_flight",
  cooldown: "cooldown",
  rate: "rate",
  breaker: "breaker",
  disk_free: "resources",
  memory_free: "resources",
  load: "resources",
};

export class Engine {
  readonly #setting: EngineSetting;

  constructor(setting: EngineSetting) {
    this.#setting = setting;
  }

  /** Decides on a signal. True: a decision waits, and may have become possible. */
  onSignal(signal: Envelope, tx: Tx): boolean {
    const session = openSession(this.#setting, tx);
    const { memory } = session;
    const settled = memory.flightBook.settle(signal);
    memory.remember(signal);
    memory.flightBook.begin(signal, memory.clockMs);
    const rules = session.rules.policies.rules.filter(({ on }) => on === signal.signal);
    const recording = new Recording(session, signal, triggerOf(signal, settled));
    if (rules.length === 0 && signal.source !== ENGINE) recording.noRule();
    for (const rule of rules) this.#answer(session, rule, signal, recording);
    session.saveClock();
    session.close();
    return memory.deferrals.any();
  }

  #answer(session: Session, rule: Rule, signal: Envelope, recording: Recording): void {
    const { deferrals } = session.memory;
    const asked = deferrals.asked(rule.name);
    const question: Question = { rule, signal, trigger: recording.trigger, notBefore: null };
    const seen = new Set<string>();
    let isWhole = true;
    for (const verdict of decide(question, session.surroundings)) {
      if (verdict.key !== null) seen.add(verdict.key);
      if (verdict.kind === "error") isWhole = false;
      this.#act(session, rule, signal, recording, verdict, earlierOf(session, rule, verdict));
    }
    if (asked !== undefined) deferrals.answered(rule.name);
    if (rule.refresh === null || !isWhole) return;
    for (const gone of deferrals.of(rule.name)) {
      if (seen.has(gone.key)) continue;
      deferrals.delete(gone); // E1
      recording.ended(rule.name, gone, "the facts have changed: it is no longer asked for");
    }
  }

  /** Looks at everything that waits. Returns in how many milliseconds to look again; null: nothing waits. */
  reconsider(tx: Tx): number | null {
    const session = openSession(this.#setting, tx);
    const waits = session.memory.deferrals
      .all()
      .flatMap((deferral) => this.#reconsiderOne(session, deferral) ?? []);
    for (const { name } of session.rules.policies.rules) {
      const asked = session.memory.deferrals.asked(name);
      if (asked !== undefined && asked.untilMs <= session.memory.clockMs)
        session.memory.deferrals.answered(name);
    }
    session.close();
    return waits.length === 0 ? null : waits.reduce((a, b) => Math.min(a, b));
  }

  /** How long it still waits at least, in milliseconds; null: it is over. */
  #reconsiderOne(session: Session, deferral: Deferral): number | null {
    const { memory, surroundings, rules } = session;
    const { deferrals, clockMs } = memory;
    const about = deferrals.about(deferral);
    const rule = rules.policies.rules.find(({ name }) => name === deferral.rule);
    if (about === undefined) {
      deferrals.delete(deferral);
      return null;
    }
    const { signal, trigger } = about;
    const recording = new Recording(session, signal, trigger);
    if (rule?.on !== signal.signal) {
      deferrals.delete(deferral); // E1
      recording.ended(deferral.rule, deferral, "the rule is no longer in policies.yaml");
      return null;
    }
    const { key, match, notBeforeMs } = deferral;
    const subject = { rule: rule.name, key, signal: rule.emit.signal, match, notBeforeMs };
    const gates = checkGates(rule.gates, subject, surroundings.world, memory);
    const closed = gates.find(({ open }) => !open);
    if (closed !== undefined) {
      if (closed.gate !== deferral.gate)
        deferrals.update({ ...deferral, gate: closed.gate, reason: closed.reason });
      return closed.opensInMs ?? session.lookAgainMs;
    }
    if (rule.refresh !== null) {
      const asked = deferrals.asked(rule.name);
      if (asked === undefined) {
        this.#ask(session, rule, signal);
        return rule.refresh.withinMs;
      }
      if (clockMs < asked.untilMs) return asked.untilMs - clockMs;
    }
    return this.#decideStored(session, rule, deferral, signal, recording);
  }

  /** No fresher facts came: those that it was deferred with decide. */
  #decideStored(
    session: Session,
    rule: Rule,
    deferral: Deferral,
    signal: Envelope,
    recording: Recording,
  ): number | null {
    const { deferrals } = session.memory;
    const question: Question = {
      rule,
      signal,
      trigger: recording.trigger,
      notBefore: { ms: deferral.notBeforeMs },
    };
    for (const verdict of decide(question, session.surroundings)) {
      if (verdict.item !== null && verdict.item !== deferral.item) continue;
      deferrals.delete(deferral); // Put back where it is still deferred.
      this.#act(session, rule, signal, recording, verdict, deferral);
      return verdict.kind === "defer" ? (verdict.closed.opensInMs ?? session.lookAgainMs) : null;
    }
    deferrals.delete(deferral);
    recording.ended(rule.name, deferral, "the rule no longer gives this key");
    return null;
  }

  #ask(session: Session, rule: Rule, signal: Envelope): void {
    if (rule.refresh === null) return;
    const { signal: name, facts, withinMs } = rule.refresh;
    const scan_id = session.emit(name, facts, causedBy(signal));
    session.memory.deferrals.ask(rule.name, { scan_id, untilMs: session.memory.clockMs + withinMs });
  }

  #act(
    session: Session,
    rule: Rule,
    signal: Envelope,
    recording: Recording,
    verdict: Verdict,
    deferral: Deferral | undefined,
  ): void {
    const { memory, tx } = session;
    switch (verdict.kind) {
      case "no": {
        if (deferral !== undefined) memory.deferrals.delete(deferral); // E1
        const { isNew } = recording.no(rule, verdict, deferral);
        if (isNew && verdict.cause === "condition") {
          const facts = {
            rule: rule.name,
            signal: signal.signal,
            signal_id: signal.id,
            reason: verdict.reason,
          };
          session.emit("Q_DECISION_REFUSED", facts, causedBy(signal));
        }
        return;
      }
      case "error": {
        const { isNew } = recording.error(rule, verdict);
        if (!isNew) return;
        const error = new PolicyRuleError(rule.name, verdict.line, verdict.reason);
        const key = `${rule.name}/${verdict.line}/${session.rules.version}`;
        tx.deadLetter({ key, signal, error }); // E3
        return;
      }
      case "defer":
        this.#defer(session, rule, signal, recording, verdict, deferral);
        return;
      case "yes":
      case "exhausted":
        this.#emit(session, rule, signal, recording, verdict, deferral);
    }
  }

  #emit(
    session: Session,
    rule: Rule,
    signal: Envelope,
    recording: Recording,
    verdict: Planned & { readonly kind: "yes" | "exhausted" },
    deferral: Deferral | undefined,
  ): void {
    const { memory } = session;
    const { emission, key, tokens } = verdict;
    const id = session.emit(emission.signal, emission.facts, causedBy(signal)); // E2
    if (verdict.kind === "exhausted") memory.spend("", tokens);
    else {
      memory.spend(rule.name, tokens);
      memory.spawned(rule.name, key);
      const { attempt, retry_of } = emission.facts;
      if (rule.retry !== null)
        memory.spend("", [retryToken(emission.signal, String(retry_of), Number(attempt))]);
    }
    if (deferral !== undefined) memory.deferrals.delete(deferral);
    recording.yes(rule, verdict, id, deferral);
  }

  #defer(
    session: Session,
    rule: Rule,
    signal: Envelope,
    recording: Recording,
    verdict: Planned & Extract<Verdict, { kind: "defer" }>,
    earlier: Deferral | undefined,
  ): void {
    const { memory, tx } = session;
    const { deferrals, clockMs } = memory;
    if (earlier === undefined && deferrals.isFull()) {
      const error = new TooManyDeferredError(rule.name, deferrals.limit);
      tx.deadLetter({ key: `deferred/${rule.name}/${verdict.key}/${signal.id}`, signal, error });
      recording.error(rule, { ...verdict, kind: "error", line: rule.line, reason: error.message });
      return;
    }
    const { gate, reason, opensInMs } = verdict.closed;
    const decision_id = recording.deferred(rule, verdict, earlier);
    const deferral: Deferral = {
      rule: rule.name,
      slot: verdict.slot,
      key: verdict.key,
      item: verdict.item,
      signal_id: signal.id,
      emits: verdict.emission.signal,
      match: verdict.match,
      gate,
      reason,
      since: earlier?.since ?? session.at,
      sinceMs: earlier?.sinceMs ?? clockMs,
      notBeforeMs: verdict.notBeforeMs,
      decision_id: earlier?.decision_id ?? decision_id,
    };
    deferrals.put(deferral, { signal, trigger: recording.trigger });
    if (earlier !== undefined) return;
    const reevaluate_at = opensInMs === null ? null : session.wallIn(opensInMs);
    const told = {
      rule: rule.name,
      signal: signal.signal,
      signal_id: signal.id,
      reason,
      gate: GATE_WORDS[gate],
    };
    session.emit("Q_DECISION_DEFERRED", { ...told, reevaluate_at }, causedBy(signal));
  }
}

/**
 * The deferral that a verdict on a new signal replaces or ends. A no ends one only where the signal is a whole picture: another
 * rule's signals are about other things each time.
 */
function earlierOf({ memory }: Session, rule: Rule, verdict: Verdict): Deferral | undefined {
  if ("slot" in verdict) return memory.deferrals.get(rule.name, verdict.slot);
  return rule.refresh === null ? undefined : memory.deferrals.get(rule.name, verdict.key ?? "");
}

function causedBy({ id, correlation_id }: Envelope): EmitOptions {
  return { correlation_id, causation_id: id };
}
