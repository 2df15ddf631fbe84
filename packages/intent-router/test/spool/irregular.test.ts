import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  deadLetters,
  drop,
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
const report = (name: string): Report => readReport(bench.intents, name);
const settled = async (): Promise<void> =>
  until("nothing is left to do", () => {
    const { waiting, settling } = bench.spool.counts();
    return filesIn(bench.intents).length + waiting + settling === 0;
  });

describe("what is no plain file of fair size", () => {
  it("is rejected once, without being opened, followed or read", async () => {
    await open();
    writeFileSync(join(bench.home, "secret.json"), JSON.stringify(intent()));
    symlinkSync("../secret.json", join(bench.intents, "link.json"));
    symlinkSync("link-to-itself", join(bench.intents, "link-to-itself"));
    mkdirSync(join(bench.intents, "folder.json"));
    writeFileSync(join(bench.intents, "folder.json", "inside.json"), JSON.stringify(intent()));
    execFileSync("mkfifo", [join(bench.intents, "fifo.json")]);
    const server = createServer().listen(join(bench.intents, "socket.json"));
    writeFileSync(join(bench.intents, "large.json"), "");
    truncateSync(join(bench.intents, "large.json"), 1_048_577);
    await settled();
    server.close();
    await until("the letters", () => deadLetters(bench.home).length === 6);
    expect(bench.emitted).toEqual([]);
    const rejected = (name: string): string => join(bench.intents, "rejected", name);
    expect(readlinkSync(rejected("link.json"))).toBe("../secret.json");
    expect(lstatSync(rejected("fifo.json")).isFIFO()).toBe(true);
    expect(existsSync(rejected("folder.json/inside.json"))).toBe(true);
    const texts = ["link.json", "folder.json", "fifo.json", "socket.json", "large.json"].map(
      (name) => report(name).problems[0]?.text,
    );
    expect(texts).toEqual([
      'intents/link.json: is a symbolic link (to "../secret.json"); links are not followed, put the file itself here',
      "intents/folder.json: is a directory; an intent is a plain file",
      "intents/fifo.json: is a FIFO; an intent is a plain file",
      "intents/socket.json: is a socket; an intent is a plain file",
      "intents/large.json: is 1048577 bytes long; an intent may have 1048576",
    ]);
  });

  it("of exactly the largest size is an intent", async () => {
    await open();
    const whole = intent();
    const padding = 1_048_576 - JSON.stringify(whole).length - ',"pad":""'.length;
    (whole["data"] as Record<string, unknown>)["pad"] = "x".repeat(padding);
    bench.drop("a.json", whole);
    await settled();
    await until(
      "its letter, for with its envelope it is too large a signal",
      () => deadLetters(bench.home).length === 1,
    );
    expect(report("a.json").problems[0]?.text).toContain("bytes");
  });
});

describe("the folder", () => {
  it("may be deleted and made again, or replaced by another", async () => {
    await open({ settings: { rescanMs: 200 } });
    rmSync(bench.intents, { recursive: true });
    await until("it is there again", () => existsSync(join(bench.intents, "rejected")));
    bench.drop("a.json", intent());
    await until("the first", () => bench.emitted.length === 1);
    mkdirSync(join(bench.home, "other"));
    drop(join(bench.home, "other"), "b.json", intent());
    renameSync(bench.intents, join(bench.home, "old"));
    renameSync(join(bench.home, "other"), bench.intents);
    await until("the second", () => bench.emitted.length === 2);
    bench.drop("c.json", intent());
    bench.drop("bad.json", "[]");
    await until("the third", () => bench.emitted.length === 3);
    await until("the rejected", () => existsSync(join(bench.intents, "rejected", "bad.json.report.json")));
  });
});
