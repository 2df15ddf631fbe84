/**
 * Which files of the folder are known and what they wait for: a look, their turn, or the end of somebody's writing.
 *
 * N1 A name is in at most one place. Whatever happens to a file while it is worked on leads to another look afterwards.
 * N2 No more than `maxFiles` names are held (P5); the others stay on disk until a later scan, which `starved` asks for.
 */
import { Backlog, type Waiting } from "./backlog.ts";
import type { FileIdentity } from "./file-identity.ts";
import { isSameFile } from "./file-identity.ts";
import type { RawName } from "./raw-name.ts";

export interface Entry {
  readonly name: RawName;
  state: "arrived" | "queued" | "busy" | "settling" | "stuck";
  /** Something happened to it while it was busy. */
  again: boolean;
  /** It has been unchanged for the settle time: what it is now, it stays. */
  settled: boolean;
  /** It has been said that it cannot be moved. */
  saidStuck: boolean;
  /** Its place in the backlog; an older one that is still in there counts no more. */
  ticket: Ticket | undefined;
  /** What it was when it began to settle, and since when (monotonic milliseconds). */
  identity: FileIdentity | undefined;
  sinceMs: number;
}

interface Ticket extends Waiting {
  readonly entry: Entry;
  /** Size of its content when last looked at, in bytes. */
  readonly bytes: number;
}

export class Intake {
  readonly #maxFiles: number;
  readonly #entries = new Map<RawName, Entry>();
  readonly #settling = new Set<Entry>();
  /** Names whose next event is the spool's own doing. */
  readonly #ownMoves = new Set<RawName>();
  readonly #stuck = new Set<Entry>();
  readonly #backlog = new Backlog<Ticket>();
  readonly #heard: Entry[] = [];
  readonly #scanned: Entry[] = [];
  /** N2: a name was turned away. */
  starved = false;

  constructor(maxFiles: number) {
    this.#maxFiles = maxFiles;
  }

  get size(): number {
    return this.#entries.size;
  }

  get settling(): number {
    return this.#settling.size;
  }

  /** Names to look at that a scan found: the backlog's order is known only when they are through. */
  get unseen(): number {
    return this.#scanned.length;
  }

  get idle(): boolean {
    return this.#heard.length + this.#scanned.length + this.#backlog.size === 0;
  }

  /** The spool is about to move the file out: the watch will tell of it, which is no news. */
  expectMove(name: RawName): void {
    this.#ownMoves.add(name);
  }

  /** It was not moved after all. */
  expectNoMove(name: RawName): void {
    this.#ownMoves.delete(name);
  }

  /** What the watch lost is not waited for; a scan has found what there is. */
  forgetMoves(): void {
    this.#ownMoves.clear();
  }

  /**
   * A change was noticed. Each own move makes one event, which is passed by. If an earlier event of the file is taken for
   * it, then that one comes later and leads to a look at a name that is gone; never is the event of a new file passed by.
   */
  hear(name: RawName): void {
    if (this.#ownMoves.delete(name)) return;
    const known = this.#entries.get(name);
    if (known === undefined) this.#add(name, this.#heard);
    else if (known.state === "busy") known.again = true;
    else if (known.state !== "arrived") this.#lookAgain(known, this.#heard);
  }

  /** A scan met the name. False: no more can be held. */
  meet(name: RawName): boolean {
    return this.#entries.has(name) || this.#add(name, this.#scanned);
  }

  /** The next names to look at, those from scans first. */
  takeArrivals(max: number): Entry[] {
    const taken = this.#scanned.splice(0, max);
    if (taken.length < max) taken.push(...this.#heard.splice(0, max - taken.length));
    for (const entry of taken) entry.state = "busy";
    return taken;
  }

  /** It waits for its turn. */
  queue(entry: Entry, rank: number, mtimeMs: number, bytes: number): void {
    if (entry.again) return this.return(entry);
    entry.state = "queued";
    entry.ticket = { entry, name: entry.name, rank, mtimeMs, bytes };
    this.#backlog.push(entry.ticket);
  }

  /** The most urgent files, up to a number and a size. */
  takeBatch(maxFiles: number, maxBytes: number): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    while (batch.length < maxFiles && bytes < maxBytes) {
      const ticket = this.#backlog.pop();
      if (ticket === undefined) break;
      const { entry } = ticket;
      if (entry.state !== "queued" || entry.ticket !== ticket) continue; // changed since; it arrives again
      entry.state = "busy";
      bytes += ticket.bytes;
      batch.push(entry);
    }
    return batch;
  }

  /** Somebody may still be writing: wait until it has not changed for a while. */
  settle(entry: Entry, identity: FileIdentity, nowMs: number, ageMs: number): void {
    const unchanged = entry.identity !== undefined && isSameFile(entry.identity, identity);
    if (!unchanged) Object.assign(entry, { identity, settled: false, sinceMs: nowMs - Math.max(0, ageMs) });
    if (entry.again) return this.return(entry);
    entry.state = "settling";
    this.#settling.add(entry);
  }

  /** It is not what it was when it began to settle: the settling begins anew. */
  hasChanged(entry: Entry, identity: FileIdentity): boolean {
    if (entry.identity !== undefined && isSameFile(entry.identity, identity)) return false;
    entry.settled = false;
    return true;
  }

  /** Sends those back to be looked at that have settled for `settleMs`; answers when the next one is due, in milliseconds. */
  wakeSettled(nowMs: number, settleMs: number): number | undefined {
    let next: number | undefined;
    for (const entry of this.#settling) {
      const left = entry.sinceMs + settleMs - nowMs;
      if (left > 0) next = Math.min(next ?? left, left);
      else {
        entry.settled = true;
        this.#lookAgain(entry, this.#heard);
      }
    }
    return next;
  }

  /** It was to be moved and could not be; it is tried again when `retryStuck` is called. */
  stick(entry: Entry): void {
    entry.state = "stuck";
    this.#stuck.add(entry);
  }

  get stuck(): number {
    return this.#stuck.size;
  }

  retryStuck(): void {
    for (const entry of this.#stuck) this.#lookAgain(entry, this.#heard);
  }

  /** The file has had its fate, or is gone. N1: if something happened meanwhile, the name arrives again. */
  finish(entry: Entry): void {
    this.#entries.delete(entry.name);
    if (entry.again) this.#add(entry.name, this.#heard);
  }

  /** Back to be looked at once more. */
  return(entry: Entry): void {
    this.#lookAgain(entry, this.#heard);
  }

  #lookAgain(entry: Entry, list: Entry[]): void {
    this.#settling.delete(entry);
    this.#stuck.delete(entry);
    entry.state = "arrived";
    entry.again = false;
    entry.ticket = undefined;
    list.push(entry);
  }

  #add(name: RawName, list: Entry[]): boolean {
    if (this.#entries.size >= this.#maxFiles) {
      this.starved = true;
      return false;
    }
    const entry: Entry = {
      name,
      state: "arrived",
      again: false,
      settled: false,
      saidStuck: false,
      ticket: undefined,
      identity: undefined,
      sinceMs: 0,
    };
    this.#entries.set(name, entry);
    list.push(entry);
    return true;
  }
}
