/** Carries out the steps of a plan, one by one; stops at the first that fails, and says which. */
import { spawn } from "node:child_process";
import { appendFile, chmod, mkdir, rename, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { answerNo } from "../../program/errors.ts";
import { identifyRelease, stageRelease } from "../release/stage-release.ts";
import type { Action, Step } from "./step.ts";

/** A start of the whole mesh waits for every READY; more than this is a hang, in milliseconds. */
const RUN_DEADLINE_MS = 15 * 60_000;
/** What people read of a command that failed, in characters. */
const MAX_TOLD = 2_000;

/** @throws {CommandError} 1 naming the step that failed; those before it are done, and a second run goes on from there */
export async function execute(steps: readonly Step[], tell: (step: Step) => Promise<void>): Promise<void> {
  process.umask(0o022); // What root writes here is read by the service user.
  for (const step of steps) {
    for (const action of step.actions) await perform(action).catch((cause: unknown) => fail(step, cause));
    await tell(step);
  }
}

/** One action. @throws what the system says */
export async function perform(action: Action): Promise<void> {
  switch (action.kind) {
    case "write":
      return writeWhole(action.path, action.text, action.mode);
    case "append":
      return appendFile(action.path, action.text);
    case "remove":
      return rm(action.path, { recursive: true, force: true });
    case "remove-empty":
      return rmdir(action.path).catch(() => undefined);
    case "link":
      return replaceLink(action.path, action.target);
    case "release":
      return copyRelease(action.from, action.to);
    case "run": {
      const { code, told } = await run(action.command);
      if (code !== 0 && action.mayFail !== true)
        throw new Error(`${action.command.join(" ")}: exit ${code}\n${told}`);
    }
  }
}

/** Runs a command to its end; `told` is the end of what it printed. */
export async function run(command: readonly string[]): Promise<{ code: number; told: string }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: "/",
    timeout: RUN_DEADLINE_MS,
  });
  let told = "";
  const hear = (chunk: Buffer): void => {
    told = (told + chunk.toString()).slice(-MAX_TOLD);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  return { code, told: told.trim() };
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const draft = `${path}.kloros-new`;
  await writeFile(draft, text, { mode });
  await chmod(draft, mode);
  await rename(draft, path);
}

async function replaceLink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const draft = `${path}.kloros-new`;
  await rm(draft, { force: true });
  await symlink(target, draft);
  await rename(draft, path);
}

/** Under another name until it is whole. */
async function copyRelease(from: string, to: string): Promise<void> {
  const draft = `${dirname(to)}/.incoming-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(draft), { recursive: true, mode: 0o755 });
  await stageRelease(from, draft, await identifyRelease(from));
  await rename(draft, to);
}

function fail(step: Step, cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  throw answerNo(
    `could not ${step.what}: ${message}\nWhat was done before is kept; the same command goes on from here.`,
    { cause },
  );
}
