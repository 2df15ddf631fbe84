/**
 * `capabilities.yaml` as this daemon edits it: additions that arrive together share one write.
 *
 * I1 One writer at a time, across processes: the lock `run/capabilities.lock`.
 * I2 The content is compared byte by byte before each use and again before it is replaced; what others changed is read
 *    anew and the addition done over. Without such changes no YAML is parsed but the text that is added.
 * I3 A file with a syntax error is never touched.
 * P3 An entry carries its investigation's id, so that a repetition after a crash finds its own work.
 * P5 What waits is bounded by the handlers that wait for it; P10 lock, settling and redoing have limits.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { FileError, waitForFileLock } from "@kloros/bus";
import { type ModuleEntry, placesOf, type Registered, type Standing, standingOf } from "./module-entry.ts";
import type { RegistryProblem } from "./parse-registry.ts";
import {
  type Content,
  isSame,
  MAX_REGISTRY_BYTES,
  readSettled,
  replaceContent,
  type ReplaceStep,
  type StorageTimings,
} from "./registry-storage.ts";
import { addEntries, modelOf, type RegistryModel } from "./splice.ts";

/** Hand edits that fall into our write one after the other; more is a program that fights for the file. */
const MAX_REDOS = 10;
const HEADER =
  "# Capability registry: the modules of the workspace, one entry each.\n# Edit it freely; entries are added below, nothing else is changed.\n";

export type RegistryStep = "locked" | "read" | ReplaceStep;

export interface RegistryOptions {
  /** `capabilities.yaml`. */
  readonly path: string;
  readonly lockPath: string;
  /** Written into the lock for messages. */
  readonly holder: string;
  /** Longest wait for the lock, in milliseconds. */
  readonly lockDeadlineMs: number;
  readonly timings: StorageTimings;
  /** Told before each step that leaves traces on disk; crash tests stop there. */
  onStep?(step: RegistryStep): void | Promise<void>;
}

export type AddResult =
  | { readonly kind: "added" }
  | Exclude<Standing, { kind: "new" }>
  | RegistryProblem
  /** Somebody else holds the lock or keeps changing the file. */
  | { readonly kind: "busy"; readonly message: string }
  | { readonly kind: "unwritable"; readonly message: string; readonly cause?: FileError };

interface Waiting {
  readonly entry: ModuleEntry;
  resolve(result: AddResult): void;
  reject(cause: unknown): void;
}

type Loaded =
  { readonly kind: "loaded"; readonly base: Content; readonly model: RegistryModel } | RegistryProblem;

