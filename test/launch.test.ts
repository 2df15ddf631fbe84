/** What `npm start` and `npm test` say when a machine cannot run the mesh. Works on copies of the scripts in a folder of its own. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPTS = fileURLToPath(new URL("../scripts", import.meta.url));
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "kloros-launch-"));
  cpSync(SCRIPTS, join(checkout, "scripts"), { recursive: true });
  mkdirSync(join(checkout, "packages/bus"), { recursive: true });
  writeManifest(">=20.19");
  // An npm that tells what it was asked for and fails, so that no test needs a registry.
  mkdirSync(join(checkout, "bin"));
  writeFileSync(join(checkout, "bin/npm"), '#!/bin/sh\necho "npm got: $*"\nexit 3\n', { mode: 0o755 });
});

afterEach(() => {
  rmSync(checkout, { recursive: true });
});

describe("npm start and npm test", () => {
  it.each(["start.mjs", "test.mjs"])(
    "%s names the Node that is needed and the one that is there",
    (script) => {
      writeManifest(">=99.1");
      const { status, stderr } = run([join(checkout, "scripts", script)]);
      expect(stderr).toContain(`Node >= 99.1 is needed, this is ${process.versions.node}`);
      expect(status).toBe(78);
    },
  );

  it.each(["start.mjs", "test.mjs"])("%s says that a checkout without its lock is not whole", (script) => {
    const { status, stderr } = run([join(checkout, "scripts", script)]);
    expect(stderr.trim()).toBe("package-lock.json is missing: this checkout is not whole.");
    expect(status).toBe(69);
  });
});

describe("the check of dependencies", () => {
  it("is content when everything but another platform's part is installed at the locked version", () => {
    writeLock("package-lock.json", {
      yaml: { version: "2.9.1" },
      "yaml-win32": { version: "1.0.0", optional: true },
    });
    writeLock("node_modules/.package-lock.json", { yaml: { version: "2.9.1" } });
    expect(call("install.mjs", "ensureInstalled")).toMatchObject({ status: 0, stdout: "" });
  });

  it.each([
    ["none are installed yet", null],
    ["node_modules/yaml is missing", {}],
    ["node_modules/yaml is not at 2.9.1", { yaml: { version: "2.9.0" } }],
  ])("installs again when %s", (reason, installed) => {
    writeLock("package-lock.json", { yaml: { version: "2.9.1" } });
    if (installed !== null) writeLock("node_modules/.package-lock.json", installed);
    const { status, stdout, stderr } = call("install.mjs", "ensureInstalled");
    expect(stdout).toContain(`Installing dependencies (${reason})`);
    expect(stdout).toContain("npm got: ci --ignore-scripts --include=dev");
    expect(stderr).toContain("npm ci --ignore-scripts failed with exit code 3");
    expect(status).toBe(1);
  });
});

describe("the check of native parts", () => {
  it("names each part that does not load, why, and what to do", () => {
    installPart("zeromq", "");
    installPart("lmdb", "throw new Error('No native build was found')");
    const { status, stderr } = call("native-parts.mjs", "checkNativeParts");
    expect(stderr).toContain("lmdb (the journals) does not load: Error: No native build was found");
    expect(stderr).toContain("fs-native-extensions (file locks) does not load: Error: Cannot find module");
    expect(stderr).toContain("npm rebuild lmdb fs-native-extensions");
    expect(stderr).not.toContain("zeromq (");
    expect(status).toBe(1);
  });

  it("survives a part that takes its process down, and names that too", () => {
    for (const part of ["zeromq", "lmdb"]) installPart(part, "");
    installPart("fs-native-extensions", "process.kill(process.pid, 'SIGSEGV')");
    const { stderr } = call("native-parts.mjs", "checkNativeParts");
    expect(stderr).toContain(
      "fs-native-extensions (file locks) does not load: the process was ended by SIGSEGV",
    );
  });
});

function run(args: string[]) {
  return spawnSync(process.execPath, args, {
    cwd: checkout,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(checkout, "bin")}:${process.env["PATH"] ?? ""}` },
  });
}

/** Calls one function of a launch script in a process of its own; a LaunchError's message comes on stderr. */
function call(file: string, name: string) {
  const script = `import(${JSON.stringify(join(checkout, "scripts/launch", file))})
    .then((launch) => launch.${name}())
    .catch((error) => { console.error(error.message); process.exitCode = 1; })`;
  return run(["-e", script]);
}

function writeManifest(node: string): void {
  writeFileSync(
    join(checkout, "package.json"),
    JSON.stringify({ name: "probe", version: "0.0.0", engines: { node } }),
  );
}

function writeLock(path: string, packages: Record<string, unknown>): void {
  mkdirSync(join(checkout, "node_modules"), { recursive: true });
  const entries = Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry]);
  writeFileSync(
    join(checkout, path),
    JSON.stringify({ packages: { "": {}, ...Object.fromEntries(entries) } }),
  );
}

function installPart(name: string, source: string): void {
  const folder = join(checkout, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.js"), source);
}
