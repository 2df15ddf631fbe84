import {
  appendFileSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  deadLetters,
  filesIn,
  intent,
  readReport,
  type Report,
  until,
  workbench,
  type Workbench,
  type WorkbenchOptions,
} from "./harness.ts";

let bench: Workbench;
afterEach(async () => bench.close());

const open = async (options: WorkbenchOptions = {}): Promise<void> => void (bench = await workbench(options));
const kept = (folder: string): string[] => filesIn(join(bench.intents, folder));
const report = (name: string): Report => readReport(bench.intents, name);
const settled = async (): Promise<void> =>
  until("nothing is left to do", () => {
    const { waiting, settling } = bench.spool.counts();
    return filesIn(bench.intents).length + waiting + settling === 0;
  });

describe("a routed file", () => {
  it("is removed, and its signal has the facts and the urgency of the intent", async () => {
    await open();
    bench.drop("a.json", intent({ question_id: "discover.module.audio", priority: 8 }));
    await settled();
    expect(bench.emitted).toMatchObject([
      {
        signal: "Q_CURIOSITY_INVESTIGATE",
        priority: "high",
        facts: { question_id: "discover.module.audio", priority: "high" },
      },
    ]);
    expect(bench.spool.counts()).toMatchObject({ routed: 1, waiting: 0, remembered: 1, trouble: "" });
  });

  it("may be written in place, piece by piece, and is routed when its last piece is there", async () => {
    await open();
    const text = JSON.stringify(intent());
    writeFileSync(join(bench.intents, "a.json"), text.slice(0, 20));
    await until("the half is waited for", () => bench.spool.counts().settling === 1);
    appendFileSync(join(bench.intents, "a.json"), text.slice(20));
    await settled();
    expect(bench.emitted).toHaveLength(1);
  });

  it("may have any bytes in its name", async () => {
    await open();
    const name = Buffer.concat([
      Buffer.from(`${bench.intents}/`),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from(".json"),
    ]);
    writeFileSync(name, JSON.stringify(intent()));
    bench.drop("ü ☃ \n.json", intent());
    await settled();
    expect(bench.emitted).toHaveLength(2);
  });

  it("is found at the start, and one that has no .json in its name when nobody has written to it for a while", async () => {
    await open({ start: false });
    bench.drop("before.json", intent());
    bench.drop("no-suffix", intent());
    await bench.spool.start();
    await until("the first", () => bench.emitted.length === 1);
    expect(existsSync(join(bench.intents, "no-suffix"))).toBe(true);
    await settled();
    expect(bench.emitted).toHaveLength(2);
  });

  it("is left alone under a temporary name until it is renamed", async () => {
    await open();
    for (const name of [
      ".hidden.json",
      "a.json.tmp",
      "a.part",
      "tmpab12cd_9",
      "a.json~",
      "a.json.tmp.Xy12",
    ]) {
      writeFileSync(join(bench.intents, name), JSON.stringify(intent()));
    }
    bench.drop("last.json", intent());
    await until("the last", () => bench.emitted.length === 1);
    renameSync(join(bench.intents, "a.json.tmp"), join(bench.intents, "a.json"));
    await until("the renamed", () => bench.emitted.length === 2);
    expect(existsSync(join(bench.intents, ".hidden.json"))).toBe(true);
  });
});

describe("a duplicate", () => {
  it("is moved aside, under a free name", async () => {
    await open();
    const same = intent();
    for (let count = 1; count <= 3; count++) {
      bench.drop("a.json", same);
      await settled();
    }
    expect(bench.emitted).toHaveLength(1);
    expect(kept("duplicate")).toEqual(["a.2.json", "a.json"]);
  });

  it("is found among files that arrive together, also as a hard link and with another layout", async () => {
    await open({ start: false });
    const same = intent();
    bench.drop("a.json", same);
    linkSync(join(bench.intents, "a.json"), join(bench.intents, "b.json"));
    bench.drop("c.json", JSON.stringify(same, null, 4));
    await bench.spool.start();
    await settled();
    expect(bench.emitted).toHaveLength(1);
    expect(kept("duplicate")).toHaveLength(2);
  });

  it("is none any more when its hour is over, or when the clock was set back by more than that", async () => {
    let nowMs = Date.now();
    await open({ now: () => nowMs });
    const same = intent({}, { id: "mine" });
    for (const [shift, emitted] of [
      [0, 1],
      [3_599_000, 1],
      [2_000, 2],
      [-7_200_000, 3],
      [0, 3],
      [-1_000, 3],
    ] as const) {
      nowMs += shift;
      bench.drop("a.json", same);
      await settled();
      expect(bench.emitted).toHaveLength(emitted);
    }
  });

  it("of an id that was routed with other content is rejected instead", async () => {
    await open();
    bench.drop("a.json", intent({}, { id: "mine" }));
    await settled();
    bench.drop("b.json", intent({}, { id: "mine" }));
    await settled();
    expect(bench.emitted).toHaveLength(1);
    expect(report("b.json").problems[0]?.text).toMatch(
      /^intents\/b\.json: id reused: "mine" was routed from a\.json at /,
    );
  });
});

