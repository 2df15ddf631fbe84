/** P3 outside the mesh: whatever the step at which the daemon dies, the repetition ends as one integration. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { completionOf } from "./entries.ts";
import { files, integrateIn, investigated, tempFolder } from "./temp-home.ts";

const CHILD = fileURLToPath(new URL("children/integrate-and-die.mjs", import.meta.url));
const BEFORE = "# mine\nmemory:\n  module: kloros_memory  # keep\n";

async function dieAt(folder: string, step: string): Promise<NodeJS.Signals | null> {
  const args = [CHILD, folder, step, JSON.stringify(completionOf("audio"))];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal;
}

it.each(["before-anything", "locked", "read", "temp-written", "unchanged", "renamed", "synced"])(
  "killed with -9 at step %s, the integration is done once by the repetition",
  async (step) => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await files(join(folder, "home"), { "capabilities.yaml": BEFORE });
    expect(await dieAt(folder, step)).toBe("SIGKILL");

    const registryPath = join(folder, "home", "capabilities.yaml");
    const left = await readFile(registryPath, "utf8");
    expect(Object.keys(parse(left) as object)).toEqual(
      step === "renamed" || step === "synced" ? ["memory", "audio"] : ["memory"],
    );

    const outcome = await integrateIn(folder, "audio");
    expect(outcome).toMatchObject({
      kind: "integrated",
      isNew: step !== "renamed" && step !== "synced",
      facts: {
        module_name: "audio",
        module_path: "src.audio",
        capabilities_added: ["audio_run"],
        init_created: true,
      },
    });
    const text = await readFile(registryPath, "utf8");
    expect(text.startsWith(BEFORE)).toBe(true);
    expect(text.match(/^audio:$/gm)).toHaveLength(1);
    expect((await readdir(join(folder, "workspace", "src", "audio"))).sort()).toEqual([
      "__init__.py",
      "core.py",
    ]);

    expect(await integrateIn(folder, "audio")).toMatchObject({ kind: "integrated", isNew: false });
    expect(await readFile(registryPath, "utf8")).toBe(text);
    expect((await readdir(join(folder, "home"))).sort()).toEqual([
      "capabilities.yaml",
      "curiosity_investigations.jsonl",
      "run",
    ]);
  },
);
