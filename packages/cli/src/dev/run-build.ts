/** One build as a process of its own: its exit code, and the end of what it said. */
import { spawn } from "node:child_process";
import type { SourceUnit } from "./source-units.ts";

/** Longest build, in milliseconds; then it is ended with all that it started. */
const DEADLINE_MS = 300_000;
/** What is kept of its output, in characters: its end says what is wrong. */
const MAX_OUTPUT_CHARS = 16_000;

export type BuildResult =
  | { readonly kind: "clean"; readonly tookMs: number }
  | { readonly kind: "broken"; readonly tookMs: number; readonly output: string }
  /** Ended because nobody wants it any more. */
  | { readonly kind: "stopped" };

/** Runs the unit's build; one without a build is clean. Never throws. */
export async function runBuild({ folder, build }: SourceUnit, stop: AbortSignal): Promise<BuildResult> {
  if (build === null) return { kind: "clean", tookMs: 0 };
  const [command, ...args] = build;
  const begunAt = performance.now();
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  const timer = setTimeout(() => {
    output += `\nended after ${String(DEADLINE_MS / 1000)} s`;
    kill();
  }, DEADLINE_MS);
  stop.addEventListener("abort", kill);
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      output += error.message;
      resolve(null);
    });
    child.on("close", resolve);
  });
  clearTimeout(timer);
  stop.removeEventListener("abort", kill);
  if (stop.aborted) return { kind: "stopped" };
  const tookMs = performance.now() - begunAt;
  return code === 0 ? { kind: "clean", tookMs } : { kind: "broken", tookMs, output: output.trim() };
}
