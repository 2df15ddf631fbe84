/**
 * What a rule says to a signal: yes with an emission, no, not yet, or that the rule itself is broken. Pure: the past, the
 * world around, and the clock that stops long expressions are passed in; the shell acts.
 *
 * I1 A token that triggered is never part of another emission of its rule.
 * I2 A closed gate never ends a decision: it is "not yet", whatever else holds (design: defer, never drop).
 * I3 What one rule, or one item of it, gets wrong touches no other (P6).
 * I4 What is emitted is valid under its contract, or the rule is in error (P8).
 */
import type { Envelope } from "@kloros/bus";
import { toCel } from "./cel/cel-value.ts";
import type { Variables } from "./cel/expression.ts";
import { checkGates, type GateSubject } from "./gates/check-gates.ts";
import type { GateState } from "./gates/gate.ts";
import {
  type Emission,
  emissionOf,
  evaluate,
  keyOf,
  listOf,
  matchOf,
  RuleFailure,
  type Surroundings,
  tokensOf,
} from "./rules/evaluate.ts";
import { explainNo } from "./rules/explain-no.ts";
import type { EmissionPlan, Rule } from "./rules/rule.ts";
import { attemptAfter, delayBefore, retryToken, type Trigger } from "./rules/trigger.ts";

/** One answer of a rule; a rule with `for_each` gives one for each item. `key` and `item` are null for the rule as a whole. */
export type Verdict =
  | (Answered & { readonly kind: "no"; readonly cause: "condition" | "once" | "nothing" })
  | (Answered & { readonly kind: "error"; readonly line: number })
  | (Planned & { readonly kind: "yes" })
  | (Planned & { readonly kind: "defer"; readonly closed: GateState; readonly notBeforeMs: number | null })
  | (Planned & { readonly kind: "exhausted" });

interface Answered {
  readonly key: string | null;
  /** Position in `for_each`; 0 without one. */
  readonly item: number | null;
  readonly reason: string;
}

export interface Planned {
  readonly key: string;
  readonly item: number;
  /** Where its deferral lies; another one of the rule with the same slot replaces it. */
  readonly slot: string;
  /** Tokens that are spent by the emission. */
  readonly tokens: readonly string[];
  readonly emission: Emission;
  /** Value of the match field of the emission's expectation, for the in-flight guard. */
  readonly match: unknown;
  readonly gates: readonly GateState[];
  readonly reason: string;
}

export interface Question {
  readonly rule: Rule;
  readonly signal: Envelope;
  /** The trigger whose work the signal tells the end of. */
  readonly trigger: Trigger | null;
  /** Set when the decision was deferred before. */
  readonly notBefore: { readonly ms: number | null } | null;
}

/**
 * Every answer of the rule, one after the other. The caller acts on each (spends tokens, counts the emission) before it asks
 * for the next, so that gates see what has been done.
 */
export function* decide(question: Question, surroundings: Surroundings): Generator<Verdict, void> {
  const { rule, signal, trigger } = question;
  const { world } = surroundings;
  const variables: Variables = {
    facts: toCel(signal.facts),
    signal: toCel(envelopeOf(signal)),
    trigger: toCel(trigger),
    resources: toCel(world.resources),
    now: world.now,
  };
  let items: readonly unknown[] | null = null;
  try {
    if (rule.retry !== null && trigger === null) {
      yield {
        kind: "no",
        key: null,
        item: null,
        cause: "nothing",
        reason: "nothing is known of the trigger that this is the end of",
      };
      return;
    }
    const { when } = rule;
    if (when !== null && evaluate(when, variables, surroundings) !== true) {
      yield { kind: "no", key: null, item: null, cause: "condition", reason: explainNo(when, signal.facts) };
      return;
    }
    if (rule.forEach !== null) items = listOf(rule.forEach, variables, surroundings);
  } catch (cause) {
    yield failed(rule, cause, null, null); // I3
    return;
  }
  if (items === null) {
    yield* decideItem(question, 0, variables, surroundings);
    return;
  }
  if (items.length === 0)
    yield {
      kind: "no",
      key: null,
      item: null,
      cause: "nothing",
      reason: `${rule.forEach?.source ?? ""} is empty`,
    };
  for (const [item, each] of items.entries())
    yield* decideItem(question, item, { ...variables, each: toCel(each) }, surroundings);
}

