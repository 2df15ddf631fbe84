/**
 * What a listener has told of each emitter, so that the live stream and the journals together give each signal once:
 * live signals come at once, the journal fills what the live stream lost. Pure.
 *
 * L1 a signal is told at most once · L2 signals of one name come in the order of their journal ·
 * L3 a gap in the live stream is seen at the next signal of the name, or at the next look into the journal.
 */
import type { Envelope } from "@kloros/bus";

interface EmitterPosition {
  readonly epoch: string;
  /** Up to here everything was told, or came before the listener. */
  readonly base: number;
  /** By name: the newest seq told above `base`. */
  readonly told: Map<string, number>;
}

/** `gap`: something before this one was missed, or may have been; it is in the journal. */
export type Verdict = "new" | "known" | "gap";

export class Positions {
  readonly #emitters = new Map<string, EmitterPosition>();

  /** Everything of this emitter's `epoch` up to `seq` is told, or of no interest. */
  startAfter(emitter: string, epoch: string, seq: number): void {
    this.#emitters.set(emitter, { epoch, base: seq, told: new Map() });
  }

  knows(emitter: string, epoch: string): boolean {
    return this.#emitters.get(emitter)?.epoch === epoch;
  }

  /** What a signal is, by its seq and its predecessor's. Volatile signals (seq 0) are always new. */
  judge({ source, epoch, signal, seq, prev }: Envelope): Verdict {
    if (seq === 0) return "new";
    const at = this.#emitters.get(source);
    if (at?.epoch !== epoch) return "gap";
    const last = lastOf(at, signal);
    if (seq <= last) return "known"; // L1
    return prev > last ? "gap" : "new"; // L3
  }

  /** The signal has been told. Without a journal to look into, an emitter begins with what is seen of it. */
  tell({ source, epoch, signal, seq }: Envelope): void {
    if (seq === 0) return;
    if (!this.knows(source, epoch)) this.startAfter(source, epoch, seq - 1);
    this.#emitters.get(source)?.told.set(signal, seq);
  }

  /** Whether there is something of these names that was not told; `newest` has the newest seq of each. */
  isBehind(emitter: string, newest: ReadonlyMap<string, number>): boolean {
    const at = this.#emitters.get(emitter);
    return [...newest].some(([name, seq]) => !at || seq > lastOf(at, name));
  }

  /** Seq up to which the emitter's journal needs no second look. */
  baseOf(emitter: string): number {
    return this.#emitters.get(emitter)?.base ?? 0;
  }

  /** Everything up to `seq` has been told: what was kept of it is forgotten, so that memory stays bounded (P5). */
  settle(emitter: string, seq: number): void {
    const at = this.#emitters.get(emitter);
    if (!at || seq <= at.base) return;
    const told = new Map([...at.told].filter(([, last]) => last > seq));
    this.#emitters.set(emitter, { ...at, base: seq, told });
  }
}

function lastOf(at: EmitterPosition, name: string): number {
  return Math.max(at.base, at.told.get(name) ?? 0);
}
