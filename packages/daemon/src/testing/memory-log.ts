/** A daemon's log, kept in memory for the test that runs it. */
import { pino } from "pino";
import type { Logger } from "../definition.ts";

/** Lines kept, the youngest; a test that loops does not fill the memory. */
const MAX_LINES = 10_000;

export interface MemoryLog {
  readonly log: Logger;
  /** Parsed lines, oldest first: `level`, `msg` and the fields. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export function memoryLog(daemon: string): MemoryLog {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    if (lines.length >= MAX_LINES) lines.shift();
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  return { log: pino({ level: "trace", base: { daemon }, formatters }, { write }), lines };
}
