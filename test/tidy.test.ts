/** House rules as tests: what no linter can see because it spans contracts, documents, packages and code. */
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadContracts } from "@kloros/bus";
import { findErrorClasses, sourceFiles } from "../scripts/generate/errors-table.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Longest source file, in lines; ESLint says the same, this also sees what ESLint is told to skip. */
const MAX_LINES = 300;

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const contracts = loadContracts();
const daemonNames = new Set(contracts.daemons.map((daemon) => daemon.name));
const packageNames = readdirSync(join(ROOT, "packages"));
const sources = await sourceFiles(ROOT);
const ownFiles = listOwnFiles();

describe("every signal", () => {
  it("has a row in docs/signals.md", () => {
    const documented = read("docs/signals.md");
    expect(contracts.names.filter((name) => !new RegExp(`\\b${name}\\b`).test(documented))).toEqual([]);
  });

  it("has a contract file of its name", () => {
    const files = readdirSync(join(ROOT, "schemas/signals")).map((file) => file.replace(".schema.json", ""));
    expect(files.sort()).toEqual([...contracts.names].sort());
  });

  it("is emitted and consumed by daemons that are known", () => {
    const strangers = contracts.names.flatMap((name) => {
      const contract = contracts.get(name)!;
      const parties = [...contract.emitters, ...contract.consumers];
      const unknown = parties
        .filter((party) => party !== "*" && !daemonNames.has(party))
        .map((party) => `${name}: ${party}`);
      if (contract.emitters.length === 0) unknown.push(`${name}: no emitter`);
      return unknown;
    });
    expect(strangers).toEqual([]);
  });

  it("that the code names exists", () => {
    const unknown = sources.flatMap((file) => {
      const named = withoutComments(read(file)).match(/"Q_[A-Z0-9]+(?:_[A-Z0-9]+)+"/g) ?? [];
      return named
        .map((name) => name.slice(1, -1))
        .filter((name) => !contracts.names.includes(name))
        .map((name) => `${file}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });
});

describe("every daemon package", () => {
  const builtDaemons = contracts.daemons.filter((daemon) => packageNames.includes(daemon.package));

  it("is one that the mesh knows", () => {
    const libraries = [
      "bounded-process",
      "bus",
      "checked-yaml",
      "cli",
      "client",
      "daemon",
      "experiments",
      "shipped-experiments",
    ];
    const known = [...libraries, ...builtDaemons.map((daemon) => daemon.package)];
    expect(packageNames.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(["README.md", "src/main.ts", "src/config.ts", "src/decide.ts", "test"])("has %s", (path) => {
    expect(builtDaemons.length).toBeGreaterThan(0);
    const lacking = builtDaemons.filter(
      (daemon) => !existsSync(join(ROOT, "packages", daemon.package, path)),
    );
    expect(lacking.map((daemon) => daemon.package)).toEqual([]);
  });

  it("has a unit in systemd/", () => {
    const lacking = builtDaemons.filter(
      (daemon) => !existsSync(join(ROOT, `systemd/kloros-${daemon.package}.service`)),
    );
    expect(lacking.map((daemon) => daemon.package)).toEqual([]);
  });

  it("has the table of its settings in its README, where `npm run generate` keeps it fresh", () => {
    const readmes = builtDaemons.map((daemon) => `packages/${daemon.package}/README.md`);
    expect(readmes.filter((file) => !read(file).includes("<!-- settings:start -->"))).toEqual([]);
  });
});

describe("every error", () => {
  it("stands in docs/errors.md, and nothing else does", async () => {
    const documented = [...read("docs/errors.md").matchAll(/^\| `(E_[A-Z0-9_]+)`/gm)].map(
      (match) => match[1],
    );
    const thrown = (await findErrorClasses(ROOT)).map((error) => error.code);
    expect(documented).toEqual(thrown);
  });

  it("has one class and one explanation per code", async () => {
    const classes = await findErrorClasses(ROOT);
    const codes = classes.map((error) => error.code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(classes.filter((error) => error.meaning === "").map((error) => error.name)).toEqual([]);
  });

  it("is defined before code elsewhere refers to it", async () => {
    const known = new Set((await findErrorClasses(ROOT)).map((error) => error.code));
    const unknown = sources.flatMap((file) =>
      (read(file).match(/"E_[A-Z0-9_]+"/g) ?? [])
        .filter((code) => !known.has(code.slice(1, -1)))
        .map((code) => `${file}: ${code}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe("every file", () => {
  it(`of the sources is at most ${MAX_LINES} lines long`, () => {
    const long = sources.filter(
      (file) => !file.includes("/generated/") && read(file).trimEnd().split("\n").length > MAX_LINES,
    );
    expect(long).toEqual([]);
  });

  it("of the sources is named for a topic, not a drawer", () => {
    expect(
      sources.filter((file) => /(^|\/)(utils?|helpers?|common|types|misc)(\/|\.ts$)/.test(file)),
    ).toEqual([]);
    expect(
      sources.filter((file) => !/^packages\/[a-z-]+\/src\/([a-z0-9-]+\/)*[a-z0-9-]+(\.d)?\.ts$/.test(file)),
    ).toEqual([]);
  });

  it("of the tests runs all its tests", () => {
    const narrowed = /\b(it|test|describe|suite)\.(only|todo)\b/;
    expect(ownFiles.filter((file) => file.endsWith(".test.ts") && narrowed.test(read(file)))).toEqual([]);
  });

  it("is finished: it marks nothing as still to do", () => {
    // Written in halves so that this file passes its own test.
    const marks = new RegExp(
      `\\b(${["TO", "FIX", "XX"].map((half, n) => half + ["DO", "ME", "X"][n]!).join("|")})\\b`,
    );
    expect(ownFiles.filter((file) => marks.test(read(file)))).toEqual([]);
  });

  it("names no one's home directory", () => {
    const home = new RegExp(`(?<![\\w./}*\\\\-])/(?:home/(?!(?:kloros|me|user)\\b)\\w+|root/|Users/\\w+)`);
    expect(ownFiles.filter((file) => home.test(read(file)))).toEqual([]);
  });
});

/** Examples in comments may name signals of the reader's own. */
function withoutComments(source: string): string {
  return source.replace(/^\s*(\/?\*|\/\/).*$/gm, "");
}

/** Text files that people of this project wrote: code, contracts, scripts, documents. */
function listOwnFiles(): string[] {
  const folders = [
    "docs",
    "examples",
    "schemas",
    "scripts",
    "test",
    ...packageNames.flatMap((name) => [`packages/${name}/src`, `packages/${name}/test`]),
  ];
  const texts = /\.(ts|mjs|js|json|md|py|ya?ml)$/;
  const nested = folders.flatMap((folder) =>
    existsSync(join(ROOT, folder))
      ? readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
      : [],
  );
  const top = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  return [...top, ...nested].filter((file) => texts.test(file) && file !== "package-lock.json");
}
