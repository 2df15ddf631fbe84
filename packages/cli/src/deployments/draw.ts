/** What is deployed, as lines for people. Pure. */
import type { HistoryLine, Standing } from "@kloros/experiments";
import { abbreviate } from "../program/abbreviate.ts";
import { type Paint, printable } from "../program/paint.ts";
import { type Cell, drawTable } from "../program/table.ts";
import type { RunningDeployment } from "./collect.ts";
import type { ReadVersion, VersionDifference } from "./compare-versions.ts";

/** Longest line of parameters in a list. */
const MAX_PARAMS_CHARACTERS = 100;

/** One line per experiment. `running` is null when the deployer does not answer. */
export function drawStandings(
  standings: readonly Standing[],
  running: readonly RunningDeployment[] | null,
  paint: Paint,
): string[] {
  const rows = standings.map(({ experiment, current, problem, previous_version_id, versions }) => [
    experiment,
    problem !== null
      ? { text: "broken", paint: paint.red }
      : current === null
        ? { text: "none", paint: paint.dim }
        : current.version.kind === "intact"
          ? current.version_id
          : { text: `${current.version_id} (damaged)`, paint: paint.red },
    current?.since ?? "",
    fitnessOf(current?.version),
    previous_version_id ?? "",
    String(versions.length),
    doing(experiment, running),
  ]);
  return [
    ...drawTable(["experiment", "current", "since", ">fitness", "before", ">kept", "running"], rows, paint),
    ...standings.flatMap(({ experiment, problem, current }) => {
      const told = problem ?? (current?.version.kind === "damaged" ? current.version.problem : null);
      return told === null ? [] : [paint.red(`${experiment}: ${printable(told)}`)];
    }),
  ];
}

function doing(experiment: string, running: readonly RunningDeployment[] | null): string {
  if (running === null) return "?";
  const [first] = running.filter((job) => job.experiment === experiment);
  return first === undefined ? "" : `${first.doing} of ${first.cycle_id}`;
}

function fitnessOf(version: NonNullable<Standing["current"]>["version"] | undefined): string {
  if (version === undefined || version.kind === "missing") return "";
  const fitness = version.record?.fitness ?? null;
  return fitness === null ? "" : String(Number(fitness.toPrecision(6)));
}

/** One version, whole. */
export function drawVersion(
  standing: Standing,
  version: ReadVersion,
  folder: string,
  paint: Paint,
): string[] {
  const { record, problem } = version;
  const isCurrent = standing.current?.version_id === record.version_id;
  const place = isCurrent
    ? `in place${standing.current?.since ? ` since ${standing.current.since}` : ""}`
    : standing.previous_version_id === record.version_id
      ? "in place before the current one"
      : "not in place";
  return [
    `${paint.bold(record.version_id)}  ${place}`,
    ...(problem === null ? [] : [paint.red(`damaged: ${printable(problem)}`)]),
    ...columns(
      [
        ["experiment", record.experiment],
        ["winner", printable(record.winner_id)],
        ["fitness", record.fitness === null ? "not measured" : String(record.fitness)],
        ["took the place of", record.previous_version_id ?? "nothing"],
        ["made", record.created_at],
        ["folder", folder],
        ...Object.entries(record.params).map(([name, value]) => [
          `  ${printable(name)}`,
          printable(String(value)),
        ]),
        ...Object.entries(record.files).map(([file, sha256]) => [`  ${printable(file)}`, `sha256 ${sha256}`]),
      ],
      paint,
    ),
  ];
}

/** What happened, oldest first. */
export function drawHistory(lines: readonly HistoryLine[], paint: Paint): string[] {
  const hues = { deployed: paint.green, reverted: paint.yellow, rolled_back: paint.red, refused: paint.red };
  const rows = lines.map((line) => [
    line.at,
    { text: line.event.replace("_", " "), paint: hues[line.event] },
    line.version_id ?? "nothing",
    line.fitness === null ? "" : String(Number(line.fitness.toPrecision(6))),
    abbreviate(
      line.error_type === null ? { reason: line.reason } : { [line.error_type]: line.reason },
      MAX_PARAMS_CHARACTERS,
    ),
  ]);
  return drawTable(["at", "event", "version", ">fitness", "why"], rows, paint);
}

/** No lines for two that are the same. */
export function drawDifference(difference: VersionDifference, paint: Paint): string[] {
  const { a, b, params, files } = difference;
  if (params.length === 0 && files.length === 0) return [];
  const show = (value: unknown) => (value === null ? "absent" : printable(JSON.stringify(value)));
  const rows = params.map((change) => [
    `  ${printable(change.name)}`,
    { text: show(change.a), paint: paint.red },
    "→",
    { text: show(change.b), paint: paint.green },
  ]);
  return [
    paint.red(`--- ${a}`),
    paint.green(`+++ ${b}`),
    ...(rows.length === 0 ? [] : ["parameters", ...columns(rows, paint)]),
    ...files.flatMap(({ file, patch, kind, a_bytes, b_bytes }) =>
      patch === null
        ? [
            `binary file ${printable(file)} ${kind === "changed" ? "differs" : `is ${kind.replaceAll("-", " ")}`} (${bytes(a_bytes)} → ${bytes(b_bytes)})`,
          ]
        : patch
            .trimEnd()
            .split("\n")
            .map((line) => paintLine(line, paint)),
    ),
  ];
}

function bytes(count: number | null): string {
  return count === null ? "absent" : `${String(count)} bytes`;
}

function paintLine(line: string, paint: Paint): string {
  const safe = printable(line).replaceAll("\\x09", "\t");
  if (line.startsWith("@@")) return paint.cyan(safe);
  if (line.startsWith("+")) return paint.green(safe);
  return line.startsWith("-") ? paint.red(safe) : safe;
}

/** A table without titles. */
function columns(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const titles = Array.from({ length: Math.max(0, ...rows.map((row) => row.length)) }, () => "");
  return drawTable(titles, rows, paint).slice(1);
}
