/** A thousand clients of a control socket, most of them bad, in a process of their own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Program of the storm, in the checkout. */
export const STORM_PROGRAM = "test/faults/children/control-flooder.mjs";

export interface StormReport {
  /** The most clients that were connected at once. */
  readonly most: number;
  /** Connections that the daemon ended. */
  readonly disconnected: number;
}

export interface Storm {
  /** Ends it, and tells what it saw. */
  end(): Promise<StormReport>;
}

/** Longest wait until all clients have begun, in milliseconds. */
const BEGIN_DEADLINE_MS = 30_000;

/** `program` is the path of `STORM_PROGRAM`. Resolves when all clients are connected and have begun. */
export async function startStorm(program: string, socketPath: string): Promise<Storm> {
  const child = spawn(process.execPath, [program, socketPath], { stdio: ["pipe", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const late = setTimeout(() => child.kill("SIGKILL"), BEGIN_DEADLINE_MS);
  const first = await lines.next();
  clearTimeout(late);
  if (first.value !== "stormy")
    throw new Error("the storm did not begin: its clients were not connected in time");
  return {
    async end() {
      child.stdin.end();
      const last = await lines.next();
      await gone;
      return JSON.parse(String(last.value)) as StormReport;
    },
  };
}
