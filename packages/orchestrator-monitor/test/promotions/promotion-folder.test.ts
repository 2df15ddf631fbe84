import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_PROMOTION_BYTES } from "@kloros/experiments";
import { describe, expect, it } from "vitest";
import type { Survey } from "../../src/promotions/promotion-entry.ts";
import { readPromotionFile } from "../../src/promotions/read-promotion-file.ts";
import { Slices } from "../../src/promotions/slices.ts";
import { lab, variant } from "./lab.ts";

const names = ({ unacknowledged }: Survey) => unacknowledged.map(({ name }) => name);
const codes = ({ refused }: Survey) => Object.fromEntries(refused.map(({ name, code }) => [name, code]));

describe("a scan", () => {
  it("finds promotions, oldest first, and passes over what is none", async () => {
    const { write, scan, promotions } = lab();
    write("b.json", variant(1));
    write("a.json", variant(2));
    write(".hidden.json");
    write("half.json.tmp");
    write("x.ack.json");
    mkdirSync(join(promotions, "acknowledged"));
    writeFileSync(join(promotions, "acknowledged", "old.json"), variant(0));
    const survey = await scan();
    expect(names(survey)).toEqual(["b.json", "a.json"]);
    expect(survey).toMatchObject({ files: 2, refused: [], unfinished: 0, unexamined: 0 });
  });

  it("takes the file's own time where the promotion has none", async () => {
    const { write, scan, promotions } = lab();
    write("a.json", '{"score": 1}');
    utimesSync(join(promotions, "a.json"), 1_000, 1_000);
    expect((await scan()).unacknowledged[0]?.promotedMs).toBe(1_000_000);
  });

  it("has the same digest for the same set, another for another set or other content, and 0 for none", async () => {
    const { write, scan, promotions } = lab();
    expect((await scan()).digest).toBe("0");
    write("a.json", variant(1));
    const one = (await scan()).digest;
    write("b.json", variant(1));
    const two = (await scan()).digest;
    write("b.json", variant(2));
    const rewritten = (await scan()).digest;
    unlinkSync(join(promotions, "b.json"));
    expect(new Set(["0", one, two, rewritten]).size).toBe(4);
    expect((await scan()).digest).toBe(one);
  });

  it("reads no unchanged file again, and every changed one", async () => {
    const read: string[] = [];
    const { write, scan, promotions } = lab({
      read: (path, identity, key) => {
        const reading = readPromotionFile(path, identity, key);
        if (reading.kind !== "unchanged") read.push(path);
        return reading;
      },
    });
    for (const n of [1, 2, 3]) write(`${n}.json`, variant(n));
    await scan();
    read.length = 0;
    await scan();
    expect(read).toEqual([]);
    write("2.json", variant(9));
    await scan();
    expect(read).toEqual([join(promotions, "2.json")]);
  });

  it("of 10,000 files lets the event loop turn all the while; a second one reads nothing", async () => {
    let read = 0;
    const { write, scan } = lab({
      read: (path, identity, key) => {
        const reading = readPromotionFile(path, identity, key);
        if (reading.kind !== "unchanged") read++;
        return reading;
      },
    });
    for (let n = 0; n < 10_000; n++) write(`promotion-${n}.json`, variant(n));
    let turns = 0;
    const pulse = setInterval(() => turns++, 1);
    expect((await scan()).unacknowledged).toHaveLength(10_000);
    clearInterval(pulse);
    expect([read, turns > 3]).toEqual([10_000, true]);
    expect((await scan()).unacknowledged).toHaveLength(10_000);
    expect(read).toBe(10_000);
  });
});

