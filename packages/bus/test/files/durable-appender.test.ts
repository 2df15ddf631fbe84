import { appendFileSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  AppendQueueFullError,
  appendLineDurable,
  DurableAppender,
  FileError,
  FileLockTimeoutError,
  LineInvalidError,
  lockFileInPlace,
  MAX_LINE_BYTES,
  readJsonLines,
} from "@kloros/bus";
import { expect, onTestFinished, test, vi } from "vitest";
import { IS_ROOT, smallDisk, startChild, tempFolder } from "./processes.ts";

interface Line {
  writer: string;
  n: number;
}

function appenderIn(folder: string): DurableAppender {
  const appender = new DurableAppender(join(folder, "lines.jsonl"));
  onTestFinished(() => appender.close());
  return appender;
}

async function linesOf<T = Line>(path: string): Promise<{ values: T[]; offsets: number[]; skipped: number }> {
  const values: T[] = [];
  const offsets: number[] = [];
  let skipped = 0;
  for await (const line of readJsonLines<T>(path, { onSkip: () => skipped++ })) {
    values.push(line.value);
    offsets.push(line.offset);
  }
  return { values, offsets, skipped };
}

test("two processes that append to one file at once lose and mix nothing, and their offsets are true", async () => {
  const path = join(tempFolder(), "lines.jsonl");
  const children = ["a", "b"].map((writer) => ({
    writer,
    child: startChild("append-many", path, writer, "300"),
  }));
  const acked = await Promise.all(
    children.map(async ({ writer, child }) => ({ writer, lines: (await child.rest()).slice(1) })),
  );
  const { values, offsets, skipped } = await linesOf(path);
  expect(skipped).toBe(0);
  expect(values).toHaveLength(600);
  for (const { writer, lines } of acked) {
    expect(lines).toHaveLength(300);
    for (const line of lines) {
      const { n, offset } = JSON.parse(line) as { n: number; offset: number };
      expect(values[offsets.indexOf(offset)]).toMatchObject({ writer, n });
    }
  }
});

test("what was acknowledged before kill -9 is in the file, and the next append comes out whole", async () => {
  const path = join(tempFolder(), "lines.jsonl");
  for (let round = 0; round < 3; round++) {
    const child = startChild("append-many", path, `r${round}`, "1000000");
    const acked: number[] = [];
    for (let line = await child.line(); acked.length < 40; line = await child.line()) {
      if (line !== "ready") acked.push((JSON.parse(line) as { n: number }).n);
    }
    await child.kill();
    await appendLineDurable(path, JSON.stringify({ writer: "after", n: round }));
    const { values } = await linesOf(path);
    const found = new Set(values.filter((line) => line.writer === `r${round}`).map((line) => line.n));
    expect(acked.filter((n) => !found.has(n))).toEqual([]);
    expect(values.at(-1)).toEqual({ writer: "after", n: round });
  }
});

test("a torn last line is ended by a newline, so that only it is lost", async () => {
  const path = join(tempFolder(), "lines.jsonl");
  writeFileSync(path, '{"n":1}\n{"n":2,"to');
  const { offset } = await appendLineDurable(path, '{"n":3}');
  expect(readFileSync(path, "utf8")).toBe('{"n":1}\n{"n":2,"to\n{"n":3}\n');
  expect(readFileSync(path).subarray(offset).toString()).toBe('{"n":3}\n');
  expect(await linesOf(path)).toMatchObject({ values: [{ n: 1 }, { n: 3 }], skipped: 1 });
});

test("appends at the same time share syncs", async () => {
  const folder = tempFolder();
  const probe = await open(join(folder, "probe"), "w");
  const datasync = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, "datasync");
  onTestFinished(() => datasync.mockRestore());
  await probe.close();
  const appender = appenderIn(folder);
  await Promise.all(Array.from({ length: 1000 }, (_, n) => appender.append(JSON.stringify({ n }))));
  expect(datasync.mock.calls.length).toBeLessThanOrEqual(2);
  expect((await linesOf<{ n: number }>(appender.path)).values.map((line) => line.n)).toEqual(
    Array.from({ length: 1000 }, (_, n) => n),
  );
});

