/** Reads one rule of `policies.yaml`. Pure. */
import type { Cursor, Fields } from "@kloros/checked-yaml";
import type { ExpressionContext } from "../cel/expression.ts";
import { factNamesOf, type Knowledge, signalProblem } from "./knowledge.ts";
import { readEmission, readExpression } from "./read-emission.ts";
import { NO_GATES, readGates } from "./read-gates.ts";
import type { EmissionPlan, Gates, Refresh, Retry, Rule } from "./rule.ts";

const NAME = {
  pattern: /^[a-z][a-z0-9_]*$/,
  max: 64,
  form: "a name of a-z, 0-9 and _, at most 64 characters",
};
const ALERT = "Q_HEALTH_ALERT";
/** Facts that a retry adds. */
const RETRY_FACTS = ["attempt", "retry_of"];
const MAX_ATTEMPTS = 20;
const DAY_MS = 86_400_000;
/** A monitor answers within a second; longer than a minute nobody should wait for fresh facts. */
const MAX_REFRESH_MS = 60_000;

/** @param triggerGates gates of rules whose signal is a trigger, where the rule says nothing else */
export function readRule(at: Cursor, knowledge: Knowledge, triggerGates: Gates): Rule {
  return at.map((fields) => {
    const name = fields.required("name").string(NAME);
    const onAt = fields.required("on");
    const on = onAt.string();
    const wrong = on === "" ? null : signalProblem(knowledge, on, "consumed");
    if (wrong !== null) onAt.problem(wrong);
    const plain: ExpressionContext = {
      factNames: factNamesOf(wrong === null ? knowledge.contracts.get(on) : undefined),
      knownSignals: [...knowledge.consumed, ...knowledge.emitted],
      bound: [],
    };
    const whenAt = fields.optional("when");
    const forEachAt = fields.optional("for_each");
    const withEach: ExpressionContext = forEachAt === undefined ? plain : { ...plain, bound: ["each"] };
    const onceAt = fields.optional("once");
    const withFresh: ExpressionContext =
      onceAt === undefined ? withEach : { ...withEach, bound: [...withEach.bound, "fresh", "fresh_index"] };
    const keyAt = fields.optional("key");
    const retryAt = fields.optional("retry");
    const emitAt = fields.required("emit");
    const emit = readEmission(emitAt, knowledge, withFresh, retryAt === undefined ? [] : RETRY_FACTS);
    if (on === ALERT && emit.signal === ALERT)
      emitAt.problem("must not answer an alert with an alert: that never ends");
    const isTrigger = knowledge.contracts.get(emit.signal)?.kind === "trigger";
    const gatesAt = fields.optional("gates");
    const gates = readGates(gatesAt, isTrigger ? triggerGates : NO_GATES, knowledge);
    checkInFlight(gates, emit, knowledge, gatesAt ?? at);
    const rule: Rule = {
      name,
      line: at.line,
      on,
      when: whenAt === undefined ? null : readExpression(whenAt, "bool", plain),
      forEach: forEachAt === undefined ? null : readExpression(forEachAt, "list", plain),
      once: onceAt === undefined ? null : readExpression(onceAt, "any", withEach),
      key: keyAt === undefined ? null : readExpression(keyAt, "any", withEach),
      emit,
      retry: retryAt === undefined ? null : readRetry(retryAt, emit, knowledge, withFresh),
      gates,
      refresh: readRefresh(fields.optional("refresh"), knowledge),
    };
    checkBound(rule, fields);
    return rule;
  });
}

/** A rule without any bound could begin a storm by one careless condition. */
function checkBound(rule: Rule, fields: Fields): void {
  const { gates } = rule;
  const isBound =
    rule.once !== null || rule.retry !== null || gates.cooldownMs !== null || gates.rate !== null;
  if (!isBound) fields.problem("must be bounded: give it once, retry, or one of the gates cooldown and rate");
}

function checkInFlight({ inFlight }: Gates, emit: EmissionPlan, knowledge: Knowledge, at: Cursor): void {
  if (inFlight === null) return;
  const contract = knowledge.contracts.get(emit.signal);
  if (contract === undefined) return;
  const { expects } = contract;
  const ends = expects === null ? [] : [...expects.any_of, expects.on_timeout];
  if (!ends.some((name) => knowledge.consumed.includes(name)))
    at.problem(
      `has the gate in_flight, which cannot work for ${emit.signal}: its contract expects nothing that the policy engine consumes`,
    );
}

function readRetry(at: Cursor, emit: EmissionPlan, knowledge: Knowledge, context: ExpressionContext): Retry {
  const contract = knowledge.contracts.get(emit.signal);
  const lacking = RETRY_FACTS.filter(
    (name) => contract !== undefined && !factNamesOf(contract).includes(name),
  );
  if (lacking.length > 0)
    at.problem(
      `needs a signal with the facts attempt and retry_of; ${emit.signal} has no ${lacking.join(" and no ")}`,
    );
  return at.map((fields) => {
    const exhausted = fields.optional("exhausted");
    return {
      maxAttempts: fields.optional("max_attempts")?.integer({ min: 2, max: MAX_ATTEMPTS }) ?? 3,
      delayMs: fields.optional("delay")?.duration({ min: 0, max: DAY_MS }) ?? 30_000,
      factor: fields.optional("factor")?.number({ min: 1, max: 10 }) ?? 2,
      maxDelayMs: fields.optional("max_delay")?.duration({ min: 0, max: DAY_MS }) ?? 3_600_000,
      exhausted: exhausted === undefined ? null : readEmission(exhausted, knowledge, context),
    };
  });
}

function readRefresh(at: Cursor | undefined, knowledge: Knowledge): Refresh | null {
  if (at === undefined) return null;
  return at.map((fields) => {
    const signalAt = fields.required("signal");
    const signal = signalAt.string();
    const wrong = signal === "" ? null : signalProblem(knowledge, signal, "emitted");
    if (wrong !== null) signalAt.problem(wrong);
    const factsAt = fields.optional("facts");
    const facts = (factsAt?.value() ?? {}) as Record<string, unknown>;
    const problems = wrong === null && signal !== "" ? knowledge.contracts.problemsOut(signal, facts) : [];
    for (const { path, message } of problems)
      (factsAt ?? at).problem(`breaks the contract of ${signal}: facts${path} ${message}`);
    const withinMs = fields.optional("within")?.duration({ min: 10, max: MAX_REFRESH_MS }) ?? 5_000;
    return { signal, facts, withinMs };
  });
}