describe("while the folder changes", () => {
  it("files that vanish during a scan are gone, and those that appear are found by the next look", async () => {
    let during: () => void = () => undefined;
    const { write, scan, look, promotions } = lab({
      read: (path, identity, key) => {
        during();
        return readPromotionFile(path, identity, key);
      },
    });
    for (let n = 0; n < 100; n++) write(`${n}.json`, variant(n));
    during = () => {
      during = () => undefined;
      for (let n = 0; n < 100; n += 2) rmSync(join(promotions, `${n}.json`), { force: true });
      write("new.json", variant(1_000));
      renameSync(join(promotions, "1.json"), join(promotions, "moved.json"));
    };
    const survey = await scan();
    expect(survey.unacknowledged.length).toBeLessThanOrEqual(50);
    expect(survey.refused).toEqual([]);
    const after = await look("new.json", "moved.json", "1.json");
    expect(after.unacknowledged).toHaveLength(51);
    expect(names(after)).toContain("new.json");
    expect((await scan()).digest).toBe(after.digest);
  });

  it("a half-written file is waited for; finished, it counts; left so, it is refused", async () => {
    const { write, look, folder, promotions } = lab();
    write("a.json", variant(1).slice(0, 10));
    write("b.json", "");
    expect(await look("a.json", "b.json")).toMatchObject({
      files: 2,
      unacknowledged: [],
      refused: [],
      unfinished: 2,
    });
    appendFileSync(join(promotions, "a.json"), variant(1).slice(10));
    expect(names(await look("a.json"))).toEqual(["a.json"]);
    await sleep(folder.due(performance.now()).nextInMs ?? 0);
    const { names: due } = folder.due(performance.now() + 1);
    expect(due).toEqual(["b.json"]);
    await sleep(1);
    expect(codes(await look(...due))).toEqual({ "b.json": "NotJson" });
    expect(folder.due(performance.now())).toEqual({ names: [], nextInMs: null });
    expect(codes(await look("b.json"))).toEqual({ "b.json": "NotJson" }); // Not waited for again.
    write("b.json", variant(2));
    expect(names(await look("b.json"))).toEqual(["a.json", "b.json"]);
  });

  it("one that grows all the time goes on being waited for", async () => {
    const { write, look, folder, promotions } = lab({ settleMs: 30 });
    write("a.json", "{");
    for (let n = 0; n < 5; n++) {
      await look("a.json");
      await sleep(20);
      appendFileSync(join(promotions, "a.json"), `"m${n}": 1,`);
    }
    expect(await look("a.json")).toMatchObject({ refused: [], unfinished: 1 });
    expect(folder.due(performance.now()).nextInMs).toBeGreaterThan(0);
  });

  it("a promotion that is rewritten in place goes on counting as it was", async () => {
    const { write, look, promotions } = lab();
    write("a.json", variant(1));
    const before = await look("a.json");
    truncateSync(join(promotions, "a.json"), 7);
    expect(await look("a.json")).toMatchObject({ digest: before.digest, unfinished: 1 });
  });

  it("a folder that is removed is empty, and full when it is back", async () => {
    const { write, scan, promotions, acknowledgements } = lab();
    write("a.json");
    const before = await scan();
    rmSync(promotions, { recursive: true });
    rmSync(acknowledgements, { recursive: true });
    expect(await scan()).toMatchObject({ files: 0, digest: "0" });
    mkdirSync(promotions);
    write("a.json");
    expect((await scan()).digest).toBe(before.digest);
  });

  it("a look sees a second write within the same tick of the clock", async () => {
    const { write, scan, look } = lab({
      // As when the file system's clock has not moved on.
      read: (path, identity, key) =>
        identity === null ? readPromotionFile(path, null, key) : { kind: "unchanged" },
    });
    write("a.json", variant(1));
    const before = await look("a.json");
    write("a.json", variant(2));
    expect((await scan()).digest).toBe(before.digest);
    expect((await look("a.json")).digest).not.toBe(before.digest);
  });
});

