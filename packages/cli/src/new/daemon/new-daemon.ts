/** `kloros new daemon`: a package that builds, runs and passes its tests at once. What exists is never touched. */
import { existsSync, realpathSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { ContractFileError, type Contracts, loadContracts } from "@kloros/bus";
import { packageFolders } from "../../systemd/release/dependencies.ts";
import { contractDirs } from "../../program/contract-dirs.ts";
import { answerNo, usageError } from "../../program/errors.ts";
import { remark } from "../../program/output.ts";
import { DEFAULT_PLACES } from "../../systemd/places.ts";
import { unitText } from "../../systemd/unit-text.ts";
import { freePort } from "../free-port.ts";
import { type Installation, installation } from "../installation.ts";
import { daemonNames, knownOr, type Named, type NewNames, signalConflict } from "../names.ts";
import { signalsTable } from "../signals-table.ts";
import { type NewFiles, writeNewFiles } from "../write-new-files.ts";
import { contractTexts } from "./contract-texts.ts";
import { GITIGNORE, NPMRC, packageText, readmeText, rosterText, tsconfigText } from "./package-texts.ts";
import { configText, decideText, mainText, shellText, testText } from "./source-texts.ts";

export interface NewDaemonOptions {
  readonly name: string;
  /** Folder in which the package's folder is made. */
  readonly dir: string;
  readonly signal?: string;
  readonly consumes: readonly string[];
  readonly home: string;
}

export interface NewDaemon {
  readonly folder: string;
  readonly daemon: string;
  readonly package: string;
  readonly port: number;
  readonly signals: readonly string[];
  readonly files: readonly string[];
  /** npm has to fetch a compiler: this release carries none. */
  readonly needs_registry: boolean;
}

/** @throws {CommandError} 64 a name that cannot be, 1 one that is taken or files that are there */
export async function newDaemon(options: NewDaemonOptions): Promise<NewDaemon> {
  const place = installation();
  const names = settled(daemonNames(options.name, options.signal));
  const contracts = await knownContracts(options.home);
  const consumes = options.consumes.map((signal) => settled(knownOr(signal, contracts.names, "signal")));
  refuseTaken(names, contracts, place);
  const folder = resolve(options.dir, names.package);
  if (`${realOf(resolve(options.dir))}${sep}`.startsWith(`${realOf(place.root)}${sep}`))
    throw usageError(
      `${folder} lies in ${place.root}: your daemons live outside of it, choose another folder with --dir`,
    );
  const port = freePort(contracts.daemons);
  const files = filesOf(names, { port, consumes, place, folder });
  await writeNewFiles(folder, files);
  return {
    folder,
    daemon: names.daemon,
    package: names.package,
    port,
    signals: [...contractTexts(names).keys()],
    files: [...files.keys()],
    needs_registry: !place.isComplete,
  };
}

interface Circumstances {
  readonly port: number;
  readonly consumes: readonly string[];
  readonly place: Installation;
  readonly folder: string;
}

function filesOf(names: NewNames, { port, consumes, place, folder }: Circumstances): NewFiles {
  const contracts = contractTexts(names);
  const rows = [...contracts].map(([name, text]) => {
    const { description, "x-signal": signal } = JSON.parse(text) as {
      description: string;
      "x-signal": never;
    };
    return { name, description, ...(signal as object) } as Parameters<typeof signalsTable>[0][number];
  });
  const daemon = {
    ...{ name: names.daemon, package: names.package, port, description: "Counts the words of texts." },
    ...{ main: join(folder, "dist/src/main.js"), writes: [names.package] },
  };
  return new Map([
    ["package.json", packageText(names, place)],
    ["tsconfig.json", tsconfigText()],
    [".npmrc", NPMRC],
    [".gitignore", GITIGNORE],
    ["README.md", readmeText(names, place, signalsTable(rows))],
    ["contracts/daemons.json", rosterText(names, port, consumes)],
    ...[...contracts].map(([name, text]) => [`contracts/signals/${name}.schema.json`, text] as const),
    ["src/main.ts", mainText(names)],
    ["src/config.ts", configText(names)],
    ["src/decide.ts", decideText(names, consumes)],
    [`src/${names.package}.ts`, shellText(names, consumes)],
    [`test/${names.package}.test.ts`, testText(names)],
    [`systemd/kloros-${names.package}.service`, unitText(daemon, DEFAULT_PLACES)],
  ]);
}

function refuseTaken(names: NewNames, contracts: Contracts, { root }: Installation): void {
  const twin = contracts.daemons.find(
    ({ name, package: of }) => name === names.daemon || of === names.package,
  );
  if (twin !== undefined)
    throw answerNo(`${twin.name} is a daemon of this mesh already; choose another name`);
  if (packageFolders(root).includes(names.package))
    throw answerNo(`${names.package} is a package of the mesh itself; choose another name`);
  for (const signal of [names.requested, names.done, names.failed, names.timeout]) {
    const conflict = signalConflict(signal, contracts.names);
    if (conflict !== null) throw answerNo(`${conflict}; choose other names with --signal Q_<ACTION>_<STATE>`);
  }
}

/** All that the home knows; when its own contracts are broken, the shipped ones, and a word about it. */
async function knownContracts(home: string): Promise<Contracts> {
  try {
    return loadContracts({ extraDirs: existsSync(home) ? await contractDirs(home) : [] });
  } catch (cause) {
    if (!(cause instanceof ContractFileError)) throw cause;
    remark(
      `contracts of ${home} cannot be used (chem-bus contracts lint), only the shipped ones were looked at`,
    );
    return loadContracts();
  }
}

/** @throws {CommandError} 64 with the refusal */
function settled<T>(named: Named<T>): T {
  if (named.kind === "refused") throw usageError(named.message);
  return named.names;
}

function realOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
