/** Promotions as the daemon tells them: a process of its own, killed with -9 as often as one likes, between real nodes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureHome, type Envelope, loadContracts, type Node, openNode } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { expect, it, onTestFinished } from "vitest";
import { variant } from "./lab.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const CLOCK = new URL("./children/set-clock-back.mjs", import.meta.url).href;
const REMINDER_MS = 700;

type Advisory = Envelope<"Q_PROMOTIONS_DETECTED">;

async function until(what: string, condition: () => boolean | Promise<boolean>, deadlineMs = 40_000) {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await sleep(5);
  }
}

class Mesh {
  readonly home: string;
  readonly advisories: Advisory[] = [];
  readonly policy: Node;
  readonly dream: Node;
  daemon: ChildProcess | null = null;
  output = "";

  constructor(home: string, policy: Node, dream: Node) {
    this.home = home;
    this.policy = policy;
    this.dream = dream;
  }

  get last(): Advisory | undefined {
    return this.advisories.at(-1);
  }
  get changes(): Advisory[] {
    return this.advisories.filter(({ facts }) => facts.is_reminder === false);
  }
  file(name: string): string {
    return join(this.home, "dream_lab", "promotions", name);
  }
  /** As a careful writer does it. */
  async drop(name: string, content: string): Promise<void> {
    await writeFile(this.file(`.${name}.tmp`), content);
    await rename(this.file(`.${name}.tmp`), this.file(name));
  }
  async told(count: number): Promise<void> {
    await until(`${count} unacknowledged promotions`, () => this.last?.facts.unacknowledged_count === count);
  }
  async letters(): Promise<{ error: string }[]> {
    const text = await readFile(join(this.home, "failed_signals.jsonl"), "utf8").catch(() => "");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { error: string }]));
  }
  async start(reminderMs = REMINDER_MS): Promise<void> {
    const places = ["--home", this.home, "--workspace", this.home];
    const flags = ["--promotions-reminder", `${reminderMs}ms`, "--promotions-settle", "200ms"];
    const daemon = spawn(process.execPath, ["--import", CLOCK, MAIN, ...places, ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void daemon.kill("SIGKILL"));
    this.daemon = daemon;
    this.output = "";
    daemon.stdout.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    await until("the daemon is ready", async () => {
      return (await this.health().catch(() => null)) !== null;
    });
  }
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.daemon?.kill(signal);
    if (this.daemon) await once(this.daemon, "exit");
  }
  async health(): Promise<Record<string, Record<string, unknown>>> {
    return askDaemon<Record<string, Record<string, unknown>>>(
      join(this.home, "run", "orchestrator_monitor.sock"),
      "system:health",
    );
  }
}

async function mesh(): Promise<Mesh> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-promotions-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  await ensureHome(home);
  const open = async (daemon: string, prepare: (node: Node) => void = () => undefined): Promise<Node> => {
    const node = await openNode({ daemon, home, contracts: loadContracts() });
    onTestFinished(() => node.close());
    prepare(node);
    await node.start();
    return node;
  };
  const collect: { into: Advisory[] } = { into: [] };
  const policy = await open("kloros_policy_engine", (node) =>
    node.on("Q_PROMOTIONS_DETECTED", (signal) => void collect.into.push(signal)),
  );
  const made = new Mesh(home, policy, await open("dream_consumer_daemon"));
  collect.into = made.advisories;
  return made;
}

it("tells of a promotion at once, reminds while it remains, falls silent when it is acknowledged, and answers who asks", async () => {
  const m = await mesh();
  await m.start();
  await m.drop(
    "a.json",
    JSON.stringify({ experiment: "zlib", updated_at: 1_700_000_000, winner: { fitness: 1 } }),
  );
  await m.told(1);
  expect(m.changes).toHaveLength(1);
  const [first] = m.advisories;
  expect(first).toMatchObject({
    causation_id: null,
    facts: {
      promotion_count: 1,
      last_dream_time: null,
      promotions_path: join(m.home, "dream_lab", "promotions"),
      promotions: ["a.json"],
      groups: [
        { topic: "zlib", promotions: ["a.json"], keys: [expect.stringMatching(/^sha256:[0-9a-f]{64}$/)] },
      ],
      refused_count: 0,
      is_reminder: false,
    },
  });
  expect(first?.facts.oldest_promotion_age_hours).toBeGreaterThan(10_000);

  await until("two reminders", () => m.advisories.length >= 3);
  expect(m.changes).toHaveLength(1);
  const [firstAt, thirdAt] = [first, m.advisories[2]].map((each) => Date.parse(each?.timestamp ?? ""));
  expect(thirdAt! - firstAt!).toBeGreaterThan(2 * REMINDER_MS - 100);

  // Rewritten: other content, so something new.
  await m.drop(
    "a.json",
    JSON.stringify({ experiment: "zlib", updated_at: 1_700_000_001, winner: { fitness: 2 } }),
  );
  await until("the new content", () => m.changes.length === 2);
  const keys = m.changes.map(({ facts }) => facts.groups?.[0]?.keys[0]);
  expect(new Set(keys).size).toBe(2);

  const dream = await m.dream.emit("Q_DREAM_FAILED", {
    cycle_id: "dream_20251115_103000",
    error_type: "NoImprovement",
    error_message: "nothing was better",
    retry_possible: false,
  });
  await rename(m.file("a.json"), m.file(join("acknowledged", "a.json")));
  await m.told(0);
  expect(m.last?.facts).toMatchObject({ promotion_count: 0, promotions: [], groups: [], is_reminder: false });
  const silentSince = m.advisories.length;
  await sleep(2 * REMINDER_MS);
  expect(m.advisories).toHaveLength(silentSince);

  for (const scope of ["all", "promotions", "capabilities"] as const)
    await m.policy.emit("Q_SCAN_REQUESTED", { scope });
  const asked = await m.policy.emit("Q_SCAN_REQUESTED", { scope: "promotions" });
  await until("the answer", () => m.last?.causation_id === asked.id);
  expect(m.advisories).toHaveLength(silentSince + 3);
  expect(m.last).toMatchObject({
    correlation_id: asked.id,
    facts: { unacknowledged_count: 0, is_reminder: true },
  });
  const ended = m.last?.facts.last_dream_time ?? "";
  expect(Math.abs(Date.parse(ended) - Date.now())).toBeLessThan(60_000);
  expect(dream.durability).toBe("synced");

  await m.policy.emit("Q_DECISION_REFUSED", {
    rule: "r",
    signal: "Q_PROMOTIONS_DETECTED",
    signal_id: asked.id,
    reason: "x",
  });
  await until(
    "the refusal is counted",
    async () => (await m.health())["evolution"]?.["decisions_refused"] === 1,
  );
  await m.kill("SIGTERM");
  expect(m.daemon?.exitCode).toBe(0);
});

