/**
 * From changes to restarts: changed sources are built, clean builds are compared with what ran before, and whoever runs
 * on something that differs is restarted. Collaborators are handed in; here is only what follows what.
 *
 * D1 One build at a time; changes during a build lead to another one, and are not lost.
 * D2 A broken build restarts nobody, and what it has put down is not taken for a change until a build is clean again.
 * D3 A build that changes nothing that runs restarts nobody.
 */
import type { BuildResult } from "./run-build.ts";
import { changedFiles, type Digest } from "./output-digests.ts";
import type { SourcePackage, SourceUnit } from "./source-units.ts";

export interface DevLoopParts {
  readonly build: (unit: SourceUnit) => Promise<BuildResult>;
  readonly digest: (of: SourcePackage) => Promise<Digest>;
  /** After each clean build: what differs now, package by package; empty when nothing does. */
  readonly onClean: (
    unit: SourceUnit,
    changed: readonly ChangedPackage[],
    tookMs: number,
  ) => void | Promise<void>;
  readonly onBroken: (unit: SourceUnit, output: string) => void;
  /** Quiet time after the last change before it is acted on, in milliseconds. */
  readonly quietMs: number;
}

export interface ChangedPackage {
  readonly package: SourcePackage;
  /** Relative to the package. */
  readonly files: readonly string[];
}

/** What is known of one unit. */
interface UnitState {
  readonly unit: SourceUnit;
  /** As it was when the daemons that run now were started. */
  running: ReadonlyMap<string, Digest>;
  /** As a broken build has left it (D2). */
  broken: ReadonlyMap<string, Digest> | null;
  wanted: "nothing" | "look" | "build";
}

export class DevLoop {
  readonly #parts: DevLoopParts;
  readonly #states: readonly UnitState[];
  #timer: NodeJS.Timeout | undefined;
  #turning: Promise<void> | null = null;
  #ended = false;

  constructor(units: readonly SourceUnit[], parts: DevLoopParts) {
    this.#parts = parts;
    this.#states = units.map((unit) => ({ unit, running: new Map(), broken: null, wanted: "nothing" }));
  }

  /** Takes what lies on disk for what runs. To be called before anything is started. */
  async begin(): Promise<void> {
    for (const state of this.#states) state.running = await this.#digests(state.unit);
  }

  /** Sources of the unit have changed. */
  sourcesChanged(unit: SourceUnit): void {
    this.#want(unit, "build");
  }

  /** What the unit's build makes has changed, by whomever. */
  outputsChanged(unit: SourceUnit): void {
    this.#want(unit, "look");
  }

  /** No build begins any more; resolves when the last one has ended. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#turning;
  }

  #want(unit: SourceUnit, what: "look" | "build"): void {
    const state = this.#states.find((known) => known.unit === unit);
    if (state === undefined || this.#ended) return;
    if (state.wanted !== "build") state.wanted = what;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#turning ??= this.#turn().finally(() => {
        this.#turning = null;
        if (this.#states.some(({ wanted }) => wanted !== "nothing")) this.#want(this.#next().unit, "look"); // D1
      });
    }, this.#parts.quietMs);
  }

  async #turn(): Promise<void> {
    for (const state of this.#states) {
      const { wanted } = state;
      state.wanted = "nothing";
      if (this.#ended || wanted === "nothing") continue;
      if (wanted === "build") await this.#build(state);
      else await this.#look(state);
    }
  }

  #next(): UnitState {
    return this.#states.find(({ wanted }) => wanted !== "nothing")!;
  }

  async #build(state: UnitState): Promise<void> {
    const result = await this.#parts.build(state.unit);
    if (result.kind === "stopped") return;
    if (result.kind === "broken") {
      state.broken = await this.#digests(state.unit); // D2
      this.#parts.onBroken(state.unit, result.output);
      return;
    }
    state.broken = null;
    await this.#compare(state, result.tookMs);
  }

  /** Somebody else has built, or the late news of our own build have come. */
  async #look(state: UnitState): Promise<void> {
    if (state.broken === null) return this.#compare(state, 0);
    const now = await this.#digests(state.unit);
    if (differing(state.unit, state.broken, now).length > 0) await this.#build(state);
  }

  async #compare(state: UnitState, tookMs: number): Promise<void> {
    const now = await this.#digests(state.unit);
    const changed = differing(state.unit, state.running, now); // D3
    state.running = now;
    if (changed.length > 0 || tookMs > 0) await this.#parts.onClean(state.unit, changed, tookMs);
  }

  async #digests(unit: SourceUnit): Promise<ReadonlyMap<string, Digest>> {
    const digests = new Map<string, Digest>();
    for (const one of unit.packages) digests.set(one.folder, await this.#parts.digest(one));
    return digests;
  }
}

function differing(
  { packages }: SourceUnit,
  before: ReadonlyMap<string, Digest>,
  after: ReadonlyMap<string, Digest>,
): ChangedPackage[] {
  const none: Digest = new Map();
  return packages
    .map((one) => ({
      package: one,
      files: changedFiles(before.get(one.folder) ?? none, after.get(one.folder) ?? none),
    }))
    .filter(({ files }) => files.length > 0);
}
