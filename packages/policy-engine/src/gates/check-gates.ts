/**
 * Which gates of a rule are open for one decision. A closed gate defers, it never drops; see `decide.ts`. Pure.
 *
 * Order matters to people only: the first closed gate is the one that is named.
 */
import type { Gates, Reserve } from "../rules/rule.ts";
import { checkBreaker } from "./breaker.ts";
import type { Flight, GateName, GateState, Past, World } from "./gate.ts";
import { quietForMs } from "./quiet-hours.ts";
import { bytesWords, spanWords } from "./words.ts";

export interface GateSubject {
  readonly rule: string;
  readonly key: string;
  /** The signal that would be emitted, and the value of its expectation's match field. */
  readonly signal: string;
  readonly match: unknown;
  /** Not before, on the engine's clock; null: no delay. */
  readonly notBeforeMs: number | null;
}

/** All gates that the rule has, in order. */
export function checkGates(gates: Gates, subject: GateSubject, world: World, past: Past): GateState[] {
  const states = [
    gates.maintenance ? maintenance(world) : null,
    gates.quietHours && world.quietHours !== null ? quietHours(world) : null,
    gates.presence === null ? null : presence(gates.presence, world),
    subject.notBeforeMs === null ? null : delay(subject.notBeforeMs, world),
    gates.inFlight === null ? null : inFlight(gates.inFlight, subject, world, past),
    gates.notDuring.length === 0 ? null : notDuring(gates.notDuring, world, past),
    gates.cooldownMs === null ? null : cooldown(gates.cooldownMs, subject, world, past),
    gates.rate === null ? null : rate(gates.rate, subject, world, past),
    gates.breaker === null ? null : checkBreaker(gates.breaker, subject.rule, world, past),
    gates.diskFree === null ? null : diskFree(gates.diskFree, world),
    gates.memoryFree === null ? null : memoryFree(gates.memoryFree, world),
    gates.loadPerCpu === null ? null : load(gates.loadPerCpu, world),
  ];
  return states.filter((state) => state !== null);
}

function state(gate: GateName, open: boolean, reason: string, opensInMs: number | null = null): GateState {
  return { gate, open, reason, opensInMs: open ? null : opensInMs };
}

function maintenance({ isMaintenance }: World): GateState {
  return state(
    "maintenance",
    !isMaintenance,
    isMaintenance ? "maintenance mode is on" : "maintenance mode is off",
  );
}

function quietHours({ quietHours: hours, now }: World): GateState {
  const ms = hours === null ? 0 : quietForMs(hours, now);
  const reason = ms === 0 ? "no quiet hours now" : `quiet hours for another ${spanWords(ms)}`;
  return state("quiet_hours", ms === 0, reason, ms);
}

/** Nobody knows: the user is taken to be there, because a disturbance is worse than a delay. */
function presence(wanted: "absent" | "present", world: World): GateState {
  const seen = world.presence === "unknown" ? "present" : world.presence;
  const how =
    world.presence === "unknown"
      ? "whether the user is there cannot be told (the log says why), which counts as present"
      : `the user is ${seen}`;
  return state("presence", seen === wanted, how);
}

function delay(notBeforeMs: number, { clockMs }: World): GateState {
  const ms = notBeforeMs - clockMs;
  return state("delay", ms <= 0, ms <= 0 ? "the delay is over" : `waits another ${spanWords(ms)}`, ms);
}

function inFlight(which: "same" | "any", subject: GateSubject, { clockMs }: World, past: Past): GateState {
  const concerned = (flight: Flight): boolean =>
    flight.isOpen &&
    flight.expiresMs > clockMs &&
    (which === "any" || sameValue(flight.match, subject.match));
  const flight = past.flights(subject.signal).find(concerned);
  if (flight === undefined) return state("in_flight", true, `no ${subject.signal} is under way`);
  const since = spanWords(clockMs - flight.sinceMs);
  const reason = `${subject.signal} ${flight.id} is under way for ${since}`;
  return state("in_flight", false, reason, flight.expiresMs - clockMs);
}

function notDuring(signals: readonly string[], { clockMs }: World, past: Past): GateState {
  const flight = signals
    .flatMap((signal) => past.flights(signal))
    .find(({ isOpen, expiresMs }) => isOpen && expiresMs > clockMs);
  if (flight === undefined) return state("not_during", true, `no ${signals.join(", ")} is under way`);
  const reason = `${flight.signal} ${flight.id} is under way for ${spanWords(clockMs - flight.sinceMs)}`;
  return state("not_during", false, reason, flight.expiresMs - clockMs);
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function cooldown(spanMs: number, { rule, key }: GateSubject, { clockMs }: World, past: Past): GateState {
  const last = past.lastSpawn(rule, key);
  if (last === null) return state("cooldown", true, "no earlier one of this key");
  const ms = last + spanMs - clockMs;
  const ago = spanWords(clockMs - last);
  const reason = `the last one of this key was ${ago} ago; the cooldown is ${spanWords(spanMs)}`;
  return state("cooldown", ms <= 0, reason, ms);
}

function rate(
  { max, perMs }: { max: number; perMs: number },
  { rule }: GateSubject,
  { clockMs }: World,
  past: Past,
): GateState {
  const inWindow = past.spawns(rule).filter((ms) => ms > clockMs - perMs);
  const reason = `${inWindow.length} of ${max} in ${spanWords(perMs)}`;
  const opensAt = inWindow[inWindow.length - max];
  return state(
    "rate",
    inWindow.length < max,
    reason,
    opensAt === undefined ? null : opensAt + perMs - clockMs,
  );
}

function diskFree(reserve: Reserve, { resources }: World): GateState {
  const wanted = Math.min(reserve.bytes, (reserve.percent / 100) * resources.disk_total_bytes);
  const free = resources.disk_free_bytes;
  return state("disk_free", free >= wanted, `${bytesWords(free)} of disk free; ${bytesWords(wanted)} wanted`);
}

function memoryFree(reserve: Reserve, { resources }: World): GateState {
  const wanted = Math.min(reserve.bytes, (reserve.percent / 100) * resources.memory_total_bytes);
  const free = resources.memory_free_bytes;
  return state(
    "memory_free",
    free >= wanted,
    `${bytesWords(free)} of memory free; ${bytesWords(wanted)} wanted`,
  );
}

function load(most: number, { resources }: World): GateState {
  const perCpu = resources.load1 / Math.max(1, resources.cpus);
  return state(
    "load",
    perCpu <= most,
    `load ${perCpu.toFixed(2)} for each processor; at most ${most} wanted`,
  );
}
