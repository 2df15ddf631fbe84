/** All of a daemon's configuration, from all places, with all that is wrong in it. */
import { homedir } from "node:os";
import { dirname, join, resolve as resolvePath } from "node:path";
import type { BusLimits } from "@kloros/bus";
import {
  commonSettings,
  type CommonConfig,
  KEYS_NOT_IN_MESH_FILE,
  limitSettings,
  toBusLimits,
} from "./common-settings.ts";
import { flagName, readFlags } from "./flags.ts";
import { layLimits, type LimitOrigins } from "./limit-origins.ts";
import { type MeshEntries, type MeshFile, readMeshFile } from "./mesh-file.ts";
import type { ConfigProblem } from "./problem.ts";
import { environmentPrefix, type Places, resolve, unknownSetting } from "./resolve.ts";
import type { Settings } from "./setting.ts";
import { readTunedLimits } from "./tuned-limits.ts";

export interface LoadedConfig<S> {
  readonly config: S;
  /** `home`, `workspace` and `contract_dirs` are absolute paths. */
  readonly common: CommonConfig;
  readonly limits: BusLimits;
  /** Why limits are not what they are by default. */
  readonly limitOrigins: LimitOrigins;
  /** The file as it was read; the `supervisor` section is left to the command that supervises. */
  readonly meshFile: MeshFile;
}

export type ConfigResult<S> =
  | { readonly kind: "loaded"; readonly loaded: LoadedConfig<S> }
  | { readonly kind: "invalid"; readonly problems: readonly ConfigProblem[] }
  | { readonly kind: "help" };

export interface ConfigPlaces {
  /** Command line without node and script. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths on the command line and in the environment start here. */
  readonly cwd: string;
}

/** Sections of mesh.yaml besides the common settings. */
const SECTIONS = ["limits", "daemons", "supervisor"];
const LIMITS_PREFIX = "KLOROS_LIMITS_";
const NOTHING: MeshEntries = new Map();

/** Reads option > environment > mesh.yaml > default for the daemon; throws nothing, tells everything. */
export async function loadConfig<S>(
  daemon: string,
  settings: Settings<S>,
  places: ConfigPlaces,
): Promise<ConfigResult<S>> {
  const tables = { ...commonSettings.table, ...settings.table };
  const flags = readFlags(places.argv, tables);
  if (flags.helpAsked) return { kind: "help" };
  const { environment } = places;
  const from = (section: string, prefix: string, file: MeshEntries): Places => ({
    flags: flags.flags,
    environment,
    environmentPrefix: prefix,
    file,
    section,
  });
  const unread = resolve(commonSettings.table, from("", "KLOROS_", NOTHING));
  const home = absolute(String(unread.values["home"]), places.cwd);
  const meshFile = await readMeshFile(home);
  const common = resolve(
    commonSettings.table,
    from("", "KLOROS_", without(meshFile.entries, KEYS_NOT_IN_MESH_FILE)),
  );
  const limits = resolve(limitSettings.table, {
    ...from("limits.", LIMITS_PREFIX, sectionOf(meshFile.entries, "limits")),
    flags: [],
  });
  const own = ownSection(meshFile.entries, daemon);
  const prefix = environmentPrefix(daemon);
  const mine = resolve(settings.table, from(`${sectionName(daemon)}.`, prefix, own));
  const problems = [
    ...meshFile.problems,
    ...unknownInFile(meshFile.entries, own, daemon, settings),
    ...common.problems,
    ...limits.problems,
    ...mine.problems,
    ...unknownVariables(environment, prefix, settings),
    ...unknownVariables(environment, LIMITS_PREFIX, limitSettings),
    ...flags.problems,
    ...flags.unknown.map(({ key, source }) => unknownSetting(key, source, Object.keys(tables), flagName)),
  ];
  if (problems.length > 0) return { kind: "invalid", problems };
  const { values, sources } = common;
  const baseOf = (key: string) => (sources.get(key) === "file" ? dirname(meshFile.path) : places.cwd);
  const { workspace, contract_dirs, tuned_limits } = values as CommonConfig;
  const laid = layLimits(limits, readTunedLimits(home, tuned_limits));
  return {
    kind: "loaded",
    loaded: {
      config: mine.values as S,
      common: {
        ...(values as CommonConfig),
        home,
        workspace: absolute(workspace, baseOf("workspace")),
        contract_dirs: contract_dirs.map((dir) => absolute(dir, baseOf("contract_dirs"))),
      },
      limits: toBusLimits(laid.values),
      limitOrigins: laid.origins,
      meshFile,
    },
  };
}

function unknownInFile(
  entries: MeshEntries,
  own: MeshEntries,
  daemon: string,
  settings: Settings<unknown>,
): ConfigProblem[] {
  const top = [...Object.keys(commonSettings.table), ...SECTIONS].filter(
    (key) => !KEYS_NOT_IN_MESH_FILE.includes(key),
  );
  const problems: ConfigProblem[] = [];
  for (const [key, { source, entries: inner, value }] of entries) {
    if (KEYS_NOT_IN_MESH_FILE.includes(key)) {
      problems.push({
        setting: key,
        source,
        problem: "cannot be set here",
        remedy: `use KLOROS_${key.toUpperCase()} or ${flagName(key)}`,
      });
    } else if (!top.includes(key)) {
      problems.push(unknownSetting(key, source, top));
    } else if (SECTIONS.includes(key) && inner === undefined && value !== null) {
      problems.push({
        setting: key,
        source,
        problem: "must be a mapping",
        remedy: "indent its settings below it",
      });
    }
  }
  const known = Object.keys(limitSettings.table);
  for (const [key, { source }] of sectionOf(entries, "limits")) {
    if (!known.includes(key)) problems.push(unknownSetting(key, source, known, (name) => `limits.${name}`));
  }
  const keys = Object.keys(settings.table);
  for (const [key, { source }] of own) {
    if (!keys.includes(key))
      problems.push(unknownSetting(key, source, keys, (name) => `${sectionName(daemon)}.${name}`));
  }
  return problems;
}

function unknownVariables(
  environment: ConfigPlaces["environment"],
  prefix: string,
  settings: Settings<unknown>,
): ConfigProblem[] {
  const keys = Object.keys(settings.table);
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && !keys.includes(name.slice(prefix.length).toLowerCase()))
    .map((name) =>
      unknownSetting(
        name.slice(prefix.length).toLowerCase(),
        `environment ${name}`,
        keys,
        (key) => prefix + key.toUpperCase(),
      ),
    );
}

function sectionOf(entries: MeshEntries, name: string): MeshEntries {
  return entries.get(name)?.entries ?? NOTHING;
}

/** `kloros up` reads its settings by the same rules, from a section of its own: it is no daemon among the daemons. */
function sectionName(daemon: string): string {
  return daemon === "supervisor" ? daemon : `daemons.${daemon}`;
}

function ownSection(entries: MeshEntries, daemon: string): MeshEntries {
  if (daemon === "supervisor") return sectionOf(entries, daemon);
  return sectionOf(sectionOf(entries, "daemons"), daemon);
}

function without(entries: MeshEntries, keys: readonly string[]): MeshEntries {
  return new Map([...entries].filter(([key]) => !keys.includes(key)));
}

function absolute(path: string, base: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolvePath(base, path);
}