function* decideItem(
  { rule, signal, trigger, notBefore }: Question,
  item: number,
  variables: Variables,
  surroundings: Surroundings,
): Generator<Verdict, void> {
  const { memory, contracts, world } = surroundings;
  let key: string | null = null;
  try {
    const root = trigger === null ? signal.id : trigger.retry_of;
    key = rule.key === null ? (rule.retry === null ? "" : root) : keyOf(rule.key, variables, surroundings);
    const tokens = rule.once === null ? [] : tokensOf(rule.once, variables, surroundings);
    const fresh = tokens.flatMap((token, index) =>
      memory.isSpent(rule.name, token) ? [] : [{ token, index }],
    );
    if (tokens.length > 0 && fresh.length === 0) {
      yield { kind: "no", key, item, cause: "once", reason: spentReason(tokens) }; // I1
      return;
    }
    if (rule.once !== null && tokens.length === 0) {
      yield { kind: "no", key, item, cause: "nothing", reason: `${rule.once.source} is empty` };
      return;
    }
    const bound: Variables = {
      ...variables,
      fresh: [...new Set(fresh.map(({ token }) => token))],
      fresh_index: fresh.map(({ index }) => BigInt(index)),
    };
    const attempt = rule.retry === null || trigger === null ? null : attemptAfter(trigger);
    const spending = [...new Set(fresh.map(({ token }) => token))];
    if (rule.retry !== null && attempt !== null) {
      const token = retryToken(rule.emit.signal, root, attempt);
      if (memory.isSpent("", token)) {
        yield { kind: "no", key, item, cause: "once", reason: `attempt ${attempt} was asked for before` };
        return;
      }
      if (attempt > rule.retry.maxAttempts) {
        yield exhaustedVerdict(rule, key, item, token, rule.retry.exhausted, bound, surroundings);
        return;
      }
    }
    const retryFacts = attempt === null ? {} : { attempt, retry_of: root };
    const emission = emissionOf(rule.emit, bound, surroundings, retryFacts);
    const match = matchOf(contracts, emission);
    const waits =
      rule.retry === null || attempt === null ? null : world.clockMs + delayBefore(rule.retry, attempt);
    const notBeforeMs = notBefore === null ? waits : notBefore.ms;
    const subject: GateSubject = { rule: rule.name, key, signal: emission.signal, match, notBeforeMs };
    const gates = checkGates(rule.gates, subject, world, memory);
    const closed = gates.find(({ open }) => !open);
    const planned = {
      key,
      item,
      slot: slotOf(rule, key, spending),
      tokens: spending,
      emission,
      match,
      gates,
    };
    if (closed !== undefined)
      yield { ...planned, kind: "defer", closed, notBeforeMs, reason: closed.reason }; // I2
    else yield { ...planned, kind: "yes", reason: yesReason(rule, spending.length, attempt) };
  } catch (cause) {
    yield failed(rule, cause, key, item); // I3
  }
}

function exhaustedVerdict(
  rule: Rule,
  key: string,
  item: number,
  token: string,
  plan: EmissionPlan | null,
  variables: Variables,
  surroundings: Surroundings,
): Verdict {
  const reason = `all ${rule.retry?.maxAttempts ?? 0} attempts are used up`;
  if (plan === null) return { kind: "no", key, item, cause: "condition", reason };
  const emission = emissionOf(plan, variables, surroundings, {});
  return {
    kind: "exhausted",
    key,
    item,
    slot: key,
    tokens: [token],
    emission,
    match: null,
    gates: [],
    reason,
  };
}

/**
 * Where the signal is a whole picture a newer one replaces the older. Otherwise it must not take away what an older one of the
 * same key was to trigger: what happens once has a place of its own.
 */
function slotOf(rule: Rule, key: string, fresh: readonly string[]): string {
  return rule.refresh === null && fresh[0] !== undefined ? `${key}\t${fresh[0]}` : key;
}

function envelopeOf(signal: Envelope): Record<string, unknown> {
  const { facts: _facts, ...members } = signal;
  return members;
}

/** Whatever an expression brings about is the rule's error, never the signal's. */
function failed(rule: Rule, cause: unknown, key: string | null, item: number | null): Verdict {
  const line = cause instanceof RuleFailure ? cause.line : rule.line;
  return { kind: "error", key, item, line, reason: cause instanceof Error ? cause.message : String(cause) };
}

function spentReason(tokens: readonly string[]): string {
  return tokens.length === 1 ? "it triggered before" : `all ${tokens.length} of it triggered before`;
}

function yesReason(rule: Rule, fresh: number, attempt: number | null): string {
  const why =
    rule.when === null
      ? "the rule has no condition"
      : `${rule.when.source.replaceAll(/\s+/g, " ").trim()} holds`;
  const what = fresh === 0 ? "" : fresh === 1 ? ", one is new" : `, ${fresh} are new`;
  const which = attempt === null ? "" : `, attempt ${attempt} of ${rule.retry?.maxAttempts ?? 0}`;
  return `${why}${what}${which}; no gate is closed`;
}
