/** The table of signals in the README of a user's own package, between two marks. Pure. */
import type { Contract } from "@kloros/bus";

export const SIGNALS_START = "<!-- signals:start -->";
export const SIGNALS_END = "<!-- signals:end -->";

type Row = Pick<Contract, "name" | "kind" | "emitters" | "consumers" | "description" | "ingress">;

export function signalsTable(contracts: readonly Row[]): string {
  const rows = contracts.map(
    ({ name, kind, emitters, consumers, description, ingress }) =>
      `| \`${name}\` | ${kind}${ingress ? ", ingress" : ""} | ${list(emitters)} | ${list(consumers)} | ${description.replaceAll("|", "\\|")} |`,
  );
  return ["| signal | kind | emitted by | consumed by | |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

/** The README with a fresh table; undefined when it has no place for one. */
export function withSignalsTable(readme: string, contracts: readonly Row[]): string | undefined {
  const start = readme.indexOf(SIGNALS_START);
  const end = readme.indexOf(SIGNALS_END);
  if (start < 0 || end < start) return undefined;
  return `${readme.slice(0, start)}${SIGNALS_START}\n\n${signalsTable(contracts)}\n\n${readme.slice(end)}`;
}

function list(daemons: readonly string[]): string {
  return daemons.map((daemon) => `\`${daemon}\``).join(", ");
}
