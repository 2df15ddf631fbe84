/** Source trees that nobody wrote for this test: of Python's standard library, and of installed npm packages. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { readJsonLines } from "@kloros/bus";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { startMesh } from "../mesh/running-mesh.ts";
import { countSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { type Definition, findPython, pythonDefinitions } from "./python-truth.ts";
import { declarationsIn } from "./script-truth.ts";

const PYTHON = findPython();
const STANDARD_MODULES =
  "argparse.py dataclasses.py heapq.py textwrap.py json logging http wsgiref concurrent email".split(" ");
const HOW_MANY = 10;
/** Larger packages do not fit whole into a record, and smaller ones prove little; in bytes of source. */
const PACKAGE_BYTES = [5_000, 400_000] as const;
const REGISTRY = `# What this box can do.
# Order and comments are mine.
speech:   # hand-made
    module: src.speech
    enabled: true
`;

interface Finding {
  readonly path: string;
  readonly functions: readonly { name: string; line: number }[];
  readonly classes: readonly { name: string; line: number; methods: { name: string; line: number }[] }[];
}

interface Investigation {
  readonly question_id: string;
  readonly status: string;
  readonly detail: string;
  readonly module: { readonly name: string; readonly path: string; readonly files: readonly Finding[] };
}

/** Asks for each module of a fresh workspace, given by its path; resolves with the records and the registry. */
async function integrate(fill: (workspace: string) => Promise<readonly string[]>) {
  const folder = await tempFolder();
  const workspace = join(folder, "workspace");
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, "capabilities.yaml"), REGISTRY);
  const paths = await fill(workspace);
  const mesh = await startMesh({ home, workspace });
  for (const path of paths) await askFor(home, moduleName(path), path);
  await eventually(
    () => `${HOW_MANY} modules are discovered; the mesh said:\n${mesh.lastLines()}`,
    async () => (await countSignals(home, "orchestrator_monitor", "Q_MODULE_DISCOVERED")) === HOW_MANY,
    40_000,
  );
  const records: Investigation[] = [];
  for await (const { value } of readJsonLines(join(home, "curiosity_investigations.jsonl")))
    records.push(value as Investigation);
  expect(records.map(({ question_id }) => question_id).sort()).toEqual(
    paths.map((path) => `discover.module.${moduleName(path)}`).sort(),
  );
  for (const record of records) expect(record).toMatchObject({ status: "completed", detail: "full" });
  await expectRegistered(home, paths);
  return { workspace, records };
}

async function expectRegistered(home: string, paths: readonly string[]): Promise<void> {
  const text = await readFile(join(home, "capabilities.yaml"), "utf8");
  expect(text.startsWith(REGISTRY)).toBe(true);
  const { speech, ...entries } = parse(text) as Record<string, { path: string; capabilities: string[] }>;
  expect(speech).toEqual({ module: "src.speech", enabled: true });
  expect(
    Object.values(entries)
      .map(({ path }) => path)
      .sort(),
  ).toEqual([...paths].sort());
}

function moduleName(path: string): string {
  return basename(path).replace(/\.py$/, "");
}

function definitionsOf(file: Finding): Definition[] {
  return [
    ...file.functions.map(({ name, line }): Definition => ["def", name, line]),
    ...file.classes.flatMap(({ name, line, methods }): Definition[] => [
      ["class", name, line],
      ...methods.map((method): Definition => ["def", `${name}.${method.name}`, method.line]),
    ]),
  ];
}

function sorted(definitions: readonly Definition[]): Definition[] {
  return definitions.toSorted((a, b) => a[2] - b[2] || (a[1] < b[1] ? -1 : 1));
}

if (PYTHON === null) console.warn("SKIPPED: Python's standard library needs python3 of 3.10 or newer");

describe.skipIf(PYTHON === null)("ten modules of Python's standard library", () => {
  it("are integrated, with exactly the functions, classes and methods that Python's ast finds", async () => {
    const { executable, library } = PYTHON!;
    const { records } = await integrate(async (workspace) => {
      for (const name of STANDARD_MODULES)
        await cp(join(library, name), join(workspace, "lib", name), { recursive: true, filter: isSource });
      return STANDARD_MODULES.map((name) => `lib/${name}`);
    });
    let compared = 0;
    for (const { module } of records) {
      const base = module.path.endsWith(".py") ? "" : module.path;
      const files = base === "" ? [module.path] : pythonFilesBelow(base);
      expect(module.files.map(({ path }) => path).sort(), module.name).toEqual(
        files.map((file) => (base === "" ? basename(file) : file.slice(base.length + 1))).sort(),
      );
      const truth = pythonDefinitions(executable, files);
      for (const file of module.files) {
        const path = base === "" ? module.path : join(base, file.path);
        expect(sorted(definitionsOf(file)), path).toEqual(sorted(truth[path]!));
        compared += truth[path]!.length;
      }
    }
    expect(compared).toBeGreaterThan(1_000);
  });
});

describe("ten installed npm packages", () => {
  it("are integrated, with every function and class that TypeScript's compiler sees declared", async () => {
    const { records } = await integrate(async (workspace) => {
      const names = chooseInstalled();
      for (const name of names)
        await cp(join(ROOT, "node_modules", name), join(workspace, "packages", name), {
          recursive: true,
          dereference: true,
          filter: isSource,
        });
      return names.map((name) => `packages/${name}`);
    });
    for (const { module } of records) {
      let compared = 0;
      for (const file of module.files) {
        const path = join(module.path, file.path);
        const text = readFileSync(path, "utf8");
        const found = definitionsOf(file);
        expect(found, path).toEqual(expect.arrayContaining([...(declarationsIn(path, text) ?? [])]));
        const lines = text.split("\n");
        const inventions = found.filter(([, name, line]) => !isOnLine(lines[line - 1] ?? "", name));
        expect(inventions, path).toEqual([]);
        compared += found.length;
      }
      expect(compared, module.name).toBeGreaterThan(0);
    }
  });
});

function isOnLine(line: string, qualified: string): boolean {
  const name = qualified.split(".").at(-1)!;
  return line.includes(name) || (name === "default" && /export|exports/.test(line));
}

function isSource(path: string): boolean {
  return !/(^|\/)(__pycache__|node_modules|\.git)$/.test(path.slice(ROOT.length + "node_modules".length));
}

function pythonFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".py"))
    .map((file) => join(folder, file));
}

/** The first ten, by name, of a size that a record holds whole. */
function chooseInstalled(): string[] {
  const folder = join(ROOT, "node_modules");
  const chosen = readdirSync(folder)
    .filter((name) => /^[a-z]/.test(name) && existsSync(join(folder, name, "package.json")))
    .filter((name) => {
      const bytes = sourceBytes(join(folder, name));
      return bytes >= PACKAGE_BYTES[0] && bytes <= PACKAGE_BYTES[1];
    })
    .slice(0, HOW_MANY);
  expect(chosen).toHaveLength(HOW_MANY);
  return chosen;
}

function sourceBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.includes("node_modules/"))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
