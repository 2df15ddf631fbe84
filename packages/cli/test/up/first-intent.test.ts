import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dropFirstIntent, findFirstModule } from "../../src/up/first-intent.ts";
import { prepareHome } from "../../src/up/new-home.ts";
import { temporaryFolder } from "../run-cli.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

function file(path: string, text = ""): void {
  const whole = join(folder.path, path);
  mkdirSync(join(whole, ".."), { recursive: true });
  writeFileSync(whole, text);
}

test("the nearest folder with source files is chosen, then by name", async () => {
  for (const path of [
    "setup.py",
    "src/zeta/a.py",
    "src/beta/deep/x.ts",
    "src/beta/readme.md",
    "src/alpha/a.js",
  ])
    file(path);
  expect(await findFirstModule(folder.path, "")).toEqual({
    name: "alpha",
    path: join(folder.path, "src/alpha"),
    relativePath: "src/alpha",
  });
});

test("tests, dependencies, hidden folders and registered modules are passed by", async () => {
  for (const path of [
    "node_modules/x/i.js",
    ".git/h.py",
    "tests/t.py",
    "__pycache__/c.py",
    "src/audio/a.py",
    "src/text/t.py",
  ])
    file(path);
  symlinkSync(folder.path, join(folder.path, "loop"));
  expect((await findFirstModule(folder.path, "audio:\n  enabled: true\n"))?.name).toBe("text");
  expect(await findFirstModule(folder.path, "  audio:\n  text :\n")).toBeNull();
});

test("a workspace that does not exist holds no module", async () => {
  expect(await findFirstModule(join(folder.path, "missing"), "")).toBeNull();
});

test("the intent is dropped whole, under its question id", async () => {
  const home = join(folder.path, "home");
  const created = ["mesh.yaml", "capabilities.yaml", "dream_lab/dream.yaml", "policies.yaml"];
  expect(await prepareHome(home)).toEqual({ created, isNew: true, closed: [] });
  const module = { name: "audio", path: "/w/src/audio", relativePath: "src/audio" };
  const { file: path, questionId } = await dropFirstIntent(home, module);
  expect(questionId).toBe("discover.module.audio");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
    type: "discover.module.audio",
    data: { question_id: "discover.module.audio", evidence: ["path:/w/src/audio"], priority: "normal" },
  });
  expect(readdirSync(join(home, "intents")).filter((name) => name.startsWith("."))).toEqual([]);
});

test("preparing a home again changes nothing that people edited", async () => {
  const home = join(folder.path, "home");
  await prepareHome(home);
  writeFileSync(join(home, "capabilities.yaml"), "mine: 1\n");
  mkdirSync(join(home, "journal", "intent_router"));
  expect(await prepareHome(home)).toEqual({ created: [], isNew: false, closed: [] });
  expect(readFileSync(join(home, "capabilities.yaml"), "utf8")).toBe("mine: 1\n");
});
