/**
 * Dev mode, attached to a mesh that runs: watches sources and contracts, builds, and restarts exactly those daemons
 * whose program, libraries or contracts have changed. A restart is the supervisor's: SIGTERM, drain, start again; state
 * and signals are on disk, so nothing is lost (P2, P3).
 */
import { sep } from "node:path";
import { type Contracts, loadContracts } from "@kloros/bus";
import { affectedDaemons } from "../daemons/affected-daemons.ts";
import { lintFolders, problemLine } from "../contracts/lint-folders.ts";
import type { AttachedMesh } from "../up/run-mesh.ts";
import { type ChangedPackage, DevLoop } from "./dev-loop.ts";
import { digestOf } from "./output-digests.ts";
import { runBuild } from "./run-build.ts";
import type { SourceMap, SourceUnit } from "./source-units.ts";
import { type TreeWatch, watchTrees } from "./tree-watch.ts";

/** Quiet time before a change is acted on, in milliseconds: an editor saves several files, and in several steps. */
const QUIET_MS = 200;
/** Made by the build from contracts: no change of the sources, or each build would lead to the next. */
const GENERATED = "/src/signals.d.ts";
/** Lines of a broken build that are shown. */
const MAX_SHOWN_LINES = 40;
/** Files named as the reason of a restart. */
const MAX_NAMED = 2;
/** Compilers' books, and what only people read, change without a change of what runs. */
const NO_PROGRAM = /\.(?:tsbuildinfo|map|d\.[cm]?ts|md)$/;

export class DevMode {
  readonly #mesh: AttachedMesh;
  readonly #map: SourceMap;
  readonly #loop: DevLoop;
  readonly #stop = new AbortController();
  #contracts: Contracts;
  #contractsChanged = false;
  #soon: NodeJS.Timeout | undefined;
  #watch: TreeWatch | null = null;

  /** `map` is of the daemons that run; the programs as they lie on disk are taken for what runs. */
  constructor(mesh: AttachedMesh, map: SourceMap) {
    this.#mesh = mesh;
    this.#map = map;
    this.#contracts = loadContracts({ extraDirs: mesh.config.contractDirs });
    this.#loop = new DevLoop(map.units, {
      build: async (unit) => runBuild(unit, this.#stop.signal),
      digest: digestOf,
      onClean: (_unit, changed) => {
        this.#onClean(changed);
      },
      onBroken: (unit, output) => {
        this.#tellBroken(unit, output);
      },
      quietMs: QUIET_MS,
    });
  }

  async begin(): Promise<void> {
    await this.#loop.begin();
    const { view, config } = this.#mesh;
    const trees = this.#map.units.flatMap(({ sources, packages }) => [
      ...sources,
      ...packages.map(({ output }) => output),
    ]);
    this.#watch = watchTrees(
      [...new Set([...trees, ...config.contractDirs])],
      (path) => {
        this.#onChange(path);
      },
      (problem) => view.say("warn", "Not everything is watched", { problem }),
    );
    const units = this.#map.units.map(({ name }) => name).join(", ") || "nothing that can be built";
    view.say("info", "Watching sources", { units, folders: this.#watch.folders });
  }

  async end(): Promise<void> {
    clearTimeout(this.#soon);
    this.#watch?.close();
    this.#stop.abort();
    await this.#loop.end();
  }

  #onChange(path: string): void {
    if (NO_PROGRAM.test(path)) return;
    const isContract =
      path.endsWith(".json") && this.#mesh.config.contractDirs.some((dir) => isIn(dir, path));
    if (isContract) this.#contractsChanged = true;
    let isBuilt = false;
    for (const unit of this.#map.units) {
      const isSource = unit.sources.some((folder) => isIn(folder, path));
      const isOutput = unit.packages.some(({ output }) => isIn(output, path));
      if (unit.build === null ? isSource : isOutput) this.#loop.outputsChanged(unit);
      else if (isSource && !path.endsWith(GENERATED)) {
        this.#loop.sourcesChanged(unit);
        isBuilt = true;
      }
    }
    if (isContract && !isBuilt) this.#contractsSoon();
  }

  #onClean(changed: readonly ChangedPackage[]): void {
    const reasons = new Map<string, string>();
    for (const [daemon, folders] of this.#map.packagesOf) {
      const mine = changed.filter(({ package: { folder } }) => folders.has(folder));
      if (mine.length > 0) reasons.set(daemon, mine.map(reasonOf).join("; "));
    }
    for (const name of this.#concernedByContracts())
      reasons.set(name, reasons.get(name) ?? "contracts changed");
    this.#restart(reasons);
    if (reasons.size === 0) this.#mesh.view.say("info", "Built, nothing that runs has changed");
  }

  /** A folder of contracts that no build belongs to. */
  #contractsSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      this.#restart(new Map(this.#concernedByContracts().map((name) => [name, "contracts changed"])));
    }, QUIET_MS);
  }

  /** Contracts are read at the start of a daemon: whoever has to know them anew is started anew. */
  #concernedByContracts(): string[] {
    if (!this.#contractsChanged) return [];
    this.#contractsChanged = false;
    const { config, view } = this.#mesh;
    const linted = lintFolders(config.contractDirs);
    if (linted.kind === "unsound") {
      const problem = linted.problems.slice(0, MAX_NAMED).map(problemLine).join("\n");
      view.say("error", "Contracts are not in order; what runs goes on with the ones before", { problem });
      return [];
    }
    const before = this.#contracts;
    this.#contracts = linted.contracts;
    return affectedDaemons(before, linted.contracts);
  }

  #restart(reasons: ReadonlyMap<string, string>): void {
    const { supervisor, view } = this.#mesh;
    for (const { name, phase } of supervisor.state().children) {
      const why = reasons.get(name);
      if (why === undefined || phase.kind === "stopped") continue; // Who was stopped on purpose stays so.
      view.report({ kind: "report", name, level: "info", message: "Restarting", fields: { why } });
      supervisor.order({ kind: "restart", name });
    }
  }

  #tellBroken({ name }: SourceUnit, output: string): void {
    const lines = output.split("\n");
    const shown = lines.slice(0, MAX_SHOWN_LINES);
    const { view } = this.#mesh;
    view.say("error", "The build is broken; what runs goes on as it is", {
      unit: name,
      ...(view.isJson ? { output } : {}),
    });
    view.hint([
      ...shown.map((line) => `  ${line}`),
      ...(lines.length > shown.length ? [`  … ${String(lines.length - shown.length)} more lines`] : []),
    ]);
  }
}

function reasonOf({ package: { name, folder, output }, files }: ChangedPackage): string {
  const prefix = output.slice(folder.length + 1);
  const named = files
    .slice(0, MAX_NAMED)
    .map((file) => (file.startsWith(prefix + sep) ? file.slice(prefix.length + 1) : file));
  const more = files.length > MAX_NAMED ? ` and ${String(files.length - MAX_NAMED)} more` : "";
  return `${name}: ${named.join(", ")}${more}`;
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
