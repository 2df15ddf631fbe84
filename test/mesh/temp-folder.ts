/** A folder for one test: gone when it passes, kept and named when it fails. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Short, because paths of sockets in it have 107 bytes at most. Take it first: then it goes when all that ran in it has ended. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-"));
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") {
      console.error(`The test failed; what it left lies in ${folder}`);
    } else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}
