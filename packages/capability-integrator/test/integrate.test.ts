import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { integrate } from "../src/integrate.ts";
import { completionOf, recordOf } from "./entries.ts";
import { files, integrateIn, investigated, tempFolder, workplaceIn } from "./temp-home.ts";

async function refusalOf(folder: string, name = "audio") {
  const outcome = await integrateIn(folder, name);
  if (outcome.kind !== "refuse") throw new Error(`not refused: ${JSON.stringify(outcome)}`);
  return outcome.facts;
}

const inWorkspace = (folder: string, ...parts: string[]) => join(folder, "workspace", ...parts);

describe("a completed investigation", () => {
  it("becomes an entry, and its folder a package", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    expect(await integrateIn(folder, "audio")).toEqual({
      kind: "integrated",
      isNew: true,
      facts: {
        module_name: "audio",
        module_path: "src.audio",
        capabilities_added: ["audio_run"],
        init_created: true,
        investigation_id: "inv_audio",
      },
    });
    expect(await readFile(inWorkspace(folder, "src/audio/__init__.py"), "utf8")).toMatch(
      /^# Makes src\.audio importable/,
    );
    expect(await readFile(join(folder, "home/capabilities.yaml"), "utf8")).toContain("  path: src/audio\n");
  });

  it("that failed, or found no module, asks for nothing", async () => {
    const folder = await tempFolder();
    const workplace = workplaceIn(folder);
    expect(await integrate({ ...completionOf("audio"), status: "failed" }, workplace)).toMatchObject({
      kind: "ignore",
    });
    expect(await integrate({ ...completionOf("audio"), hypothesis: "SLOW_DISK" }, workplace)).toMatchObject({
      kind: "ignore",
    });
  });

  it("without an id is found by its question", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    const { investigation_id: _, ...facts } = completionOf("audio");
    expect(await integrate(facts, workplaceIn(folder))).toMatchObject({
      kind: "integrated",
      facts: { investigation_id: "inv_audio" },
    });
    expect(await integrate({ ...facts, question_id: "other" }, workplaceIn(folder))).toMatchObject({
      kind: "refuse",
      facts: { investigation_id: "other", error_type: "RecordNotFound", retry_possible: true },
    });
  });

  it("of a module that another investigation has registered is refused", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await integrateIn(folder, "audio");
    const again = recordOf("audio", inWorkspace(folder, "src/audio"), { investigation_id: "inv_2" });
    await appendFile(join(folder, "home/curiosity_investigations.jsonl"), `${JSON.stringify(again)}\n`);
    expect(
      await integrate({ ...completionOf("audio"), investigation_id: "inv_2" }, workplaceIn(folder)),
    ).toMatchObject({
      kind: "refuse",
      facts: {
        investigation_id: "inv_2",
        error_type: "AlreadyIntegrated",
        retry_possible: false,
        module_name: "audio",
      },
    });
  });
});

