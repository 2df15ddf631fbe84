/** What is there already: read, never changed. */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { currentRelease, type Places, SERVICE_USER } from "../places.ts";

/** `systemctl` answers from memory; longer means that the machine is in trouble, in milliseconds. */
const ASK_DEADLINE_MS = 30_000;

export interface UnitState {
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** `enabled`, `disabled`, `masked`; empty when systemd does not know it. */
  readonly enabled: string;
  /** By systemd itself, since the last start by hand. */
  readonly restarts: number;
}

export interface Observed {
  readonly files: ReadonlyMap<string, string | null>;
  /** Where `current` points; null when there is none. */
  readonly current: string | null;
  /** Names below `releases/`. */
  readonly releases: readonly string[];
  readonly userExists: boolean;
  /** Of the paths that were asked about, those that are not there. */
  readonly missing: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, UnitState>;
}

export interface Questions {
  readonly places: Places;
  readonly files: readonly string[];
  readonly paths: readonly string[];
  readonly units: readonly string[];
}

export function observe({ places, files, paths, units }: Questions): Observed {
  const folders = [...files, ...paths].flatMap((path) => ancestors(path));
  return {
    files: new Map(files.map((file) => [file, textOf(file)])),
    current: linkTarget(currentRelease(places)),
    releases: releasesIn(places.prefix),
    userExists: spawnSync("getent", ["passwd", SERVICE_USER]).status === 0,
    missing: new Set([...paths, ...folders].filter((path) => !isThere(path))),
    units: unitStates(units),
  };
}

/** Names below `<prefix>/releases`, unfinished ones left out. */
export function releasesIn(prefix: string): readonly string[] {
  const folder = join(prefix, "releases");
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
}

/** What systemd thinks of these units. */
export function unitStates(names: readonly string[]): ReadonlyMap<string, UnitState> {
  if (names.length === 0) return new Map();
  const properties = ["Id", "ActiveState", "UnitFileState", "NRestarts"].map((name) => `--property=${name}`);
  const { stdout } = spawnSync("systemctl", ["show", ...properties, ...names], {
    encoding: "utf8",
    timeout: ASK_DEADLINE_MS,
  });
  const blocks = (stdout ?? "").trim().split("\n\n");
  return new Map(
    names.map((name, index) => {
      const lines = new Map((blocks[index] ?? "").split("\n").map((line) => splitOnce(line)));
      return [
        name,
        {
          active: lines.get("ActiveState") ?? "",
          enabled: lines.get("UnitFileState") ?? "",
          restarts: Number(lines.get("NRestarts") ?? 0),
        },
      ];
    }),
  );
}

/** The folders above a path, nearest last. */
export function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === "/" || above === path ? [] : [...ancestors(above), above];
}

export function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

export function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}
