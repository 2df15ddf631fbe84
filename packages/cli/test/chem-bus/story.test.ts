/** listen, trace, audit and dead letters as real processes beside real nodes. */
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli, startCli } from "../run-cli.ts";
import { until } from "../until.ts";
import { smallMesh, type SmallMesh } from "./small-mesh.ts";

let mesh: SmallMesh;
beforeEach(async () => {
  mesh = await smallMesh();
});
afterEach(() => mesh.close());

const parsed = (lines: string): Record<string, unknown>[] =>
  lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("chem-bus listen", () => {
  test("prints each signal once from the moment it listens, and ends after --count", async () => {
    const heard = startCli("chem-bus", [
      "listen",
      "--json",
      "--count",
      "100",
      "--timeout",
      "30s",
      "--home",
      mesh.home,
    ]);
    let sent = 0;
    const sending = setInterval(() => {
      for (let burst = 0; burst < 10; burst++) void mesh.ask(`q.${String(sent++)}`);
    }, 20);
    const { code, stdout } = await heard.finished;
    clearInterval(sending);
    expect(code).toBe(0);
    const seqs = parsed(stdout).map(({ seq }) => Number(seq));
    expect(seqs).toEqual(Array.from({ length: 100 }, (_, index) => (seqs[0] ?? 0) + index));
  });

  test("--since gives what was before, then what comes, without gap or double", async () => {
    for (let index = 0; index < 30; index++) await mesh.ask(`q.${String(index)}`);
    const heard = startCli("chem-bus", [
      "listen",
      "--since",
      "1h",
      "--json",
      "--count",
      "60",
      "--timeout",
      "30s",
      "--home",
      mesh.home,
    ]);
    await heard.sees(/"q\.3"/u);
    for (let index = 30; index < 60; index++) await mesh.ask(`q.${String(index)}`);
    const { code, stdout } = await heard.finished;
    expect(code).toBe(0);
    expect(parsed(stdout).map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  test("hears a daemon that starts after it", async () => {
    const heard = startCli("chem-bus", ["listen", "--json", "--home", mesh.home]);
    await until("it listens", async () => {
      await mesh.ask("q.1");
      return heard.stdout() !== "";
    });
    await mesh.startConsumer();
    await heard.sees(/"signal":"Q_INVESTIGATION_COMPLETE".*"seq":1,/u);
    heard.process.kill("SIGTERM");
    expect((await heard.finished).code).toBe(0);
  });

  test("filters by name, source and expression, and prints CloudEvents", async () => {
    await mesh.startConsumer();
    for (const id of ["q.1", "q.2", "q.3"]) await mesh.ask(id);
    await mesh.settled();
    const where = "facts.question_id == 'q.2' && facts.confidence > 0.5";
    const args = [
      "listen",
      "--since",
      "1h",
      "--signal",
      "Q_INVESTIGATION_*",
      "--where",
      where,
      "--cloudevents",
    ];
    const { code, stdout } = await runCli("chem-bus", [
      ...args,
      "--count",
      "1",
      "--timeout",
      "20s",
      "--home",
      mesh.home,
    ]);
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject([
      {
        specversion: "1.0",
        type: "Q_INVESTIGATION_COMPLETE",
        source: "investigation_consumer_daemon",
        data: { question_id: "q.2" },
      },
    ]);
  });

  test("exits 1 when the count is not reached in time, and 64 for a name that does not exist", async () => {
    const late = await runCli("chem-bus", [
      "listen",
      "--count",
      "1",
      "--timeout",
      "300ms",
      "--home",
      mesh.home,
    ]);
    expect([late.code, late.stdout, late.stderr]).toEqual([1, "", ""]);
    const typo = await runCli("chem-bus", ["listen", "--signal", "Q_DREAM_TRIGER", "--home", mesh.home]);
    expect([typo.code, typo.stderr]).toEqual([64, expect.stringContaining("did you mean Q_DREAM_TRIGGER?")]);
  });

  test("ends cleanly at Ctrl-C, and when its reader goes away", async () => {
    await mesh.ask("q.1");
    const heard = startCli("chem-bus", ["--listen", "--since", "1h", "--home", mesh.home]);
    await heard.sees(/Q_CURIOSITY_INVESTIGATE/u);
    heard.process.kill("SIGINT");
    expect(await heard.finished).toMatchObject({ code: 0, signal: null, stderr: "" });

    const piped = startCli("chem-bus", ["listen", "--since", "1h", "--home", mesh.home]);
    await piped.sees(/Q_CURIOSITY_INVESTIGATE/u);
    piped.process.stdout?.destroy();
    for (let index = 0; index < 5; index++) await mesh.ask(`q.${String(index)}`);
    expect(await piped.finished).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("chem-bus trace", () => {
  test("tells the story by any of its ids, as JSON in causal order and as a tree", async () => {
    await mesh.startConsumer();
    const { id } = await mesh.ask("discover.module.audio");
    await mesh.ask("discover.module.audio2");
    await mesh.settled();
    for (const key of [id, "discover.module.audio", `inv_${id}`]) {
      const { code, stdout } = await runCli("chem-bus", ["trace", key, "--json", "--home", mesh.home]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject([
        {
          signal: "Q_CURIOSITY_INVESTIGATE",
          id,
          source: "intent_router",
          causation_id: null,
          depth: 0,
          latency_ms: 0,
        },
        {
          signal: "Q_INVESTIGATION_COMPLETE",
          causation_id: id,
          depth: 1,
          facts: { question_id: "discover.module.audio" },
        },
      ]);
    }
    const tree = await runCli("chem-bus", ["trace", id, "--home", mesh.home]);
    expect(tree.stdout).toMatch(/2 signals from 2 daemons/u);
    expect(tree.stdout).toMatch(/\+\d+ms {2}└─ Q_INVESTIGATION_COMPLETE/u);
  });

  test("shows what waits and what died", async () => {
    const { id: waiting } = await mesh.ask("poison.1");
    await mesh.startConsumer();
    await mesh.settled();
    const story = await until("the letter is written", async () => {
      const { stdout } = await runCli("chem-bus", ["trace", waiting, "--json", "--home", mesh.home]);
      const rows = JSON.parse(stdout) as { dead_letters: { id: string; error: string }[] }[];
      return rows[0]?.dead_letters.length === 1 && rows;
    });
    expect(story[0]?.dead_letters[0]?.error).toContain("this question is poison");
    const text = await runCli("chem-bus", ["trace", "poison.1", "--home", mesh.home]);
    expect(text.stdout).toMatch(/✗ investigation_consumer_daemon failed after 2 attempts/u);
    const shown = await runCli("chem-bus", ["dead", "show", waiting, "--json", "--home", mesh.home]);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      daemon: "investigation_consumer_daemon",
      signal: { id: waiting },
    });
  });

  test("of an unknown id exits 1", async () => {
    const { code, stderr, stdout } = await runCli("chem-bus", [
      "trace",
      "discover.module.nothing",
      "--home",
      mesh.home,
    ]);
    expect([code, stdout, stderr]).toEqual([
      1,
      "",
      expect.stringContaining("no journal knows discover.module.nothing"),
    ]);
  });
});

describe("chem-bus audit", () => {
  test("balances, with dead letters in their column", async () => {
    await mesh.startConsumer();
    for (const id of ["q.1", "poison.1", "q.2"]) await mesh.ask(id);
    await mesh.settled();
    const { code, stdout } = await runCli("chem-bus", ["audit", "--json", "--home", mesh.home]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      balanced: true,
      rows: [
        {
          signal: "Q_CURIOSITY_INVESTIGATE",
          emitter: "intent_router",
          consumer: "investigation_consumer_daemon",
          emitted: 3,
          handled: 2,
          dead_lettered: 1,
          pending: 0,
          expired: 0,
        },
      ],
    });
    const table = await runCli("chem-bus", ["audit", "--home", mesh.home]);
    expect(table.stdout).toContain("the books balance");
  });
});

test("| head ends every command quietly", async () => {
  for (let index = 0; index < 20; index++) await mesh.ask("same.question");
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const script = `node "$0" trace same.question --home "$1" | head -1; echo "rc \${PIPESTATUS[0]}" >&2`;
    const shell = spawn("bash", [
      "-c",
      script,
      new URL("../../bin/chem-bus.mjs", import.meta.url).pathname,
      mesh.home,
    ]);
    let text = "";
    shell.stdout.resume();
    shell.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    shell.on("close", (exit) => resolve({ code: exit, stderr: text }));
  });
  expect([code, stderr]).toEqual([0, "rc 0\n"]);
});

test("a slow reader of chem-bus listen misses nothing, however far it falls behind", async () => {
  const heard = startCli("chem-bus", [
    "listen",
    "--json",
    "--count",
    "30000",
    "--timeout",
    "50s",
    "--home",
    mesh.home,
  ]);
  await until("it listens", async () => {
    await mesh.ask("q.1");
    return heard.stdout() !== "";
  });
  heard.process.stdout?.pause();
  for (let burst = 0; burst < 30; burst++)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => mesh.ask(`q.${String(burst)}.${String(index)}`)),
    );
  heard.process.stdout?.resume();
  const { code, stdout } = await heard.finished;
  const seqs = parsed(stdout).map(({ seq }) => Number(seq));
  expect([code, seqs.length]).toEqual([0, 30_000]);
  expect(seqs).toEqual(Array.from({ length: 30_000 }, (_, index) => (seqs[0] ?? 0) + index));
});
