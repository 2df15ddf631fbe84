import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireFileLock, FileError, type FileLock, lockHolder, waitForFileLock } from "@kloros/bus";
import { expect, onTestFinished, test } from "vitest";
import { startChild, tempFolder } from "./processes.ts";

const lockPath = () => join(tempFolder(), "daemon.lock");

function hold(path: string, name: string): FileLock {
  const result = acquireFileLock(path, { name });
  if (result.kind !== "held") throw new Error("expected to hold the lock");
  return result.lock;
}

test("of several processes that race for a lock exactly one gets it, and the others learn its name and pid", async () => {
  const path = lockPath();
  const children = ["a", "b", "c"].map((name) => ({ name, child: startChild("hold-lock", path, name) }));
  const answers = await Promise.all(
    children.map(async ({ name, child }) => ({
      name,
      pid: child.process.pid,
      ...(JSON.parse(await child.line()) as object),
    })),
  );
  const held = answers.filter((answer) => "kind" in answer && answer.kind === "held");
  expect(held).toHaveLength(1);
  expect(acquireFileLock(path, { name: "me" })).toMatchObject({
    kind: "busy",
    holder: { name: held[0]?.name, pid: held[0]?.pid, since: expect.stringMatching(/^\d{4}-.*Z$/) as string },
  });
});

test("kill -9 of the holder frees the lock at once", async () => {
  const path = lockPath();
  const child = startChild("hold-lock", path, "victim");
  await child.line();
  expect(acquireFileLock(path, { name: "me" }).kind).toBe("busy");
  await child.kill();
  expect(acquireFileLock(path, { name: "me" }).kind).toBe("held");
});

test("who holds the lock is told without taking it, and nobody when its holder is dead", async () => {
  const path = lockPath();
  expect(lockHolder(path)).toBeNull();
  const child = startChild("hold-lock", path, "holder");
  await child.line();
  expect(lockHolder(path)).toMatchObject({ name: "holder", pid: child.process.pid });
  await child.kill();
  expect(lockHolder(path)).toBeNull();
  expect(acquireFileLock(path, { name: "me" }).kind).toBe("held");
});

test("a child process that outlives its parent does not keep the parent's lock", async () => {
  const path = lockPath();
  const lock = hold(path, "parent");
  const child = spawn("sleep", ["60"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  lock.release();
  expect(acquireFileLock(path, { name: "next" }).kind).toBe("held");
});

test("the lock holds across network namespaces", ({ skip }) => {
  try {
    execFileSync("unshare", ["-n", "true"], { stdio: "ignore" });
  } catch {
    skip("SKIPPED: may not create a network namespace here");
  }
  const path = lockPath();
  hold(path, "outside");
  const code = `import("fs-native-extensions").then(({ tryLock }) => console.log(tryLock(require("fs").openSync(${JSON.stringify(path)}, "r+"))))`;
  expect(execFileSync("unshare", ["-n", process.execPath, "-e", code], { encoding: "utf8" }).trim()).toBe(
    "false",
  );
});

test("within one process a second taker is busy until the first has let go", () => {
  const path = lockPath();
  const lock = hold(path, "first");
  expect(acquireFileLock(path, { name: "second" })).toMatchObject({
    kind: "busy",
    holder: { name: "first", pid: process.pid },
  });
  lock.release();
  lock.release();
  expect(readFileSync(path, "utf8")).toBe("");
  expect(acquireFileLock(path, { name: "second" }).kind).toBe("held");
});

test("waiting ends when the holder lets go, or at the deadline", async () => {
  const path = lockPath();
  const lock = hold(path, "first");
  expect((await waitForFileLock(path, { name: "late" }, { deadlineMs: 30 })).kind).toBe("busy");
  const waiting = waitForFileLock(path, { name: "second" }, { deadlineMs: 10_000 });
  lock.release();
  expect((await waiting).kind).toBe("held");
});

test("waiting ends when it is aborted", async () => {
  const path = lockPath();
  hold(path, "first");
  const waiting = waitForFileLock(
    path,
    { name: "second" },
    { deadlineMs: 10_000, signal: AbortSignal.abort() },
  );
  await expect(waiting).rejects.toThrow(/abort/i);
});

test("a lock file full of garbage can be locked, and names no holder while it is", () => {
  const path = lockPath();
  writeFileSync(path, "\u0000 garbage");
  const lock = hold(path, "first");
  writeFileSync(path, "\u0000 garbage"); // Somebody scribbles on it while it is held.
  expect(acquireFileLock(path, { name: "second" })).toEqual({ kind: "busy", holder: null });
  lock.release();
});

test("a lock file that was deleted is created anew by the next taker", () => {
  const path = lockPath();
  hold(path, "first").release();
  rmSync(path);
  expect(acquireFileLock(path, { name: "second" }).kind).toBe("held");
});

test("a folder that is missing is named in the error", () => {
  const path = join(tempFolder(), "no-such-folder", "x.lock");
  const error = catchError(() => acquireFileLock(path, { name: "me" }));
  expect(error).toBeInstanceOf(FileError);
  expect(error).toMatchObject({ code: "E_FILE", errno: "ENOENT", path });
});

function catchError(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
