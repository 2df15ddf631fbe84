/** Artifacts of the three kinds, and all the ways out of their folders. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import {
  type ArtifactRequest,
  type ArtifactSpec,
  fileSha256,
  makeArtifact,
  treeSha256,
} from "../../src/index.ts";

let folder = "";
let home = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kloros-artifact-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  home = join(folder, "home");
  await mkdir(join(home, "dream_lab"), { recursive: true });
  await mkdir(join(folder, "workspace"));
});

function make(spec: ArtifactSpec, changes: Partial<ArtifactRequest> = {}) {
  return makeArtifact({
    spec,
    params: { b: 2, a: "x" },
    workDir: join(home, "work"),
    home,
    workspace: join(folder, "workspace"),
    seed: 5,
    candidateId: "c1",
    label: "artifact-test:",
    limits: { cpu_s: 10, memory_bytes: 1e9, output_bytes: 10_000 },
    ...changes,
  });
}

const template = (path: string, file = "out.conf"): ArtifactSpec => ({
  kind: "template",
  template: path,
  file,
});
const mutator = (script: string, source = "source.txt"): ArtifactSpec => ({
  kind: "mutator",
  file: "out.txt",
  command: ["/bin/sh", "-c", script],
  timeout_s: 5,
  source,
});

it("params.json is the same bytes for the same parameters, in whatever order they came", async () => {
  const first = await make({ kind: "params", file: "params.json" });
  const second = await make(
    { kind: "params", file: "params.json" },
    { params: { a: "x", b: 2 }, isDurable: false },
  );
  expect(second).toEqual(first);
  if (first.kind !== "made") throw new Error(first.message);
  expect(await readFile(first.path, "utf8")).toBe('{\n  "a": "x",\n  "b": 2\n}\n');
  expect(first.sha256).toBe(await fileSha256(first.path));
  expect((await stat(first.path)).mode & 0o777).toBe(0o600);
});

it("a template is found below dream_lab or in the workspace, and filled in", async () => {
  await writeFile(join(home, "dream_lab", "t.conf"), "b={{b}}\n");
  await writeFile(join(folder, "workspace", "w.conf"), "a={{a}}\n");
  for (const [path, text] of [
    ["t.conf", "b=2\n"],
    ["w.conf", "a=x\n"],
    ["{workspace}/w.conf", "a=x\n"],
  ] as const) {
    const made = await make(template(path));
    if (made.kind !== "made") throw new Error(made.message);
    expect([made.file, await readFile(made.path, "utf8")]).toEqual(["out.conf", text]);
  }
});

it("a template that leads out of its folders is refused, by .., by an absolute path, by a link", async () => {
  await writeFile(join(folder, "secret"), "{{a}}");
  await symlink(join(folder, "secret"), join(home, "dream_lab", "link"));
  for (const path of ["../../secret", join(folder, "secret"), "link", "{home}/../secret"])
    expect(await make(template(path))).toMatchObject({
      kind: "failed",
      message: expect.stringMatching(/lies outside of/),
    });
  expect(await make(template("missing"))).toMatchObject({ message: expect.stringMatching(/does not exist/) });
  expect(await make(template("."))).toMatchObject({ message: expect.stringMatching(/is no plain file/) });
});

it("a template with an unknown placeholder, or a huge one, makes no artifact", async () => {
  const path = join(home, "dream_lab", "t.conf");
  await writeFile(path, "{{c}}");
  expect(await make(template("t.conf"))).toMatchObject({
    kind: "failed",
    message: expect.stringMatching(/line 1: \{\{c\}\} is no parameter of this candidate \(it has b, a\)/),
  });
  await truncate(path, 2_000_000);
  expect(await make(template("t.conf"))).toMatchObject({ message: expect.stringMatching(/at most 1048576/) });
});

it.each(["../out", "/etc/out", "a/../b", "", "a//b", "./a", "version.json", "a\\b", "x".repeat(300)])(
  "%j is no name for an artifact",
  async (file) => {
    await writeFile(join(home, "dream_lab", "t.conf"), "b");
    expect(await make(template("t.conf", file))).toMatchObject({
      kind: "failed",
      message: expect.stringMatching(/^artifact\.file/),
    });
  },
);

it("a link in the work folder is replaced or refused, never followed", async () => {
  const work = join(home, "work");
  const victim = join(folder, "victim");
  await mkdir(work);
  await writeFile(victim, "whole");
  await writeFile(join(home, "dream_lab", "t.conf"), "new");
  for (const isDurable of [true, false]) {
    await rm(join(work, "out.conf"), { force: true });
    await symlink(victim, join(work, "out.conf"));
    expect(await make(template("t.conf"), { isDurable })).toMatchObject({ kind: "made" });
    expect(await readFile(victim, "utf8")).toBe("whole");
  }
  await symlink(folder, join(work, "sub"));
  expect(await make(template("t.conf", "sub/out"))).toMatchObject({
    kind: "failed",
    message: expect.stringMatching(/leads out of the work folder/),
  });
});

it("a mutator makes the artifact of the source and the parameters", async () => {
  await writeFile(join(home, "dream_lab", "source.txt"), "source ");
  const script =
    'cat "$KLOROS_SOURCE" - > "$KLOROS_ARTIFACT"; printf " %s %s" "$KLOROS_SEED" "$KLOROS_CANDIDATE" >> "$KLOROS_ARTIFACT"';
  const made = await make(mutator(script));
  if (made.kind !== "made") throw new Error(made.message);
  expect(await readFile(made.path, "utf8")).toBe('source {"b":2,"a":"x"} 5 c1');
  expect(made.sha256).toBe(await fileSha256(made.path));
});

it("a mutator that fails, writes nothing, or something else than a plain file, makes none", async () => {
  await writeFile(join(home, "dream_lab", "source.txt"), "");
  await writeFile(join(folder, "secret"), "");
  for (const [script, message] of [
    ["echo reason >&2; exit 4", /^the mutator ended with exit code 4$/],
    ["true", /wrote no file/],
    [`ln -s ${join(folder, "secret")} "$KLOROS_ARTIFACT"`, /no plain file/],
    ['mkdir "$KLOROS_ARTIFACT"', /no plain file/],
    ['truncate -s 100000000 "$KLOROS_ARTIFACT"', /at most 67108864/],
  ] as const)
    expect(await make(mutator(script))).toMatchObject({
      kind: "failed",
      message: expect.stringMatching(message),
    });
  expect(await make(mutator("echo reason >&2; exit 4"))).toMatchObject({ stderr_tail: "reason" });
  expect(await make(mutator("true", "../../secret"))).toMatchObject({
    message: expect.stringMatching(/^artifact\.source/),
  });
});

it("what an earlier run left at the artifact's place is not taken for this one's", async () => {
  await writeFile(join(home, "dream_lab", "source.txt"), "");
  await mkdir(join(home, "work"));
  await writeFile(join(home, "work", "out.txt"), "old");
  expect(await make(mutator("true"))).toMatchObject({ kind: "failed" });
});

it("the hash of a folder tells names, contents, links and executable bits, not times", async () => {
  const tree = join(folder, "tree");
  await mkdir(join(tree, "b"), { recursive: true });
  await writeFile(join(tree, "a"), "1");
  await writeFile(join(tree, "b", "c"), "2");
  const hashes = [await treeSha256(tree)];
  const changes = [
    () => writeFile(join(tree, "a"), "3"),
    () => chmod(join(tree, "a"), 0o755),
    () => writeFile(join(tree, "d"), ""),
    () => symlink("a", join(tree, "e")),
    () => rm(join(tree, "b", "c")),
  ];
  for (const change of changes) {
    await change();
    hashes.push(await treeSha256(tree));
  }
  expect(new Set(hashes).size).toBe(hashes.length);
  await writeFile(join(tree, "d"), "");
  expect(await treeSha256(tree)).toBe(hashes.at(-1));
});
