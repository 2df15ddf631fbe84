/** Reads the gates of a rule, or of all (`defaults`). Pure. */
import type { Cursor, Fields } from "@kloros/checked-yaml";
import type { Breaker, Gates, Reserve } from "./rule.ts";
import { type Knowledge, signalProblem } from "./knowledge.ts";

const GB = 1_000_000_000;
const MB = 1_000_000;
/** Below this a machine is close to trouble, and what a trigger begins usually writes. */
const DEFAULT_DISK: Reserve = { bytes: 20 * GB, percent: 10 };
const DEFAULT_MEMORY: Reserve = { bytes: 256 * MB, percent: 5 };
/** Emissions remembered for a rule, and so the most that a rate can count. */
export const MAX_RATE = 1_000;
/** History holds two hundred signals of a name by default. */
const MAX_BREAKER_FAILURES = 100;
const SECOND_MS = 1_000;
const WEEK_MS = 7 * 86_400_000;

/** Gates where nothing is written: none. */
export const NO_GATES: Gates = {
  maintenance: false,
  quietHours: false,
  presence: null,
  inFlight: null,
  notDuring: [],
  cooldownMs: null,
  rate: null,
  breaker: null,
  diskFree: null,
  memoryFree: null,
  loadPerCpu: null,
};

/** Gates of triggers where `defaults.gates` says nothing else. */
export const TRIGGER_GATES: Gates = {
  ...NO_GATES,
  maintenance: true,
  diskFree: DEFAULT_DISK,
  memoryFree: DEFAULT_MEMORY,
  rate: { max: 60, perMs: 3_600_000 },
};

/** The gates written at `cursor` over `base`; `false` switches one off. */
export function readGates(cursor: Cursor | undefined, base: Gates, knowledge: Knowledge): Gates {
  if (cursor === undefined) return base;
  return cursor.map((fields) => ({
    maintenance: fields.optional("maintenance")?.boolean() ?? base.maintenance,
    quietHours: fields.optional("quiet_hours")?.boolean() ?? base.quietHours,
    presence: gate(fields, "presence", base.presence, (at) => at.oneOf(["absent", "present"])),
    inFlight: gate(fields, "in_flight", base.inFlight, (at) =>
      at.oneOf([true, "same", "any"]) === "any" ? "any" : "same",
    ),
    notDuring: gate(fields, "not_during", base.notDuring, (at) => readNotDuring(at, knowledge)) ?? [],
    cooldownMs: gate(fields, "cooldown", base.cooldownMs, (at) =>
      at.duration({ min: SECOND_MS / 1_000, max: WEEK_MS }),
    ),
    rate: gate(fields, "rate", base.rate, readRate),
    breaker: gate(fields, "breaker", base.breaker, (at) => readBreaker(at, knowledge)),
    diskFree: gate(fields, "disk_free", base.diskFree, (at) => readReserve(at, DEFAULT_DISK)),
    memoryFree: gate(fields, "memory_free", base.memoryFree, (at) => readReserve(at, DEFAULT_MEMORY)),
    loadPerCpu: gate(fields, "load", base.loadPerCpu, (at) => at.number({ min: 0.01, max: 1_000 })),
  }));
}

/** What is written; `false`: no such gate; nothing: as `base` has it. */
function gate<T>(fields: Fields, key: string, base: T | null, read: (at: Cursor) => T): T | null {
  const at = fields.optional(key);
  if (at === undefined) return base;
  if (at.kind === "scalar" && at.scalar() === false) return null;
  return read(at);
}

/** A signal whose end the engine hears, or several. */
function readNotDuring(at: Cursor, knowledge: Knowledge): readonly string[] {
  const read = (item: Cursor): string => {
    const name = item.string();
    const wrong = name === "" ? null : signalProblem(knowledge, name, "either");
    if (wrong !== null) item.problem(wrong);
    else if (name !== "" && !knowledge.contracts.get(name)?.expects)
      item.problem(`names ${name}, whose contract expects no end, so it is never under way`);
    return name;
  };
  return at.kind === "list" ? at.list(read, { min: 1, max: 20 }) : [read(at)];
}

function readRate(at: Cursor): { max: number; perMs: number } {
  return at.map((fields) => ({
    max: fields.required("max").integer({ min: 1, max: MAX_RATE }),
    perMs: fields.required("per").duration({ min: SECOND_MS, max: WEEK_MS }),
  }));
}

/** `default`, an amount, or both limits, of which the smaller counts. */
function readReserve(at: Cursor, standard: Reserve): Reserve {
  if (at.kind === "map") {
    return at.map((fields) => {
      const bytes = fields.optional("min_bytes")?.bytes();
      const percent = fields.optional("min_percent")?.number({ min: 0, max: 100 });
      if (bytes === undefined && percent === undefined)
        fields.problem("must say min_bytes, min_percent or both");
      return { bytes: bytes ?? Infinity, percent: percent ?? 100 };
    });
  }
  const value = at.scalar();
  if (value === "default" || value === true) return standard;
  return { bytes: at.bytes(), percent: 100 };
}

function readBreaker(at: Cursor, knowledge: Knowledge): Breaker {
  const names = (cursor: Cursor): readonly string[] =>
    cursor.list(
      (item) => {
        const name = item.string();
        const wrong = name === "" ? null : signalProblem(knowledge, name, "either");
        if (wrong !== null) item.problem(wrong);
        return name;
      },
      { min: 1, max: 20 },
    );
  return at.map((fields) => {
    const success = fields.optional("success");
    const ignoring = fields.optional("ignoring");
    return {
      on: names(fields.required("on")),
      ignoring: ignoring === undefined ? [] : ignoring.list((item) => item.string(), { min: 1, max: 20 }),
      success: success === undefined ? [] : names(success),
      failures: fields.required("failures").integer({ min: 1, max: MAX_BREAKER_FAILURES }),
      withinMs: fields.required("within").duration({ min: SECOND_MS, max: WEEK_MS }),
      resetMs: fields.required("reset").duration({ min: SECOND_MS, max: WEEK_MS }),
    };
  });
}
