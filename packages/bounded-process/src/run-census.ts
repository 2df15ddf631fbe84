/**
 * Which processes belong to which run. One look at /proc serves all runs, and remembers the processes that belong to none, so that
 * a look reads little more than the processes of the runs.
 *
 * A process belongs to a run when it is in the session or the group of the run's first process, is a child of one that belongs, or
 * carries the run's mark; and it goes on belonging, wherever it moves. What belongs is kept with its start time: an id that was
 * given to another process since does not.
 *
 * It cannot see a process that forgot its parents (double fork), left the session *and* cleared its environment between two looks.
 */
import { lastProcessId, listProcesses, type ProcessStat, readMark, readProcess } from "./process-files.ts";

export interface RunEntry {
  readonly mark: string;
  /** Process id, group and session of the run's first process. */
  readonly root: number;
  /** Living processes and their start times, zombies left out. */
  readonly alive: Map<number, string>;
  cpuSeconds: number;
  peakCpuSeconds: number;
  residentBytes: number;
  peakResidentBytes: number;
}

/** After a pause of this length, in milliseconds, strangers are looked at anew: process ids may have come round meanwhile. */
const STRANGERS_KNOWN_MS = 2_000;
/** Looks after which a process without environment is taken for a stranger; replacing its program takes it far less. */
const UNCLEAR_LOOKS = 3;

export class RunCensus {
  readonly #runs = new Map<number, RunEntry>();
  readonly #byMark = new Map<string, RunEntry>();
  readonly #strangers = new Set<number>();
  readonly #unclear = new Map<number, number>();
  #lookedMs = -Infinity;
  #lastId = 0;

  get size(): number {
    return this.#runs.size;
  }

  /** Begins to count the processes of a run. `root`: process id of its first. */
  add(root: number, mark: string): RunEntry {
    const entry: RunEntry = {
      mark,
      root,
      alive: new Map(),
      cpuSeconds: 0,
      peakCpuSeconds: 0,
      residentBytes: 0,
      peakResidentBytes: 0,
    };
    this.#runs.set(root, entry);
    this.#byMark.set(mark, entry);
    this.#strangers.delete(root); // An earlier owner of the id.
    return entry;
  }

  remove(entry: RunEntry): void {
    this.#runs.delete(entry.root);
    this.#byMark.delete(entry.mark);
  }

  /** Brings all entries up to date. Says whether a process was seen that may belong to a run and could not be told yet. */
  look(): { readonly unclear: boolean } {
    this.#forgetStrangers();
    const before = new Map<number, readonly [RunEntry, string]>();
    for (const entry of this.#runs.values()) {
      for (const [pid, startedAt] of entry.alive) before.set(pid, [entry, startedAt]);
      entry.alive.clear();
      entry.cpuSeconds = 0;
      entry.residentBytes = 0;
    }
    let unclear = false;
    const owners = new Map<number, RunEntry>();
    for (const pid of listProcesses()) {
      if (this.#strangers.has(pid) || pid === process.pid) continue;
      const stat = readProcess(pid);
      if (!stat) continue;
      const known = before.get(pid);
      const owner = known?.[1] === stat.startedAt ? known[0] : this.#ownerOf(pid, stat, owners, before);
      if (owner === "unclear") unclear = true;
      else if (owner !== undefined) {
        owners.set(pid, owner);
        count(owner, pid, stat);
      }
    }
    return { unclear };
  }

  /** An id is given again only after all others were: then what was known of its owner is worth nothing. */
  #forgetStrangers(): void {
    const nowMs = performance.now();
    const lastId = lastProcessId() ?? 0;
    if (nowMs - this.#lookedMs > STRANGERS_KNOWN_MS || lastId < this.#lastId) {
      this.#strangers.clear();
      this.#unclear.clear();
    }
    this.#lookedMs = nowMs;
    this.#lastId = lastId;
  }

  #ownerOf(
    pid: number,
    stat: ProcessStat,
    owners: ReadonlyMap<number, RunEntry>,
    before: ReadonlyMap<number, readonly [RunEntry, string]>,
  ): RunEntry | "unclear" | undefined {
    const relative =
      this.#runs.get(pid) ??
      this.#runs.get(stat.session) ??
      this.#runs.get(stat.group) ??
      owners.get(stat.parent) ??
      before.get(stat.parent)?.[0];
    if (relative) return relative;
    if (stat.isZombie) return undefined;
    const found = readMark(pid);
    if (found.kind === "mark") {
      const owner = this.#byMark.get(found.mark);
      if (owner) return owner;
    }
    // Threads of the kernel have no environment; a program that is just being replaced has none for a moment.
    const looks = (this.#unclear.get(pid) ?? 0) + 1;
    if (found.kind === "unclear" && pid !== 2 && stat.parent !== 2 && looks <= UNCLEAR_LOOKS) {
      this.#unclear.set(pid, looks);
      return "unclear";
    }
    this.#strangers.add(pid);
    return undefined;
  }
}

function count(entry: RunEntry, pid: number, stat: ProcessStat): void {
  entry.cpuSeconds += stat.cpuSeconds;
  entry.peakCpuSeconds = Math.max(entry.peakCpuSeconds, entry.cpuSeconds);
  if (stat.isZombie) return;
  entry.alive.set(pid, stat.startedAt);
  entry.residentBytes += stat.residentBytes;
  entry.peakResidentBytes = Math.max(entry.peakResidentBytes, entry.residentBytes);
}