describe("a refusal", () => {
  it("names a record that is not there, or makes no sense", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio", { module: null });
    expect(await refusalOf(folder)).toMatchObject({ error_type: "RecordInvalid", retry_possible: false });
    expect(await refusalOf(folder, "video")).toMatchObject({
      error_type: "RecordNotFound",
      retry_possible: true,
    });
    await investigated(folder, "audio", { module: { name: "audio", path: 7 } });
    expect(await refusalOf(folder)).toMatchObject({
      error_type: "RecordInvalid",
      error_message: expect.stringContaining("module.path") as string,
    });
    await investigated(folder, "audio", { status: "failed" });
    expect(await refusalOf(folder)).toMatchObject({ error_type: "RecordInvalid" });
  });

  it("names a record of something else", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio", { hypothesis: "UNDISCOVERED_MODULE_video" });
    expect(await refusalOf(folder)).toMatchObject({ error_type: "HypothesisMismatch" });
    await investigated(folder, "audio", { question_id: "discover.module.video" });
    expect(await refusalOf(folder)).toMatchObject({ error_type: "HypothesisMismatch" });
    await investigated(folder, "audio", { module: { name: "video", path: "src/video" } });
    expect(await refusalOf(folder)).toMatchObject({ error_type: "HypothesisMismatch" });
  });

  it.each(["", "../../etc", "a b", "a:b", "a\nb", "a..b", "ä", "x".repeat(200)])(
    "comes for the module name %j",
    async (name) => {
      const folder = await tempFolder();
      const facts = await refusalOf(folder, name);
      expect(facts).toMatchObject({ error_type: "InvalidModuleName", retry_possible: false });
      expect(facts.module_name).toBeUndefined();
    },
  );

  it("comes for whatever lies outside the workspace, also behind a symbolic link", async () => {
    const folder = await tempFolder();
    await files(folder, { "elsewhere/core.py": "x = 1\n" });
    for (const path of [
      join(folder, "elsewhere"),
      "../elsewhere",
      "/etc",
      "src/../../elsewhere",
      "../missing",
    ]) {
      await investigated(folder, "audio", { module: { name: "audio", path, files: [] } });
      expect(await refusalOf(folder)).toMatchObject({ error_type: "PathOutsideWorkspace" });
    }
    await rm(inWorkspace(folder, "src/audio"), { recursive: true });
    await symlink(join(folder, "elsewhere"), inWorkspace(folder, "src/audio"));
    await files(join(folder, "home"), {
      "curiosity_investigations.jsonl": `${JSON.stringify(recordOf("audio", inWorkspace(folder, "src/audio")))}\n`,
    });
    expect(await refusalOf(folder)).toMatchObject({
      error_type: "PathOutsideWorkspace",
      retry_possible: false,
    });
    expect(await readdir(join(folder, "elsewhere"))).toEqual(["core.py"]);
  });

  it("comes for a module that is gone, holds no source, or was replaced by another", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await rename(inWorkspace(folder, "src/audio/core.py"), inWorkspace(folder, "src/audio/new.py"));
    expect(await refusalOf(folder)).toMatchObject({ error_type: "PhantomModule" });
    await rename(inWorkspace(folder, "src/audio/new.py"), inWorkspace(folder, "src/audio/readme.txt"));
    expect(await refusalOf(folder)).toMatchObject({ error_type: "NoSourceFiles" });
    await rm(inWorkspace(folder, "src/audio"), { recursive: true });
    expect(await refusalOf(folder)).toEqual({
      investigation_id: "inv_audio",
      module_name: "audio",
      error_type: "ModuleNotFound",
      error_message: `Module path does not exist: ${inWorkspace(folder, "src/audio")}`,
      retry_possible: false,
    });
    await rm(inWorkspace(folder), { recursive: true });
    expect(await refusalOf(folder)).toMatchObject({
      error_type: "WorkspaceUnavailable",
      retry_possible: true,
    });
  });

  it("comes for a registry with a syntax error, naming line and column, and nothing is created", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await files(join(folder, "home"), { "capabilities.yaml": "memory:\n  module: m\n broken\n" });
    expect(await refusalOf(folder)).toMatchObject({
      error_type: "RegistryUnreadable",
      error_message: expect.stringMatching(/^capabilities\.yaml, line 3, column \d+: /) as string,
      retry_possible: true,
    });
    expect(await readdir(inWorkspace(folder, "src/audio"))).toEqual(["core.py"]);
    await files(join(folder, "home"), { "capabilities.yaml": "- a list\n" });
    expect(await refusalOf(folder)).toMatchObject({
      error_type: "RegistryUnsupported",
      retry_possible: true,
    });
  });

  it("comes for a name that something else has", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await files(join(folder, "home"), {
      "capabilities.yaml": "audio:\n  silero: {module: audio.silero}\nmodules: 3\n",
    });
    expect(await refusalOf(folder)).toMatchObject({ error_type: "NameConflict", retry_possible: false });
  });

  it("takes back the __init__.py that it came too late for", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    const { registry } = workplaceIn(folder);
    const path = join(folder, "home/capabilities.yaml");
    const add = registry.add.bind(registry);
    registry.add = async (entry) => {
      await writeFile(path, "audio: {module: someone.else}\n");
      return add(entry);
    };
    expect(await integrateIn(folder, "audio", { registry })).toMatchObject({
      kind: "refuse",
      error_type: "NameConflict",
    });
    expect(await readdir(inWorkspace(folder, "src/audio"))).toEqual(["core.py"]);
  });

  it.skipIf(process.getuid?.() === 0)(
    "comes for a workspace that is read-only, with the reason",
    async () => {
      const folder = await tempFolder();
      await investigated(folder, "audio");
      await chmod(inWorkspace(folder, "src/audio"), 0o555);
      expect(await refusalOf(folder)).toMatchObject({ error_type: "InitNotCreated", retry_possible: true });
      await chmod(inWorkspace(folder, "src/audio"), 0o755);
    },
  );

  it("comes when the __init__.py cannot be created, with the reason", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await mkdir(inWorkspace(folder, "src/audio/.__init__.py.kloros-tmp/in-the-way"), { recursive: true });
    expect(await refusalOf(folder)).toMatchObject({
      error_type: "InitNotCreated",
      error_message: expect.stringContaining("create_init") as string,
      retry_possible: true,
    });
  });
});

describe("__init__.py", () => {
  const initCreated = async (folder: string, changes = {}) => {
    const outcome = await integrateIn(folder, "audio", changes);
    if (outcome.kind !== "integrated") throw new Error(JSON.stringify(outcome));
    return outcome.facts.init_created;
  };

  it("is left alone where there is one", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    await files(inWorkspace(folder, "src/audio"), { "__init__.py": "VERSION = 1\n" });
    expect(await initCreated(folder)).toBe(false);
    expect(await readFile(inWorkspace(folder, "src/audio/__init__.py"), "utf8")).toBe("VERSION = 1\n");
  });

  it("is not created when the setting says so", async () => {
    const folder = await tempFolder();
    await investigated(folder, "audio");
    expect(await initCreated(folder, { createsInit: false })).toBe(false);
    expect(await readdir(inWorkspace(folder, "src/audio"))).toEqual(["core.py"]);
  });

  it.each([
    ["TypeScript", { "core.ts": "export {}\n" }],
    ["JavaScript", { "core.mjs": "export {}\n" }],
    ["mostly TypeScript with one Python script", { "core.py": "", "a.ts": "", "b.ts": "" }],
    [
      "a folder of packages without Python files of its own",
      { "core.ts": "", "sub/a.py": "", "sub/b.py": "" },
    ],
  ])("is never created for %s", async (_, contents) => {
    const folder = await tempFolder();
    await investigated(folder, "audio", {
      module: { name: "audio", path: inWorkspace(folder, "src/audio"), files: Object.keys(contents) },
    });
    await rm(inWorkspace(folder, "src/audio/core.py"));
    await files(inWorkspace(folder, "src/audio"), contents);
    expect(await initCreated(folder)).toBe(false);
  });

  it("is not created for a module of a single file", async () => {
    const folder = await tempFolder();
    const path = inWorkspace(folder, "src/audio/core.py");
    await investigated(folder, "audio", {
      module: { name: "audio", path, import_path: "src.audio.core", files: [{ path: "core.py" }] },
    });
    expect(await initCreated(folder)).toBe(false);
  });
});