test("a new file is 0600", async () => {
  const path = join(tempFolder(), "lines.jsonl");
  await appendLineDurable(path, "{}");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("after the file was archived under its lock, appends go to a new file of the old name", async () => {
  const folder = tempFolder();
  const appender = appenderIn(folder);
  await appender.append('{"n":1}');
  const lock = await lockFileInPlace(appender.path, { deadlineMs: 1000 });
  const second = appender.append('{"n":2}');
  renameSync(appender.path, join(folder, "archived"));
  await lock.release();
  expect(await second).toEqual({ offset: 0, bytes: 8 });
  expect(readFileSync(join(folder, "archived"), "utf8")).toBe('{"n":1}\n');
  expect(readFileSync(appender.path, "utf8")).toBe('{"n":2}\n');
});

test("a lock that never ends is an error at the deadline, and nothing is written", async () => {
  const path = join(tempFolder(), "lines.jsonl");
  writeFileSync(path, "");
  const lock = await lockFileInPlace(path, { deadlineMs: 1000 });
  await expect(appendLineDurable(path, "{}", { lockDeadlineMs: 40 })).rejects.toThrow(FileLockTimeoutError);
  await expect(lockFileInPlace(path, { deadlineMs: 40 })).rejects.toThrow(FileLockTimeoutError);
  await lock.release();
  expect(readFileSync(path, "utf8")).toBe("");
});

test("lines with a line break, and giant lines, are refused; the next line is appended", async () => {
  const appender = appenderIn(tempFolder());
  await expect(appender.append("a\nb")).rejects.toThrow(LineInvalidError);
  await expect(appender.append(Buffer.alloc(MAX_LINE_BYTES + 1, 0x61))).rejects.toThrow(LineInvalidError);
  await appender.append("{}");
  expect(readFileSync(appender.path, "utf8")).toBe("{}\n");
});

test("more bytes than may wait are refused at once, and what waited is written", async () => {
  const appender = appenderIn(tempFolder());
  const big = Buffer.alloc(MAX_LINE_BYTES - 8, 0x61);
  const results = await Promise.allSettled(Array.from({ length: 6 }, () => appender.append(big)));
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(4);
  expect(results.at(-1)).toMatchObject({ reason: expect.any(AppendQueueFullError) as unknown });
});

test.skipIf(!IS_ROOT)(
  "a full disk refuses the line, leaves no half of it, and appends go on when there is room (SKIPPED unless root: needs a small disk)",
  async () => {
    const disk = smallDisk(64 * 1024);
    const appender = appenderIn(disk.path);
    await appender.append('{"n":1}');
    const before = statSync(appender.path).size;
    const error: unknown = await appender.append("x".repeat(80 * 1024)).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({
      errno: "ENOSPC",
      message: expect.stringContaining("free space") as string,
    });
    expect(statSync(appender.path).size).toBe(before);
    await appender.append('{"n":2}');
    expect((await linesOf(appender.path)).values).toEqual([{ n: 1 }, { n: 2 }]);
    await appender.close();
  },
);

test.skipIf(!IS_ROOT)(
  "a read-only disk is named as such (SKIPPED unless root: needs a disk to remount)",
  async () => {
    const disk = smallDisk(64 * 1024);
    disk.makeReadOnly();
    await expect(appendLineDurable(join(disk.path, "lines.jsonl"), "{}")).rejects.toThrow(/read-only.*EROFS/);
    expect(readdirSync(disk.path)).toEqual([]);
  },
);

test("a foreign writer's line without newline does not swallow ours", async () => {
  const appender = appenderIn(tempFolder());
  await appender.append('{"n":1}');
  appendFileSync(appender.path, '{"n":2}');
  await appender.append('{"n":3}');
  expect((await linesOf(appender.path)).values).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});