it("refuses what is no promotion, once, with a dead letter, and not again after a restart", async () => {
  const m = await mesh();
  await m.start();
  await m.drop("nan.json", '{"score": NaN}');
  await m.drop("negative.json", '{"score": -1}');
  await writeFile(m.file("half.json"), '{"score": ');
  await m.drop("good.json", variant(1));
  await m.drop("expired.json", JSON.stringify({ winner: { fitness: 1 }, updated_at: 1, ttl_seconds: 1 }));
  await until("all are refused", async () => (await m.health())["promotions"]?.["refused"] === 4);
  await until("three letters", async () => (await m.letters()).length === 3);
  const letters = (await m.letters()).map(({ error }) => error).sort();
  expect(letters).toEqual([
    expect.stringContaining('"half.json" is not JSON'),
    expect.stringContaining('"nan.json" score is not finite (NaN)'),
    expect.stringContaining('"negative.json" score is negative (-1)'),
  ]);
  expect(m.output.match(/Promotion refused/g)).toHaveLength(3);
  expect(m.output.match(/Promotions have expired/g)).toHaveLength(1);
  await m.told(1);
  expect(m.changes.map(({ facts }) => facts.promotions)).toEqual([["good.json"]]);

  await m.kill();
  await m.start();
  await until("all are refused again", async () => (await m.health())["promotions"]?.["refused"] === 4);
  expect(await m.letters()).toHaveLength(3);
  expect(m.output).not.toContain("efused");
  expect(m.changes).toHaveLength(1);
  await until("a reminder", () => m.last?.facts.is_reminder === true && m.last.facts.refused_count === 4);
  expect(m.last?.facts).toMatchObject({ promotion_count: 5, unacknowledged_count: 1 });

  // Other content is another refusal.
  await m.drop("nan.json", '{"score": Infinity}');
  await until("a letter more", async () => (await m.letters()).length === 4);
});

it("goes on when its folder is removed and made again, and when the clock is set back an hour", async () => {
  const m = await mesh();
  await m.start(60_000);
  await m.drop("a.json", variant(1));
  await m.told(1);
  await rm(join(m.home, "dream_lab"), { recursive: true });
  await m.told(0);
  await ensureHome(m.home);
  await m.drop("b.json", variant(2));
  await m.told(1);
  expect(m.last?.facts.promotions).toEqual(["b.json"]);

  m.daemon?.kill("SIGUSR2");
  await m.drop("c.json", JSON.stringify({ promoted_at: Date.now() / 1000, score: 1 }));
  await m.told(2);
  await m.drop(
    "d.json",
    JSON.stringify({ winner: { fitness: 1 }, updated_at: Date.now() / 1000, ttl_seconds: 60 }),
  );
  await m.told(3);
  expect(m.changes).toHaveLength(5);
  for (const { facts } of m.advisories)
    expect(facts.oldest_promotion_age_hours ?? 0).toBeGreaterThanOrEqual(0);
});

it("killed with -9 around its advisories, it tells each change once", { timeout: 120_000 }, async () => {
  const m = await mesh();
  const expected: string[] = [];
  for (let round = 0; round < 8; round++) {
    await m.start(60_000);
    for (let n = 0; n < 5; n++) {
      const name = `${round}-${n}.json`;
      expected.push(name);
      await m.drop(name, variant(round * 5 + n));
      await sleep(Math.random() * 8);
    }
    await m.kill();
  }
  await m.start(60_000);
  await m.told(expected.length);
  const sets = m.changes.map(({ facts }) => [...(facts.promotions ?? [])].sort().join());
  expect(sets).toEqual([...new Set(sets)]);
  expect(m.changes).toHaveLength(m.advisories.length);
  expect(m.last?.facts.promotions?.toSorted()).toEqual(expected.toSorted());
});
