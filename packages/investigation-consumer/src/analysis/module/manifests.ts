/** `package.json`, `pyproject.toml` and `setup.cfg`: what a project says about names and entry points. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseToml } from "smol-toml";

/** Longest manifest read, in bytes. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

export interface PackageManifest {
  readonly name: string | null;
  /** `bin` name → file. */
  readonly bins: readonly (readonly [name: string, target: string])[];
  readonly main: string | null;
  /** `exports` subpath → file, the first condition of each. */
  readonly exports: readonly (readonly [subpath: string, target: string])[];
}

/** `text`: null where there is no such file. */
type ManifestText = { readonly text: string | null } | { readonly problem: string };

export type Manifest<T> = { readonly value: T | null; readonly problem: string | null };

export function readPackageJson(folder: string): Manifest<PackageManifest> {
  return readManifest(join(folder, "package.json"), (text) => {
    const json = record(JSON.parse(text.replace(/^\uFEFF/, "")));
    const name = typeof json["name"] === "string" ? json["name"] : null;
    return {
      name,
      bins: binsOf(json["bin"], name),
      main: typeof json["main"] === "string" ? json["main"] : null,
      exports: exportsOf(json["exports"]),
    };
  });
}

/** Console scripts: name → `module:function`. */
export function readConsoleScripts(folder: string): Manifest<readonly (readonly [string, string])[]> {
  const project = readManifest(join(folder, "pyproject.toml"), (text) => {
    const tables = record(parseToml(text));
    const modern = record(record(tables["project"])["scripts"]);
    const poetry = record(record(record(tables["tool"])["poetry"])["scripts"]);
    return textEntries({ ...poetry, ...modern });
  });
  if (project.value?.length || project.problem !== null) return project;
  return readManifest(join(folder, "setup.cfg"), setupCfgScripts);
}

function binsOf(bin: unknown, name: string | null): [string, string][] {
  if (typeof bin === "string") return [[name ?? "bin", bin]];
  return textEntries(record(bin));
}

function exportsOf(exports: unknown): [string, string][] {
  if (typeof exports === "string") return [[".", exports]];
  const entries = Object.entries(record(exports));
  const subpaths = entries.some(([key]) => key.startsWith("."))
    ? entries
    : [[".", exports] as [string, unknown]];
  return subpaths.flatMap(([subpath, target]) => {
    const file = firstTarget(target);
    return file === null ? [] : [[subpath, file] as [string, string]];
  });
}

function firstTarget(target: unknown): string | null {
  if (typeof target === "string") return target;
  for (const value of Object.values(record(target))) {
    const file = firstTarget(value);
    if (file !== null) return file;
  }
  return null;
}

/** `[options.entry_points]`, `console_scripts =`, then one indented `name = module:function` a line. */
function setupCfgScripts(text: string): [string, string][] {
  const section = /^\[options\.entry_points\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? "";
  const lines = /^console_scripts\s*=[^\n]*\n((?:[ \t]+[^\n]*\n?)*)/m.exec(section)?.[1] ?? "";
  return lines.split("\n").flatMap((line) => {
    const [name, target] = line.split("=", 2).map((part) => part.trim());
    return name && target ? [[name, target] as [string, string]] : [];
  });
}

function readManifest<T>(path: string, parse: (text: string) => T): Manifest<T> {
  const reading = readText(path);
  if ("problem" in reading) return { value: null, problem: reading.problem };
  if (reading.text === null) return { value: null, problem: null };
  try {
    return { value: parse(reading.text), problem: null };
  } catch (cause) {
    const [reason = ""] = (cause as Error).message.split("\n", 1);
    return { value: null, problem: `cannot be parsed (${reason}); ignored` };
  }
}

function readText(path: string): ManifestText {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { problem: "is no regular file; ignored" };
    if (stats.size > MAX_MANIFEST_BYTES) return { problem: `has ${stats.size} bytes; ignored` };
    return { text: readFileSync(descriptor, "utf8") };
  } catch (cause) {
    const errno = (cause as NodeJS.ErrnoException).code ?? "EUNKNOWN";
    return errno === "ENOENT" || errno === "ENOTDIR"
      ? { text: null }
      : { problem: `cannot be read (${errno}); ignored` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function textEntries(value: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