describe("a rejected file", () => {
  it("is moved with its content, a report that names each problem, and one dead letter", async () => {
    await open();
    const bad = { type: "reinvestigate", data: { question: "x", priority: 42 } };
    bench.drop("a.json", bad);
    await settled();
    await until("the dead letter", () => deadLetters(bench.home).length === 1);
    expect(JSON.parse(readFileSync(join(bench.intents, "rejected", "a.json"), "utf8"))).toEqual(bad);
    expect(report("a.json")).toMatchObject({
      file: "intents/a.json",
      kept_at: "intents/rejected/a.json",
      problems: [{ path: "data.priority" }, { path: "data.question_id" }],
    });
    expect(deadLetters(bench.home)[0]).toMatchObject({ daemon: "intent_router", signal: bad });
    expect(deadLetters(bench.home)[0]!.error).toContain(
      "data.priority must be 0–10 or one of low, normal, high, critical (got 42)",
    );
    expect(bench.spool.counts()).toMatchObject({ rejected: 1, waiting: 0 });
  });

  it("never takes the place of another", async () => {
    await open();
    for (const text of ["[1]", "[2]", "[3]"]) {
      bench.drop("a.json", text);
      await settled();
    }
    expect(kept("rejected").filter((name) => !name.endsWith(".report.json"))).toEqual([
      "a.2.json",
      "a.3.json",
      "a.json",
    ]);
    expect(readFileSync(join(bench.intents, "rejected", "a.3.json"), "utf8")).toBe("[3]");
    await until("three letters", () => deadLetters(bench.home).length === 3);
  });

  it("may have the longest name that the disk takes", async () => {
    await open();
    bench.drop(`${"n".repeat(250)}.json`, "[]");
    await settled();
    expect(kept("rejected")).toHaveLength(2);
  });

  it("was waited for while it was half-written, and its bytes are in the dead letter", async () => {
    await open();
    writeFileSync(join(bench.intents, "half.json"), '{"type": "disc');
    await until("it is waited for", () => bench.spool.counts().settling === 1);
    expect(existsSync(join(bench.intents, "half.json"))).toBe(true);
    await settled();
    await until("the dead letter", () => deadLetters(bench.home).length === 1);
    expect(Buffer.from(deadLetters(bench.home)[0]!.raw_base64 ?? "", "base64").toString()).toBe(
      '{"type": "disc',
    );
  });

  it("is waited for as long as somebody goes on writing", async () => {
    await open({ settings: { settleMs: 250 } });
    const path = join(bench.intents, "slow.json");
    const text = JSON.stringify(intent());
    for (let length = 1; length < text.length; length += 12) {
      writeFileSync(path, text.slice(0, length));
      await new Promise((resolve) => setTimeout(resolve, 60)); // the writer's own pace: each pause is far below the settle time
    }
    writeFileSync(path, text);
    await settled();
    expect(bench.emitted).toHaveLength(1);
    expect(kept("rejected")).toEqual([]);
  });

  it("is not taken for finished because its mtime is old, which a copy or a rename keeps", async () => {
    await open({ start: false, settings: { settleMs: 600_000 } });
    writeFileSync(join(bench.intents, "old.json"), "{");
    utimesSync(join(bench.intents, "old.json"), 1, 1);
    await bench.spool.start();
    await until("it is waited for", () => bench.spool.counts().settling === 1);
    expect(kept("rejected")).toEqual([]);
  });
});
