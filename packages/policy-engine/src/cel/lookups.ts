/** What expressions may ask the engine: recent signals of a name, their number, what is in flight, how it ended last, whom an action means. Pure. */
import type { Environment } from "@marcbachmann/cel-js";
import { toCel } from "./cel-value.ts";
import { spanMs } from "./span.ts";

/** One signal as history keeps it. */
export interface Remembered {
  readonly id: string;
  readonly correlation_id: string;
  readonly timestamp: string;
  /** On the engine's clock, in milliseconds. */
  readonly ms: number;
  /** Large members are left out. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Lookups {
  /** On the engine's clock, in milliseconds. */
  readonly clockMs: number;
  /** Oldest first; bounded. */
  history(signal: string): readonly Remembered[];
  isInFlight(signal: string): boolean;
  /** Names that may end what `signal` began. */
  outcomesOf(signal: string): readonly string[];
  /** Name of the daemon that an action such as `restart_dream_consumer` is to restart; empty: it means none. */
  restartTarget(action: string): string;
}

const DAY_MS = 86_400_000;

/** Registers `recent`, `count`, `in_flight`, `last_outcome` and `restart_target`; `current` is what they ask while an expression runs. */
export function lookupFunctions(environment: Environment, current: () => Lookups | null): void {
  const within = (signal: string, spanText: string): readonly Remembered[] => {
    const lookups = required(current());
    const since = lookups.clockMs - (spanMs(spanText) ?? DAY_MS);
    return lookups.history(signal).filter(({ ms }) => ms >= since);
  };
  const recent = (signal: string, span: string): unknown =>
    within(signal, span).map((one) => describe(one, required(current()).clockMs));
  environment
    .registerFunction("recent(string): list<dyn>", (signal: string) => recent(signal, "1d"))
    .registerFunction("recent(string, string): list<dyn>", recent)
    .registerFunction("count(string): int", (signal: string) => BigInt(within(signal, "1d").length))
    .registerFunction("count(string, string): int", (signal: string, span: string) =>
      BigInt(within(signal, span).length),
    )
    .registerFunction("in_flight(string): bool", (signal: string) => required(current()).isInFlight(signal))
    .registerFunction("restart_target(string): string", (action: string) =>
      required(current()).restartTarget(action),
    )
    .registerFunction("last_outcome(string): dyn", (signal: string) => {
      const lookups = required(current());
      const ended = lookups
        .outcomesOf(signal)
        .flatMap((name) => lookups.history(name).map((one) => ({ name, one })))
        .reduce<{ name: string; one: Remembered } | null>(
          (latest, next) => (latest === null || next.one.ms >= latest.one.ms ? next : latest),
          null,
        );
      return ended === null ? null : { signal: ended.name, ...describe(ended.one, lookups.clockMs) };
    });
}

function describe(
  { id, correlation_id, timestamp, ms, facts }: Remembered,
  clockMs: number,
): Record<string, unknown> {
  const ago = BigInt(Math.max(0, Math.round((clockMs - ms) / 1_000)));
  return { id, correlation_id, timestamp: new Date(timestamp), ago_seconds: ago, facts: toCel(facts) };
}

function required(lookups: Lookups | null): Lookups {
  if (lookups === null) throw new TypeError("lookups are asked only while a rule is decided");
  return lookups;
}