describe("what cannot be read is refused, with its reason", () => {
  it("links, folders, pipes, giants and names nobody should print", async () => {
    const { write, scan, promotions } = lab();
    write("target.txt");
    symlinkSync(join(promotions, "target.txt"), join(promotions, "link.json"));
    symlinkSync("/nowhere", join(promotions, "dangling.json"));
    mkdirSync(join(promotions, "folder.json"));
    execFileSync("mkfifo", [join(promotions, "pipe.json")]);
    write("giant.json", " ".repeat(MAX_PROMOTION_BYTES + 1));
    write("bell\u0007.json");
    writeFileSync(
      Buffer.concat([Buffer.from(join(promotions, "latin")), Buffer.from([0xe9]), Buffer.from(".json")]),
      variant(1),
    );
    const survey = await scan();
    expect(codes(survey)).toEqual({
      "link.json": "NotAFile",
      "dangling.json": "NotAFile",
      "folder.json": "NotAFile",
      "pipe.json": "NotAFile",
      "giant.json": "TooLarge",
      "bell\u0007.json": "BadName",
      "latin\uFFFD.json": "BadName",
    });
    expect(survey).toMatchObject({ files: 7, unacknowledged: [] });
  });

  it("a file that the system will not open is refused, and tried again at each scan", async () => {
    let isOpen = false;
    const { write, scan } = lab({
      read: (path, identity, key) =>
        isOpen
          ? readPromotionFile(path, identity, key)
          : { kind: "barred", identity: null, code: "Unreadable", reason: "cannot be read: EACCES" },
    });
    write("a.json");
    expect(codes(await scan())).toEqual({ "a.json": "Unreadable" });
    isOpen = true;
    expect(names(await scan())).toEqual(["a.json"]);
  });

  it("bytes that are no UTF-8 are refused once they have settled", async () => {
    const { promotions, scan } = lab({ settleMs: 0 });
    writeFileSync(join(promotions, "a.json"), Buffer.from([0x7b, 0xff, 0x7d]));
    await scan();
    expect(codes(await scan())).toEqual({ "a.json": "NotJson" });
  });

  it("what has expired is refused from then on, and taken back when a clock was wrong", async () => {
    const { write, scan } = lab();
    write("a.json", JSON.stringify({ winner: { fitness: 1 }, updated_at: 1_000, ttl_seconds: 60 }));
    expect(names(await scan(1_059_999))).toEqual(["a.json"]);
    const expired = await scan(1_060_000);
    expect(expired).toMatchObject({ digest: "0", refused: [{ name: "a.json", code: "Expired" }] });
    expect(names(await scan(1_059_999 - 3_600_000))).toEqual(["a.json"]); // Set back an hour.
  });
});

describe("acknowledged is", () => {
  const withId = JSON.stringify({ fitness: 1, id: "p-1" });

  it.each([
    ["what has its name in promotions_ack", "promotions_ack/a_ack.json"],
    ["what has its id in promotions_ack", "promotions_ack/p-1.ack.json"],
    ["what has its id beside it", "promotions/p-1.ack.json"],
  ])("%s, seen by a scan and by a look, and no longer when it is taken away", async (_, path) => {
    const { write, scan, look, promotions } = lab();
    write("a.json", withId);
    const before = await scan();
    const ack = join(promotions, "..", path);
    writeFileSync(ack, "{}");
    expect(await scan()).toMatchObject({ files: 1, unacknowledged: [], digest: "0" });
    unlinkSync(ack);
    expect((await look(ack.split("/").at(-1) ?? "")).digest).toBe(before.digest);
    writeFileSync(ack, "{}");
    expect((await look(ack.split("/").at(-1) ?? "")).digest).toBe("0");
  });
});

it("beyond its limit it counts files instead of reading them, and gets to them when there is room", async () => {
  const { write, scan, look, promotions, folder } = lab({ maxPromotions: 10 });
  for (let n = 0; n < 10; n++) write(`${n}.json`, variant(n));
  const first = await scan();
  for (let n = 10; n < 15; n++) write(`${n}.json`, variant(n));
  expect((await look("11.json")).digest).toBe(first.digest);
  expect(await scan()).toMatchObject({ files: 15, unexamined: 5, digest: first.digest });
  for (let n = 0; n < 5; n++) unlinkSync(join(promotions, `${n}.json`));
  await folder.scan(new Slices());
  expect(await scan()).toMatchObject({ files: 10, unexamined: 0 });
});
