/** The dream.yaml of a new home against the programs and daemons that it is for. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "@kloros/bus";
import { defineSettings, loadConfig } from "@kloros/daemon";
import { type Dimension, type Experiment, parseDreamFile } from "@kloros/experiments";
import { DREAM_YAML } from "../../src/up/default-dream-file.ts";
import { temporaryFolder } from "../run-cli.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

const SHIPPED = fileURLToPath(new URL("../../../shipped-experiments/src", import.meta.url));
const parsed = parseDreamFile(DREAM_YAML, "dream.yaml");
const experiments = parsed.kind === "ok" ? parsed.value.experiments : [];

test("it is in order, and only the small experiment is enabled", () => {
  expect(parsed).toMatchObject({ kind: "ok" });
  expect(experiments.filter(({ enabled }) => enabled).map(({ name }) => name)).toEqual(["compress_corpus"]);
});

test("every program that it names is shipped", () => {
  const words = experiments.flatMap(({ evaluator, validate, probation }: Experiment) =>
    [evaluator, validate, probation].flatMap((part) => part?.command ?? []),
  );
  const programs = words.filter((word) => word.startsWith("{experiments}/"));
  expect(programs).toHaveLength(7);
  for (const program of programs)
    expect(existsSync(program.replace("{experiments}", SHIPPED).replace(/\.js$/u, ".ts")), program).toBe(
      true,
    );
});

test("what tune_bus may find, every daemon takes; its baseline is what the bus does by itself", async () => {
  const { search_space, baseline } = experiments.find(({ name }) => name === "tune_bus")!;
  for (const end of ["min", "max"] as const) {
    const params = Object.fromEntries(
      [...search_space].map(([name, dimension]) => [name, (dimension as Dimension & { type: "int" })[end]]),
    );
    const { limits, limitOrigins } = await loadWith(params);
    expect(limitOrigins.tuned).toMatchObject({ kind: "tuned", values: params });
    expect(Object.keys(limitOrigins.changed).sort()).toEqual([...search_space.keys()].sort());
    expect(limits.maxFrameSignals).toBe(params["max_frame_signals"]);
  }
  const { limits, limitOrigins } = await loadWith(baseline ?? {});
  expect(limits).toEqual(DEFAULT_LIMITS);
  expect(limitOrigins).toMatchObject({ changed: {}, tuned: { kind: "tuned" } });
});

async function loadWith(params: object) {
  const home = join(folder.path, "h");
  const path = join(home, "deployed/tune_bus/current/params.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(params));
  const places = { argv: [], environment: { KLOROS_HOME: home }, cwd: "/" };
  const result = await loadConfig("intent_router", defineSettings({}), places);
  if (result.kind !== "loaded") throw new Error(JSON.stringify(result));
  return result.loaded;
}
