/** What a receptor's link is given, and what it tells. */
import type { BusLimits } from "../protocol/limits.ts";
import type { ReceptorOptions } from "../protocol/receptor-actions.ts";
import type { EmitterProgress } from "../protocol/resume.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Transport } from "../transport/transport.ts";
import type { Work } from "./handler-slot.ts";
import type { Finish, ProgressKeeper } from "./unit.ts";

/** A link as those see it who keep its progress. */
export interface Link extends ProgressKeeper {
  readonly emitter: string;
  reset(progress: EmitterProgress | null): void;
  resume(): void;
}

export interface LinkOptions extends Omit<ReceptorOptions, "progress"> {
  readonly limits: BusLimits;
  readonly contracts: Contracts;
  readonly transport: Transport;
  readonly now: () => number;
  readonly enqueue: (work: Work) => void;
  /** What the receptor knows is to be made durable. */
  readonly persist: (link: Link) => void;
  /** What was accepted is void. When all that was submitted is on disk, the link is to be reset to it and resumed. */
  readonly startOver: (link: Link) => void;
  readonly onLost: (signal: string, count: number | null, reason: string) => void;
  readonly onSetBack: () => void;
  readonly onMismatch: (signals: readonly string[]) => void;
  /** What answers at the emitter's address does not have its key. */
  readonly onImpostor: (address: string) => void;
  /** The emitter sent what it may not: in another's name, or a signal that is not its to emit. It was not believed. */
  readonly onDistrusted: (signal: string, source: string) => void;
  readonly onUnreadable: (emitter: string, line: Buffer, finish: Finish | null) => void;
}
