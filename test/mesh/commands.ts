/** The commands of the checkout as a user calls them: built, as processes of their own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const EXAMPLE_WORKSPACE = fileURLToPath(new URL("../../examples/workspace", import.meta.url));

const COMMANDS = {
  kloros: fileURLToPath(new URL("../../packages/cli/bin/kloros.mjs", import.meta.url)),
  "chem-bus": fileURLToPath(new URL("../../packages/cli/bin/chem-bus.mjs", import.meta.url)),
};
const BUILT = ["bus", "cli", "daemon"].map((name) => `${ROOT}packages/${name}/dist/index.js`);

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Path of a command. @throws Error when the checkout is not built */
export function commandPath(command: keyof typeof COMMANDS): string {
  const missing = BUILT.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} is missing: run npm run build first`);
  return COMMANDS[command];
}

/** Runs a command to its end. */
export async function run(command: keyof typeof COMMANDS, ...args: string[]): Promise<Finished> {
  const child = spawn(process.execPath, [commandPath(command), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** What a command with `--json` prints, whatever its exit code. */
export async function ask<T>(command: keyof typeof COMMANDS, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(command, ...args, "--json");
  try {
    return JSON.parse(stdout) as T;
  } catch (cause) {
    throw new Error(`${command} ${args.join(" ")} exited with ${String(code)}: ${stdout}${stderr}`, {
      cause,
    });
  }
}
