/** Intent files as others write them: under another name first, then renamed into place. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Drops one file into `intents/`. */
export async function dropIntent(home: string, name: string, intent: unknown): Promise<void> {
  const hidden = join(home, `${name}.tmp`);
  await writeFile(hidden, JSON.stringify(intent));
  await rename(hidden, join(home, "intents", `${name}.json`));
}

/** Asks for the investigation of a module. `path` is absolute or relative to the workspace. */
export async function askFor(home: string, module: string, path: string, more: object = {}): Promise<string> {
  const question_id = `discover.module.${module}`;
  await dropIntent(home, module, {
    type: "discover.module",
    data: { question: `What does ${module} do?`, question_id, evidence: [`path:${path}`], ...more },
  });
  return question_id;
}
