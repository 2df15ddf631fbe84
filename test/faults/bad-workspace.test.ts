/** A workspace as bad as they come: every question has one answer, and good modules beside bad ones are integrated. */
import { spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Audit, readDeadLetters, readJsonLines } from "@kloros/bus";
import { expect, it } from "vitest";
import { ask } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { startMesh } from "../mesh/running-mesh.ts";
import { countSignals, readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

const GOOD = "def answer() -> int:\n    return 42\n";
const HUGE_BYTES = 8 * 1024 * 1024;
const DEEP = 150;

/** Modules that are worth an entry in spite of what lies in them, with what the record must say of that. */
const BAD_BUT_USABLE: readonly {
  name: string;
  note: string | null;
  fill: (folder: string) => Promise<unknown>;
}[] = [
  {
    name: "broken",
    note: null,
    fill: async (at) => writeFile(join(at, "wrong.py"), "def (:\n  class\n" + GOOD),
  },
  { name: "loop", note: "symlink", fill: async (at) => symlink(at, join(at, "again")) },
  { name: "escape", note: "symlink", fill: async (at) => symlink("/etc", join(at, "etc")) },
  {
    name: "huge",
    note: "too-large",
    fill: async (at) => writeFile(join(at, "big.py"), "#".repeat(HUGE_BYTES)),
  },
  {
    name: "latin",
    note: "encoding",
    fill: async (at) => writeFile(join(at, "old.py"), Buffer.from([0x23, 0xe4, 0xff, 0x0a])),
  },
  { name: "binary", note: "binary", fill: async (at) => writeFile(join(at, "blob.py"), Buffer.alloc(4_096)) },
  { name: "pipe", note: "not-a-file", fill: async (at) => spawnSync("mkfifo", [join(at, "fifo.py")]) },
  { name: "deep", note: "too-deep", fill: async (at) => fillDeep(at) },
  { name: "locked", note: process.getuid?.() === 0 ? null : "permission", fill: async (at) => lock(at) },
];
/** Questions that have no module as an answer, with the error of their completion. */
const UNANSWERABLE: readonly { path: string; error: string }[] = [
  { path: "src/missing", error: "PathNotFound" },
  { path: "src/empty", error: "NothingToAnalyse" },
  { path: "/etc", error: "PathOutsideWorkspace" },
  { path: "src/outside", error: "PathOutsideWorkspace" },
  { path: "../..", error: "PathOutsideWorkspace" },
];

it("broken, looping, huge, unreadable and strange files keep nobody from the rest", async () => {
  const folder = await tempFolder();
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  await mkdir(join(workspace, "src/empty"), { recursive: true });
  await symlink("/etc", join(workspace, "src/outside"));
  for (const { name, fill } of [...BAD_BUT_USABLE, { name: "good", fill: async () => undefined }]) {
    const at = join(workspace, "src", name);
    await mkdir(at);
    await writeFile(join(at, "answer.py"), GOOD);
    await fill(at);
  }
  const usable = [...BAD_BUT_USABLE.map(({ name }) => name), "good"];
  const mesh = await startMesh({ home, workspace });
  for (const [index, { path }] of UNANSWERABLE.entries()) await askFor(home, `unanswerable${index}`, path);
  for (const name of usable) await askFor(home, name, `src/${name}`);
  await eventually(
    () => `all is answered; the mesh said:\n${mesh.lastLines()}`,
    async () =>
      (await countSignals(home, "investigation_consumer_daemon", "Q_INVESTIGATION_COMPLETE")) ===
        usable.length + UNANSWERABLE.length &&
      (await countSignals(home, "orchestrator_monitor", "Q_MODULE_DISCOVERED")) === usable.length,
    40_000,
  );
  expect((await mesh.daemons()).filter(({ restarts }) => restarts > 0)).toEqual([]);
  expect(await mesh.stop()).toBe(0);

  const completions = (await readSignals(home)).get("Q_INVESTIGATION_COMPLETE") ?? [];
  const failed = completions.filter(({ facts }) => facts["status"] === "failed");
  expect(Object.fromEntries(failed.map(({ facts }) => [facts["question_id"], facts["error_type"]]))).toEqual(
    Object.fromEntries(
      UNANSWERABLE.map(({ error }, index) => [`discover.module.unanswerable${index}`, error]),
    ),
  );
  const notes = await notesByModule(home);
  for (const { name, note } of BAD_BUT_USABLE)
    if (note !== null) expect(notes.get(name), name).toContain(note);
  expect((await readDeadLetters(home)).letters).toEqual([]);
  expect(await ask<Audit>("chem-bus", "audit", "--home", home)).toMatchObject({ balanced: true });
});

async function notesByModule(home: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const { value } of readJsonLines(join(home, "curiosity_investigations.jsonl"))) {
    const record = value as { module: { name: string } | null; notes: { kind: string }[] };
    if (record.module)
      found.set(
        record.module.name,
        record.notes.map(({ kind }) => kind),
      );
  }
  return found;
}

async function fillDeep(at: string): Promise<void> {
  const folder = join(at, ...Array.from({ length: DEEP }, () => "d"));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "buried.py"), GOOD);
}

async function lock(at: string): Promise<void> {
  await writeFile(join(at, "secret.py"), GOOD);
  await chmod(join(at, "secret.py"), 0);
}
