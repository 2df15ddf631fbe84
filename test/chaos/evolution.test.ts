/**
 * Promotions flow through the evolution half while its daemons are killed with -9: each promotion must lead to exactly one
 * trigger, each trigger to exactly one end, each winner to exactly one fate, and no finished candidate is measured again.
 */
import { mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Audit, type Envelope, readDeadLetters, readJsonLines } from "@kloros/bus";
import { seededRandom } from "@kloros/bus/testing";
import { expect, it } from "vitest";
import { ask, EXAMPLE_WORKSPACE } from "../mesh/commands.ts";
import { dreamFile, dropPromotion, hillExperiment } from "../mesh/evolution.ts";
import { eventually } from "../mesh/eventually.ts";
import { EVOLUTION, processesOf, type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { tellsOfAFault } from "../mesh/outcomes.ts";
import { readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { SUPERVISOR } from "./chaos-run.ts";
import { planTorments, torment } from "./torments.ts";

const EXPERIMENTS = ["north", "east", "south"];
const PROMOTIONS_EACH = 4;
const KILLS = 30;
const RUN_MS = 240_000;

it(
  "every promotion has one trigger, every cycle one end, every winner one fate although daemons are killed with -9",
  async () => {
    const seed = Number(process.env["CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
    const home = join(await tempFolder(), "home");
    await mkdir(join(home, "dream_lab"), { recursive: true, mode: 0o700 });
    const experiments = EXPERIMENTS.map((name) => hillExperiment({ name, population: 3 }));
    await writeFile(join(home, "dream_lab", "dream.yaml"), dreamFile(...experiments));
    const mesh = await startMesh({ home, workspace: EXAMPLE_WORKSPACE, settings: SUPERVISOR });
    try {
      await tormentWhilePromotionsCome(mesh, seed);
      await allSettled(mesh);
      expect(await mesh.stop()).toBe(0);
      expect(await processesOf(home)).toEqual([]);
      await expectOneFateEach(home);
    } catch (error) {
      console.error(`CHAOS_SEED=${seed} was the seed; the mesh said at last:\n${mesh.lastLines()}`);
      throw error;
    }
  },
  RUN_MS,
);

function promotionNames(): { name: string; experiment: string; x: number }[] {
  return Array.from({ length: PROMOTIONS_EACH }, (_, round) =>
    EXPERIMENTS.map((experiment) => ({ name: `${experiment}-${round}`, experiment, x: round - 2 })),
  ).flat();
}

async function tormentWhilePromotionsCome(mesh: RunningMesh, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const promotions = promotionNames();
  const total = promotions.length;
  const torments = planTorments(random, EVOLUTION, KILLS, 0);
  for (const [index, next] of torments.entries()) {
    const due = Math.ceil(((index + 1) / torments.length) * total);
    while (total - promotions.length < due) {
      const { name, experiment, x } = promotions.shift()!;
      await dropPromotion(mesh.home, name, experiment, { x, mode: "a" });
    }
    await sleep(next.afterMs);
    await torment(mesh, next);
  }
}

/** All promotions are acknowledged, and whatever was begun has ended. */
async function allSettled(mesh: RunningMesh): Promise<void> {
  const { home } = mesh;
  await eventually(
    () => `everything settles; the mesh said:\n${mesh.lastLines()}`,
    async () => {
      const left = (await readdir(join(home, "dream_lab", "promotions"))).filter((name) =>
        /\.json$/.test(name),
      );
      if (left.length > 0) return false;
      const signals = await readSignals(home);
      const count = (...names: string[]) => names.flatMap((name) => signals.get(name) ?? []).length;
      return (
        count("Q_DREAM_TRIGGER") === count("Q_DREAM_COMPLETE", "Q_DREAM_FAILED") &&
        count("Q_DREAM_COMPLETE") === count("Q_WINNER_DEPLOYED", "Q_DEPLOYMENT_FAILED")
      );
    },
    120_000,
  );
}

async function expectOneFateEach(home: string): Promise<void> {
  const signals = await readSignals(home);
  const named = (...names: string[]): readonly Envelope[] => names.flatMap((name) => signals.get(name) ?? []);
  const facts = (envelopes: readonly Envelope[], fact: string) =>
    envelopes.map((envelope) => envelope.facts[fact]);
  const files = promotionNames().map(({ name }) => `${name}.json`);

  const triggers = named("Q_DREAM_TRIGGER");
  expect.soft(triggers.flatMap(({ facts }) => facts["promotions"] as string[]).sort()).toEqual(files.sort());
  expect.soft((await readdir(join(home, "dream_lab", "promotions", "acknowledged"))).sort()).toEqual(files);

  const ends = named("Q_DREAM_COMPLETE", "Q_DREAM_FAILED");
  expect.soft(new Set(facts(ends, "cycle_id")).size).toBe(triggers.length);
  expect
    .soft(
      new Set(ends.map(({ correlation_id, facts }) => `${correlation_id} ${String(facts["topic"])}`)).size,
    )
    .toBe(triggers.length);
  expect
    .soft(facts(named("Q_DREAM_FAILED"), "error_type").filter((type) => type !== "NoImprovement"))
    .toEqual([]);

  const complete = named("Q_DREAM_COMPLETE");
  const fates = named("Q_WINNER_DEPLOYED", "Q_DEPLOYMENT_FAILED");
  expect.soft(facts(fates, "cycle_id").sort()).toEqual(facts(complete, "cycle_id").sort());
  expect.soft(complete.length).toBeGreaterThan(0);
  for (const experiment of EXPERIMENTS) await expectOneStory(home, experiment, named("Q_WINNER_DEPLOYED"));

  for (const cycle of await readdir(join(home, "dream_lab", "cycles"))) {
    const folder = join(home, "dream_lab", "cycles", cycle, "generations");
    for (const file of (await readdir(folder)).filter((name) => name.endsWith(".results.jsonl"))) {
      const lines = (await readFile(join(folder, file), "utf8")).trimEnd().split("\n");
      const ids = lines.map((line) => (JSON.parse(line) as { candidate_id: string }).candidate_id);
      expect.soft(ids.length, `${cycle}/${file}`).toBe(new Set(ids).size);
    }
  }
  expect.soft(named("Q_HEALTH_ALERT").filter(tellsOfAFault)).toEqual([]);
  expect.soft((await readDeadLetters(home)).letters).toEqual([]);
  const audit = await ask<Audit>("chem-bus", "audit", "--home", home);
  expect.soft(audit.balanced).toBe(true);
  expect.soft(audit.rows.filter(({ expired, pending }) => expired + pending > 0)).toEqual([]);
}

/** The deployments of an experiment follow each other, and what is in place is the last of them. */
async function expectOneStory(
  home: string,
  experiment: string,
  deployed: readonly Envelope[],
): Promise<void> {
  const folder = join(home, "deployed", experiment);
  const own = deployed.filter(({ facts }) => facts["experiment"] === experiment);
  const history: { event: string; version_id: string; previous_version_id: string | null }[] = [];
  for await (const { value } of readJsonLines(join(folder, "history.jsonl")))
    history.push(value as (typeof history)[number]);
  const lines = history.filter(({ event }) => event === "deployed");
  expect.soft(lines.map(({ version_id }) => version_id)).toEqual(own.map(({ facts }) => facts["version_id"]));
  for (const [index, line] of lines.entries())
    expect.soft(line.previous_version_id).toBe(lines[index - 1]?.version_id ?? null);
  if (lines.length > 0)
    expect.soft(await readlink(join(folder, "current"))).toBe(`versions/${lines.at(-1)!.version_id}`);
}
