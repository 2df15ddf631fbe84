/** Output into real pipes: one that is read, one that nobody reads for a while, one whose reader goes away. */
import { spawnSync } from "node:child_process";
import { constants, closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LineOutput } from "../../src/up/line-output.ts";
import { until } from "../until.ts";

let folder = "";
let reader = -1;
let writer = -1;
const seen: string[] = [];
let output: LineOutput;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "line-output-"));
  const fifo = join(folder, "pipe");
  spawnSync("mkfifo", [fifo]);
  reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  seen.length = 0;
  output = new LineOutput(writer, {
    onFull: () => seen.push("full"),
    onFlowing: () => seen.push("flowing"),
    onClosed: () => seen.push("closed"),
    droppedNotice: (count) => `dropped ${String(count)}`,
  });
});

afterEach(() => {
  for (const fd of [reader, writer]) if (fd >= 0) closeSync(fd);
  rmSync(folder, { recursive: true });
});

function readSome(): Buffer {
  const buffer = Buffer.alloc(1_048_576);
  try {
    return buffer.subarray(0, readSync(reader, buffer));
  } catch {
    return Buffer.alloc(0);
  }
}

/** Decoded only when whole: a reading may end in the middle of a character. */
async function readUntil(end: string): Promise<string> {
  let bytes = Buffer.alloc(0);
  await until(`the line ${end}`, () => {
    bytes = Buffer.concat([bytes, readSome()]);
    return bytes.toString("utf8").endsWith(`${end}\n`);
  });
  return bytes.toString("utf8");
}

test("lines arrive whole and in order", async () => {
  const lines = Array.from(
    { length: 5_000 },
    (_, index) => `line ${String(index)} ä${"x".repeat(index % 90)}`,
  );
  for (const line of lines) output.line(line);
  expect((await readUntil(lines.at(-1) ?? "")).trimEnd().split("\n")).toEqual(lines);
  expect(seen).toEqual([]);
});

test("the writers are held back when nobody reads, and go on when somebody does", async () => {
  for (let index = 0; index < 1_200; index++) output.line("x".repeat(1_000));
  expect(seen).toEqual(["full"]);
  output.line("end");
  await readUntil("end");
  await until("the writers go on", () => seen.at(-1) === "flowing");
});

test("when nobody reads for long, lines are dropped and counted, and memory stays bounded", async () => {
  for (let index = 0; index < 1_200; index++) output.line("x".repeat(1_000));
  await until("the writers go on", () => seen.at(-1) === "flowing");
  for (let index = 0; index < 777; index++) output.line("lost");
  const text = await readUntil("dropped 777");
  expect(text).not.toContain("lost");
  output.line("after");
  await readUntil("after");
});

test("a reader that goes away is told once, and further lines are of no consequence", async () => {
  closeSync(reader);
  reader = -1;
  output.line("nobody");
  await until("it is noticed", () => seen.includes("closed"));
  output.line("more");
  await output.flush(1_000);
  expect(seen).toEqual(["closed"]);
});

test("flush waits for what is written, but not for ever", async () => {
  output.line("a");
  await output.flush(5_000);
  expect(readSome().toString()).toBe("a\n");
  for (let index = 0; index < 200; index++) output.line("x".repeat(1_000));
  const started = performance.now();
  await output.flush(100);
  expect(performance.now() - started).toBeLessThan(2_000);
});
