import { chmod, lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acquireFileLock } from "@kloros/bus";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { RegistryStep } from "../../src/registry/registry-file.ts";
import { entryOf } from "../entries.ts";
import { registryIn, tempFolder } from "../temp-home.ts";

async function namesIn(path: string): Promise<string[]> {
  return Object.keys((parse(await readFile(path, "utf8")) ?? {}) as object);
}

/** Does `edit` once, when the addition has come to `step`. */
function editAt(step: RegistryStep, edit: () => Promise<void>) {
  let isDone = false;
  return async (at: RegistryStep) => {
    if (at !== step || isDone) return;
    isDone = true;
    await edit();
  };
}

describe("the registry file", () => {
  it("is created with a header, readable by its owner only", async () => {
    const home = await tempFolder();
    expect(await registryIn(home).add(entryOf("audio"))).toEqual({ kind: "added" });
    const path = join(home, "capabilities.yaml");
    expect(await readFile(path, "utf8")).toMatch(
      /^# Capability registry[^]*\naudio:\n {2}module: src\.audio\n/,
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(home)).sort()).toEqual(["capabilities.yaml", "run"]);
  });

  it("takes additions that arrive together in one write", async () => {
    const home = await tempFolder();
    const registry = registryIn(home);
    const names = Array.from({ length: 40 }, (_, index) => `m${index}`);
    const results = await Promise.all(names.map((name) => registry.add(entryOf(name))));
    expect(results).toEqual(names.map(() => ({ kind: "added" })));
    expect(registry.writes).toBe(1);
    expect(await namesIn(join(home, "capabilities.yaml"))).toEqual(names);
  });

  it("lets two writers, each with its own idea of the file, lose nothing", async () => {
    const home = await tempFolder();
    const writers = [registryIn(home), registryIn(home)];
    const names = Array.from({ length: 20 }, (_, index) => `m${index}`);
    for (const name of names)
      await Promise.all(writers.map((writer, index) => writer.add(entryOf(`${name}_${index}`))));
    expect((await namesIn(join(home, "capabilities.yaml"))).sort()).toEqual(
      names.flatMap((name) => [`${name}_0`, `${name}_1`]).sort(),
    );
  });

  it("knows its own entry again, and refuses names and paths that are taken", async () => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    await writeFile(
      path,
      "memory:\n  module: kloros_memory\ntools:\n  tracker:\n    module: tools.tracker\n",
    );
    const registry = registryIn(home);
    expect(await registry.add(entryOf("audio"))).toEqual({ kind: "added" });
    const text = await readFile(path, "utf8");
    expect(await registry.add(entryOf("audio"))).toEqual({ kind: "own" });
    expect(await registryIn(home).add(entryOf("audio"))).toEqual({ kind: "own" });
    expect(await registry.add(entryOf("audio", { investigation_id: "inv_2" }))).toMatchObject({
      kind: "registered",
    });
    expect(await registry.add(entryOf("sound", { module: "src.audio" }))).toMatchObject({
      kind: "registered",
      as: { name: "audio" },
    });
    expect(await registry.add(entryOf("memory", { module: "other.memory" }))).toMatchObject({
      kind: "name-taken",
      by: { line: 1 },
    });
    expect(await registry.add(entryOf("tools"))).toMatchObject({
      kind: "name-taken",
      by: { isModule: false },
    });
    expect(await registry.add(entryOf("kloros_memory"))).toMatchObject({
      kind: "registered",
      as: { name: "memory" },
    });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("never touches a file with a syntax error, and goes on when it is mended", async () => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    const registry = registryIn(home);
    await registry.add(entryOf("audio"));
    const good = await readFile(path, "utf8");
    await writeFile(path, `${good}broken: [\n`);
    expect(await registry.add(entryOf("video"))).toMatchObject({
      kind: "unreadable",
      line: good.split("\n").length + 1,
    });
    expect(await readFile(path, "utf8")).toBe(`${good}broken: [\n`);
    await writeFile(path, `${good}mended: {}\n`);
    expect(await registry.add(entryOf("video"))).toEqual({ kind: "added" });
    expect(await namesIn(path)).toEqual(["audio", "mended", "video"]);
  });

  it("follows a symbolic link and keeps the mode of the file behind it", async () => {
    const home = await tempFolder();
    await mkdir(join(home, "dotfiles"));
    await writeFile(join(home, "dotfiles", "caps.yaml"), "# mine\n");
    await chmod(join(home, "dotfiles", "caps.yaml"), 0o640);
    await symlink("dotfiles/caps.yaml", join(home, "capabilities.yaml"));
    await registryIn(home).add(entryOf("audio"));
    expect((await lstat(join(home, "capabilities.yaml"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(home, "dotfiles", "caps.yaml"), "utf8")).toMatch(/^# mine\naudio:/);
    expect((await stat(join(home, "dotfiles", "caps.yaml"))).mode & 0o777).toBe(0o640);
  });

  it("says who holds the lock when it is not let go in time", async () => {
    const home = await tempFolder();
    await mkdir(join(home, "run"));
    const held = acquireFileLock(join(home, "run", "capabilities.lock"), { name: "an editor" });
    const result = await registryIn(home, { lockDeadlineMs: 30 }).add(entryOf("audio"));
    expect(result).toMatchObject({
      kind: "busy",
      message: expect.stringContaining(`an editor (pid ${process.pid})`) as string,
    });
    if (held.kind === "held") held.lock.release();
  });

  it("refuses with the reason when it cannot be written", async () => {
    const home = await tempFolder();
    await mkdir(join(home, "capabilities.yaml"));
    expect(await registryIn(home).add(entryOf("audio"))).toMatchObject({ kind: "unwritable" });
  });
});

describe("a hand edit during an addition", () => {
  const before = "# mine\nmemory:\n  module: kloros_memory\n";
  const edited = `${before}\nedited:\n  module: by.hand  # now\n`;
  const steps: RegistryStep[] = ["locked", "read", "temp-written", "unchanged", "renamed"];

  it.each(steps)("in place, at step %s, survives together with the addition", async (step) => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    await writeFile(path, before);
    const inPlace = await import("node:fs/promises").then(({ open }) => open(path, "r+")); // An editor that has it open.
    const onStep = editAt(step, async () => {
      await inPlace.truncate(0);
      await inPlace.write(edited, 0);
    });
    expect(await registryIn(home, { onStep }).add(entryOf("audio"))).toEqual({ kind: "added" });
    await inPlace.close();
    const text = await readFile(path, "utf8");
    expect(text.startsWith(edited)).toBe(true);
    expect(Object.keys(parse(text) as object)).toEqual(["memory", "edited", "audio"]);
  });

  it.each(steps.slice(0, 3))("by renaming, at step %s, survives together with the addition", async (step) => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    await writeFile(path, before);
    const onStep = editAt(step, async () => {
      await writeFile(join(home, "swap"), edited);
      await rename(join(home, "swap"), path);
    });
    expect(await registryIn(home, { onStep }).add(entryOf("audio"))).toEqual({ kind: "added" });
    expect(await namesIn(path)).toEqual(["memory", "edited", "audio"]);
  });

  it("that creates the file just now is not overwritten", async () => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    const onStep = editAt("unchanged", () => writeFile(path, before));
    expect(await registryIn(home, { onStep }).add(entryOf("audio"))).toEqual({ kind: "added" });
    expect(await namesIn(path)).toEqual(["memory", "audio"]);
  });

  it("that empties the file first is waited for", async () => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    const registry = registryIn(home, { timings: { settleMs: 20, settleLimitMs: 5_000 } });
    await writeFile(path, before);
    await registry.add(entryOf("first"));
    const text = await readFile(path, "utf8");
    await writeFile(path, "");
    const adding = registry.add(entryOf("audio"));
    await sleep(200); // The editor's pause, not ours.
    await writeFile(path, `${text}late: {}\n`);
    expect(await adding).toEqual({ kind: "added" });
    expect(await namesIn(path)).toEqual(["memory", "first", "late", "audio"]);
  });

  it("that never ends is given up after a bounded number of tries", async () => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    let edits = 0;
    const onStep = async (step: RegistryStep) => {
      if (step === "temp-written") await writeFile(path, `edit: ${edits++}\n`);
    };
    expect(await registryIn(home, { onStep }).add(entryOf("audio"))).toMatchObject({ kind: "busy" });
    expect(await readFile(path, "utf8")).toBe(`edit: ${edits - 1}\n`);
  });
});

it(
  "an addition to 2,000 entries costs at most 5 ms when ten arrive together",
  { timeout: 120_000 },
  async () => {
    const home = await tempFolder();
    const path = join(home, "capabilities.yaml");
    const entries = Array.from({ length: 2_000 }, (_, index) => entryOf(`old_${index}`));
    await writeFile(
      path,
      stringify(
        Object.fromEntries(
          entries.map(({ name, ...fields }) => [name, { ...fields, auto_discovered: true }]),
        ),
      ),
    );
    const registry = registryIn(home);
    await registry.add(entryOf("warm"));
    const rounds = 20;
    const started = performance.now();
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) => registry.add(entryOf(`new_${round}_${index}`))),
      );
    }
    const batchedMs = (performance.now() - started) / (rounds * 10);
    const alone = performance.now();
    for (let round = 0; round < rounds; round++) await registry.add(entryOf(`single_${round}`));
    const singleMs = (performance.now() - alone) / rounds;
    console.log(
      `addition to 2,000 entries: ${batchedMs.toFixed(2)} ms in tens, ${singleMs.toFixed(2)} ms alone`,
    );
    expect((await namesIn(path)).length).toBe(2_000 + 1 + rounds * 11);
  },
);
