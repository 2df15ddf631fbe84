/** What is to be installed, from the options, an earlier installation, and the home's own settings. */
import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { loadContracts } from "@kloros/bus";
import { ConfigError, defineSettings, loadConfig, type LoadedConfig } from "@kloros/daemon";
import { answerNo, usageError } from "../../program/errors.ts";
import { currentRelease, DEFAULT_PLACES, type Places } from "../places.ts";
import { OWN_ROOT } from "../release/release-root.ts";
import { identifyRelease } from "../release/stage-release.ts";
import { nodeProblem } from "./node-binary.ts";
import { textOf } from "./observe.ts";
import { type InstallationRecord, parseRecord, recordPath } from "./record.ts";
import { type Wanted, wanted } from "./wanted.ts";

export interface PlaceOptions {
  readonly home?: string;
  readonly workspace?: string;
  readonly prefix?: string;
  readonly node?: string;
  readonly transport?: "ipc" | "tcp";
}

export interface Aim {
  readonly wanted: Wanted;
  readonly old: InstallationRecord | null;
  /** The mesh runs over TCP with keys, and these are not there. */
  readonly missingKeys: readonly string[];
  /** mesh.yaml has to say so first. */
  readonly switchToTcp: boolean;
}

/** Units, shell scripts and tmpfiles.d take such paths without quotes. */
const PLAIN_PATH = /^\/[\w./+@-]*$/;

/** Where an installation is: named, or the one this program belongs to, or the default. */
export function prefixOf({ prefix }: Pick<PlaceOptions, "prefix">): string {
  const [, own] = /^(.*)\/releases\/[^/]+$/.exec(OWN_ROOT) ?? [];
  return plain("--prefix", prefix ?? own ?? DEFAULT_PLACES.prefix);
}

/** @throws {CommandError}, {ConfigError}, {ContractFileError} */
export async function readAim(options: PlaceOptions): Promise<Aim> {
  const prefix = prefixOf(options);
  const old = parseRecord(textOf(recordPath(prefix)));
  const home = plain("--home", options.home ?? old?.home ?? DEFAULT_PLACES.home);
  const node = options.node ?? process.execPath;
  const problem = nodeProblem(node);
  if (problem !== null)
    throw answerNo(
      `${problem}: install Node for all users (apt, or a tarball in /usr/local), or name another with --node`,
    );
  const common = await settingsOf(home);
  const isTcp = (options.transport ?? common.transport) === "tcp";
  if (options.transport === "ipc" && common.transport === "tcp")
    throw answerNo(`${home}/mesh.yaml says transport: tcp; change it there, then install again`);
  const workspace = options.workspace ?? old?.workspace ?? configured(common.workspace, home);
  const places: Places = {
    node,
    prefix,
    home,
    workspace: plain("--workspace", workspace),
    network: isTcp ? reachOf(common.tcp_host) : "none",
    drainDeadlineMs: common.drain_deadline,
  };
  const { daemons } = loadContracts({ extraDirs: common.contract_dirs });
  const info = await identifyRelease(OWN_ROOT);
  if (info.arch !== process.arch)
    throw answerNo(`this release is for ${info.arch}, the machine is ${process.arch}`);
  const catalog = textOf(join(OWN_ROOT, "systemd", "kloros.catalog"));
  return {
    old,
    wanted: wanted(daemons, places, { id: info.id, from: OWN_ROOT }, catalog),
    switchToTcp: isTcp && common.transport !== "tcp",
    missingKeys:
      isTcp && common.curve ? daemons.map(({ name }) => name).filter((name) => lacksKey(home, name)) : [],
  };
}

/** The common settings of the home's mesh.yaml; the environment of whoever installs is not the services'. */
async function settingsOf(home: string): Promise<LoadedConfig<unknown>["common"]> {
  const asked = { argv: ["--home", home], environment: {}, cwd: "/" };
  const result = await loadConfig("install", defineSettings({}), asked);
  if (result.kind === "loaded") return result.loaded.common;
  throw new ConfigError(result.kind === "invalid" ? result.problems : []);
}

/** mesh.yaml's workspace; its default (the folder one starts in) means nothing to a service. */
function configured(workspace: string, home: string): string {
  return workspace === "/" || workspace === home ? DEFAULT_PLACES.workspace : workspace;
}

function reachOf(host: string): "loopback" | "any" {
  return /^(?:127\.|localhost$|::1$|\[::1\]$)/.test(host) ? "loopback" : "any";
}

function lacksKey(home: string, name: string): boolean {
  return !existsSync(join(home, "keys", `${name}.secret.json`));
}

function plain(option: string, path: string): string {
  if (isAbsolute(path) && PLAIN_PATH.test(path) && resolve(path) !== "/") return resolve(path);
  throw usageError(`${option} ${path}: it must be an absolute path of letters, digits and . _ - + @ /`);
}

/** The command that makes what is missing in `keys/`. */
export function keysCommand({ places }: Wanted): readonly string[] {
  const program = `${currentRelease(places)}/packages/cli/bin/chem-bus.mjs`;
  return [places.node, program, "keys", "init", "--home", places.home];
}
