import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadContracts } from "@kloros/bus";
import { describe, expect, it, onTestFinished } from "vitest";
import { lintFolders } from "../../src/contracts/lint-folders.ts";
import { newDaemon } from "../../src/new/daemon/new-daemon.ts";
import { installation, REGISTRY_VERSIONS } from "../../src/new/installation.ts";
import { newSignal } from "../../src/new/new-signal.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kloros-new-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function made(name = "word-counter", more: { signal?: string; consumes?: string[] } = {}) {
  const dir = await folder();
  return newDaemon({ name, dir, home: join(dir, "home"), consumes: [], ...more });
}

describe("a new daemon", () => {
  it("has contracts that are in order together with all others, and hears the signals it was made for", async () => {
    const { folder: path, signals } = await made("scribe", {
      signal: "Q_NOTES_WRITTEN",
      consumes: ["Q_MODULE_DISCOVERED", "Q_HEALTH_ALERT"],
    });
    const linted = lintFolders([join(path, "contracts")]);
    expect(linted.kind === "unsound" && linted.problems).toBe(false);
    const contracts = loadContracts({ extraDirs: [join(path, "contracts")] });
    expect([...contracts.consumedBy("scribe")].sort()).toEqual([
      "Q_HEALTH_ALERT",
      "Q_MODULE_DISCOVERED",
      "Q_NOTES_REQUESTED",
    ]);
    expect(contracts.watchersOf("Q_NOTES_REQUESTED")).toEqual(["orchestrator_monitor"]);
    expect(signals).toEqual(["Q_NOTES_REQUESTED", "Q_NOTES_WRITTEN", "Q_NOTES_FAILED", "Q_NOTES_TIMEOUT"]);
    const code = await readFile(join(path, "src/scribe.ts"), "utf8");
    for (const signal of contracts.consumedBy("scribe")) expect(code).toContain(`"${signal}"`);
  });

  it("touches nothing that is there: it writes all or nothing", async () => {
    const dir = await folder();
    await mkdir(join(dir, "scribe/src"), { recursive: true });
    await writeFile(join(dir, "scribe/src/main.ts"), "mine");
    const home = join(dir, "home");
    await expect(newDaemon({ name: "scribe", dir, home, consumes: [] })).rejects.toThrow(
      "holds src/main.ts already",
    );
    expect(await readdir(join(dir, "scribe"))).toEqual(["src"]);
    expect(await readFile(join(dir, "scribe/src/main.ts"), "utf8")).toBe("mine");
  });

  it.each([
    [{ name: "intent-router" }, "a daemon of this mesh already"],
    [{ name: "checked-yaml" }, "a package of the mesh itself"],
    [{ name: "scribe", signal: "Q_DREAM_COMPLETE" }, "Q_DREAM_COMPLETE has a contract already"],
    [{ name: "scribe", consumes: ["Q_MODULE_DISCOVERD"] }, "did you mean Q_MODULE_DISCOVERED?"],
    [{ name: "scribe", dir: join(ROOT, "examples") }, "your daemons live outside of it"],
  ])("is not made of %j", async (options, words) => {
    const dir = await folder();
    await expect(newDaemon({ dir, home: dir, consumes: [], ...options })).rejects.toThrow(words);
    expect(await readdir(dir)).toEqual([]);
  });

  it("gets a port and a name that no daemon of the home has", async () => {
    const first = await made("scribe");
    const home = await folder();
    await writeFile(join(home, "mesh.yaml"), `contract_dirs: [${join(first.folder, "contracts")}]\n`);
    const dir = await folder();
    const second = await newDaemon({ name: "other", dir, home, consumes: [] });
    expect([first.port, second.port]).toEqual([7901, 7902]);
    await expect(newDaemon({ name: "scribe", dir, home, consumes: [] })).rejects.toThrow(
      "of this mesh already",
    );
  });
});

describe("a new signal", () => {
  it("passes the lint as it is written, and stands in the README's table", async () => {
    const { folder: path } = await made();
    const dir = join(path, "contracts");
    const options = { dir, home: path, emitters: [], consumers: [], kind: "advisory" };
    const { file, readme } = await newSignal({ ...options, name: "Q_NOTE_TAKEN" });
    expect(lintFolders([dir]).kind).toBe("sound");
    expect(await readFile(readme!, "utf8")).toContain(
      "| `Q_NOTE_TAKEN` | advisory | `word_counter` | `kloros_policy_engine` |",
    );
    const before = await readFile(file, "utf8");
    await expect(newSignal({ ...options, name: "Q_NOTE_TAKEN" })).rejects.toThrow("has a contract already");
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it("that may lead to itself gets a guard; one that nobody would handle is not written", async () => {
    const { folder: path } = await made();
    const dir = join(path, "contracts");
    const options = { dir, home: path, emitters: [], kind: "advisory" };
    const { file } = await newSignal({ ...options, name: "Q_NOTE_ECHOED", consumers: ["word_counter"] });
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      "x-signal": { guard: expect.any(String) as string },
    });
    const deaf = newSignal({ ...options, name: "Q_NOTE_LOST", consumers: ["intent_router"] });
    await expect(deaf).rejects.toThrow("intent_router has no handler for signals of others");
    expect(existsSync(join(dir, "signals/Q_NOTE_LOST.schema.json"))).toBe(false);
  });
});

describe("what a new daemon depends on", () => {
  it("is linked from the checkout, the compiler as well", () => {
    const { isComplete, dependency } = installation();
    expect(isComplete).toBe(true);
    expect(dependency("@kloros/daemon")).toBe(`file:${join(ROOT, "packages/daemon")}`);
    expect(dependency("typescript")).toBe(`file:${join(ROOT, "node_modules/typescript")}`);
  });

  it("survives an upgrade of a release, which has no compiler: that comes from a registry, as old as ours", async () => {
    const prefix = await folder();
    await mkdir(join(prefix, "releases/0.1.0-abc/packages"), { recursive: true });
    await symlink("releases/0.1.0-abc", join(prefix, "current"));
    const { root, isComplete, dependency } = installation(join(prefix, "releases/0.1.0-abc"));
    expect(root).toBe(join(prefix, "current"));
    expect(isComplete).toBe(false);
    expect(dependency("typescript")).toBe(REGISTRY_VERSIONS.typescript);
    const { devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    expect(devDependencies).toMatchObject(REGISTRY_VERSIONS);
  });
});
