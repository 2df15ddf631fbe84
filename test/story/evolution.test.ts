/** What a user sees of the evolution half: a promotion dropped into a folder becomes a deployed version, once. */
import { mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Audit, Envelope } from "@kloros/bus";
import { expect, it } from "vitest";
import { ask, EXAMPLE_WORKSPACE } from "../mesh/commands.ts";
import { dreamFile, dropPromotion, hillExperiment } from "../mesh/evolution.ts";
import { eventually } from "../mesh/eventually.ts";
import { type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { countSignals, readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

const OUTCOME_MS = 120_000;
/** So often the promotion is reminded of before its cycle may go on. */
const REMINDERS = 100;

interface StoryRow {
  readonly signal: string;
  readonly source: string;
  readonly correlation_id: string;
}

async function meshWith(dream: string, settings: object = {}): Promise<RunningMesh> {
  const home = join(await tempFolder(), "home");
  await mkdir(join(home, "dream_lab"), { recursive: true, mode: 0o700 });
  await writeFile(join(home, "dream_lab", "dream.yaml"), dream);
  return startMesh({ home, workspace: EXAMPLE_WORKSPACE, settings: JSON.stringify({ daemons: settings }) });
}

async function emitted(home: string, emitter: string, name: string, count = 1): Promise<void> {
  await eventually(
    `${emitter} emits ${name}`,
    async () => (await countSignals(home, emitter, name)) >= count,
    OUTCOME_MS,
  );
}

async function signalsOf(home: string, name: string): Promise<readonly Envelope[]> {
  return (await readSignals(home)).get(name) ?? [];
}

it("a promotion leads to one cycle, one winner, one deployment and one acknowledgement, however often it is reminded of", async () => {
  const enough = join(await tempFolder(), "enough");
  const hill = hillExperiment({ evaluator: ["--after", enough], timeoutS: 100 });
  const mesh = await meshWith(dreamFile(hill), { orchestrator_monitor: { promotions_reminder: "100ms" } });
  const { home } = mesh;
  await dropPromotion(home, "good-news", "hill");
  await emitted(home, "orchestrator_monitor", "Q_PROMOTIONS_DETECTED", REMINDERS + 1);
  await writeFile(enough, "");
  await emitted(home, "winner_deployer_daemon", "Q_WINNER_DEPLOYED");
  const fallenSilent = await eventually("the monitor says that nothing is left", async () => {
    const advisories = await signalsOf(home, "Q_PROMOTIONS_DETECTED");
    return advisories.at(-1)?.facts["unacknowledged_count"] === 0 ? advisories.length : null;
  });
  expect(fallenSilent).toBeGreaterThan(REMINDERS);

  const signals = await readSignals(home);
  const one = (name: string): Envelope => {
    expect.soft(signals.get(name)?.length ?? 0, name).toBe(1);
    return signals.get(name)![0]!;
  };
  const [trigger, complete, deployed] = [
    one("Q_DREAM_TRIGGER"),
    one("Q_DREAM_COMPLETE"),
    one("Q_WINNER_DEPLOYED"),
  ];
  expect(trigger.facts).toMatchObject({ topic: "hill", promotion_count: 1, promotions: ["good-news.json"] });
  expect(complete.facts).toMatchObject({ experiment: "hill", promotions_acknowledged: ["good-news.json"] });
  expect(complete.facts["fitness_improvement"]).toBeGreaterThan(0);
  expect(deployed.facts).toMatchObject({ experiment: "hill", cycle_id: complete.facts["cycle_id"] });
  expect(await readdir(join(home, "dream_lab", "cycles"))).toEqual([complete.facts["cycle_id"]]);
  expect(
    (await readdir(join(home, "dream_lab", "promotions"))).filter((name) => name.endsWith(".json")),
  ).toEqual([]);
  expect(await readdir(join(home, "dream_lab", "promotions", "acknowledged"))).toEqual(["good-news.json"]);
  expect(await readlink(join(home, "deployed", "hill", "current"))).toBe(
    `versions/${String(complete.facts["cycle_id"])}`,
  );
  const params = JSON.parse(
    await readFile(join(home, "deployed", "hill", "current", "params.json"), "utf8"),
  ) as object;
  expect(params).toMatchObject({ x: expect.any(Number) as number });

  const story = await ask<StoryRow[]>(
    "chem-bus",
    "trace",
    String(complete.facts["cycle_id"]),
    "--home",
    home,
  );
  const told = story.map(({ signal, source }) => `${signal} ${source}`);
  expect(told).toEqual(
    expect.arrayContaining([
      "Q_PROMOTIONS_DETECTED orchestrator_monitor",
      "Q_DREAM_TRIGGER kloros_policy_engine",
      "Q_TOURNAMENT_REQUESTED dream_consumer_daemon",
      "Q_TOURNAMENT_COMPLETE tournament_consumer_daemon",
      "Q_DREAM_COMPLETE dream_consumer_daemon",
      "Q_WINNER_DEPLOYED winner_deployer_daemon",
    ]),
  );
  expect(new Set(story.map((row) => row.correlation_id)).size).toBe(1);

  await eventually("the books balance with nothing pending", async () => {
    const audit = await ask<Audit>("chem-bus", "audit", "--home", home);
    return audit.balanced && audit.rows.every(({ pending, dead_lettered }) => pending + dead_lettered === 0);
  });
  expect(await mesh.stop()).toBe(0);
});

it("while maintenance lasts nothing is triggered; when it ends the decision comes by itself, with fresh facts", async () => {
  const { home } = await meshWith(dreamFile(hillExperiment()));
  await writeFile(join(home, "maintenance_mode"), "");
  await dropPromotion(home, "first", "hill");
  await emitted(home, "kloros_policy_engine", "Q_DECISION_DEFERRED");
  const [deferred] = await signalsOf(home, "Q_DECISION_DEFERRED");
  expect(deferred?.facts).toMatchObject({ gate: "maintenance", signal: "Q_PROMOTIONS_DETECTED" });
  await dropPromotion(home, "second", "hill");
  await emitted(home, "orchestrator_monitor", "Q_PROMOTIONS_DETECTED", 2);
  expect(await signalsOf(home, "Q_DREAM_TRIGGER")).toEqual([]);

  await rm(join(home, "maintenance_mode"));
  await emitted(home, "winner_deployer_daemon", "Q_WINNER_DEPLOYED");
  const [trigger, ...more] = await signalsOf(home, "Q_DREAM_TRIGGER");
  expect(more).toEqual([]);
  expect(trigger?.facts).toMatchObject({ promotion_count: 2, promotions: ["first.json", "second.json"] });
  expect((await signalsOf(home, "Q_SCAN_REQUESTED")).length).toBeGreaterThan(0); // Fresh facts were asked for.
});

it.each([
  ["validation", { validate: { command: ["false"] } }, "ValidationFailed"],
  ["probation", { probation: { command: ["false"], seconds: 1 } }, "ProbationFailed"],
])("a winner whose %s fails leaves what ran before, byte for byte", async (_what, sabotage, errorType) => {
  const good = hillExperiment();
  const { home } = await meshWith(dreamFile(good));
  await dropPromotion(home, "good", "hill", { x: 1, mode: "a" });
  await emitted(home, "winner_deployer_daemon", "Q_WINNER_DEPLOYED");
  const before = await treeOf(join(home, "deployed", "hill"));

  // Better still, and sabotaged: its search starts where the optimum is.
  await writeFile(join(home, "dream_lab", "dream.yaml"), dreamFile({ ...good, ...sabotage }));
  await dropPromotion(home, "sabotaged", "hill", { x: 3, mode: "b" });
  await emitted(home, "winner_deployer_daemon", "Q_DEPLOYMENT_FAILED");
  const [failed] = await signalsOf(home, "Q_DEPLOYMENT_FAILED");
  expect(failed?.facts).toMatchObject({
    error_type: errorType,
    rollback_completed: true,
    experiment: "hill",
  });
  expect(await treeOf(join(home, "deployed", "hill"))).toEqual(before);
  expect(await signalsOf(home, "Q_WINNER_DEPLOYED")).toHaveLength(1);
});

/** Every file, link and folder below, with what it holds. */
async function treeOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const tree: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // The history grows by what has been tried: that is its purpose.
    if (entry.name === "history.jsonl") continue;
    if (entry.isSymbolicLink()) tree[path] = await readlink(path);
    else tree[path] = entry.isFile() ? await readFile(path, "base64") : "";
  }
  return tree;
}