export class RegistryFile {
  readonly #options: RegistryOptions;
  #known: { readonly base: Content; readonly model: RegistryModel } | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #loading: Promise<Loaded> | undefined;
  /** Whole replacements of the file, for `system:health`: fewer than additions when they came together. */
  writes = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Adds the entry unless its name or path is taken. Resolves when it is on disk; never rejects for what the file holds. */
  async add(entry: ModuleEntry): Promise<AddResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Where the entry stands now, without the lock and without adding it: to refuse before anything else is done. */
  async look(entry: ModuleEntry): Promise<AddResult | { readonly kind: "new" }> {
    try {
      while (this.#running) await this.#running; // What is being written shows at once, and is read only once.
      const loaded = await this.#load();
      return loaded.kind === "loaded" ? standing(loaded.model, entry) : loaded;
    } catch (cause) {
      return refusal(cause);
    }
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // Lets all additions of this turn into the first batch.
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const results = await this.#addUnderLock(batch.map(({ entry }) => entry));
        for (const one of batch)
          one.resolve(results.get(one.entry) ?? { kind: "busy", message: "not handled" });
      } catch (cause) {
        this.#known = undefined; // Its index may hold entries that never reached the disk.
        for (const one of batch) {
          if (cause instanceof FileError) one.resolve(refusal(cause));
          else one.reject(cause);
        }
      }
    }
    this.#running = undefined;
  }

  async #addUnderLock(entries: readonly ModuleEntry[]): Promise<Map<ModuleEntry, AddResult>> {
    const { lockPath, holder, lockDeadlineMs } = this.#options;
    await mkdir(dirname(lockPath), { recursive: true, mode: 0o700 });
    const locked = await waitForFileLock(lockPath, { name: holder }, { deadlineMs: lockDeadlineMs });
    if (locked.kind === "busy") {
      const who = locked.holder ? `${locked.holder.name} (pid ${locked.holder.pid})` : "another process";
      return sameForAll(entries, {
        kind: "busy",
        message: `${lockPath} is held by ${who} for over ${lockDeadlineMs} ms`,
      });
    }
    try {
      await this.#options.onStep?.("locked");
      for (let redo = 0; redo < MAX_REDOS; redo++) {
        const results = await this.#tryOnce(entries);
        if (results) return results;
        this.#known = undefined;
      }
      return sameForAll(entries, {
        kind: "busy",
        message: `${this.#options.path} was changed by others ${MAX_REDOS} times in a row`,
      });
    } finally {
      locked.lock.release();
    }
  }

  /** Null: somebody changed the file meanwhile, nothing was done. */
  async #tryOnce(entries: readonly ModuleEntry[]): Promise<Map<ModuleEntry, AddResult> | null> {
    const loaded = await this.#load();
    if (loaded.kind !== "loaded") return sameForAll(entries, loaded);
    await this.#options.onStep?.("read");
    const { accepted, results } = sortOut(loaded.model, entries);
    if (accepted.length === 0) return results;

    this.#known = undefined; // Until the disk agrees.
    const next = addEntries(loaded.model, accepted);
    const problem = next.kind !== "model" ? next : tooLarge(next.model.bytes);
    if (problem || next.kind !== "model") {
      for (const entry of accepted) results.set(entry, problem ?? { kind: "busy", message: "not handled" });
      return results;
    }
    const watch = {
      timings: this.#options.timings,
      onStep: async (step: ReplaceStep) => this.#options.onStep?.(step),
    };
    if (!(await replaceContent(this.#options.path, loaded.base, next.model.bytes, watch))) return null;
    this.writes++;
    this.#known = { base: next.model.bytes, model: next.model };
    return results;
  }

  /** One reading at a time; whoever asks meanwhile shares it. */
  async #load(): Promise<Loaded> {
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #read(): Promise<Loaded> {
    const { path, timings } = this.#options;
    const known = this.#known;
    const base = await readSettled(path, known?.base ?? null, timings);
    if (known && isSame(base, known.base)) return { kind: "loaded", ...known }; // I2
    const result = modelOf(base === null || base.length === 0 ? Buffer.from(HEADER) : base);
    if (result.kind !== "model") return result;
    this.#known = { base, model: result.model };
    return { kind: "loaded", base, model: result.model };
  }
}

/** Which of the entries can be added, and what to say of the others; equal ones of one batch included. */
function sortOut(model: RegistryModel, entries: readonly ModuleEntry[]) {
  const results = new Map<ModuleEntry, AddResult>();
  const accepted: ModuleEntry[] = [];
  for (const entry of entries) {
    const rival = accepted.find(
      (other) =>
        other.name === entry.name || placesOf(other).some((place) => placesOf(entry).includes(place)),
    );
    const found = rival ? standingOf(entry, asRegistered(rival), undefined) : standing(model, entry);
    results.set(entry, found.kind === "new" ? { kind: "added" } : found);
    if (found.kind === "new") accepted.push(entry);
  }
  return { accepted, results };
}

function standing({ index }: RegistryModel, entry: ModuleEntry): Standing {
  const samePlace = placesOf(entry)
    .map((place) => index.places.get(place))
    .find((found) => found !== undefined);
  return standingOf(entry, index.names.get(entry.name), samePlace);
}

function asRegistered(entry: ModuleEntry): Registered {
  return { ...entry, isModule: true, line: 0 };
}

function tooLarge(bytes: Buffer): AddResult | null {
  if (bytes.length <= MAX_REGISTRY_BYTES) return null;
  return {
    kind: "unwritable",
    message: `the registry would grow beyond ${MAX_REGISTRY_BYTES} bytes; remove entries`,
  };
}

function refusal(cause: unknown): AddResult {
  if (cause instanceof FileError) return { kind: "unwritable", message: cause.message, cause };
  throw cause;
}

function sameForAll(entries: readonly ModuleEntry[], result: AddResult): Map<ModuleEntry, AddResult> {
  return new Map(entries.map((entry) => [entry, result]));
}
