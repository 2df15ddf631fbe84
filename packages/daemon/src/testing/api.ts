/** What a test of a daemon gives and gets. No code here; `test-daemon.ts` lives it. */
import type { DeadLetter, EmitOptions, Facts, Node, Receipt, SignalName } from "@kloros/bus";
import type { DaemonParts } from "../definition.ts";
import type { Settings } from "../settings/setting.ts";
import type { Emission } from "./emissions.ts";

export interface TestDaemonOptions<S> {
  readonly settings: Settings<S>;
  /** Settings that differ from their defaults, as the code sees them: time spans in milliseconds, sizes in bytes. */
  readonly config?: Partial<S>;
  /** Folders with the contracts of your own, as `contract_dirs` of mesh.yaml; relative to the current folder. */
  readonly contractDirs?: readonly string[];
  /** Default: a folder that does not exist, in the home. */
  readonly workspace?: string;
  /** Default `memory`: no sockets. `ipc`: ZeroMQ, as in a running mesh. */
  readonly transport?: "memory" | "ipc";
}

export interface DeliverOptions extends EmitOptions {
  /** Who emits it. Default: the first emitter of the contract besides the daemon itself. */
  readonly source?: string;
}

/** A daemon that runs in this process, on a home of its own. */
export interface TestDaemon {
  readonly home: string;
  /** The running node: its `state`, its `stats()`; another one after `restart()`. */
  readonly node: Node;
  /** What setup returned: `parts.health?.()`, `parts.control`, `parts.statusLine?.()`. */
  readonly parts: DaemonParts;
  /** Parsed lines of its log, oldest first. */
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  /** Emits a signal as another daemon of the mesh (or as itself); resolves when it is on disk, not when it is handled. */
  deliver<N extends SignalName>(signal: N, facts: Facts<N>, options?: DeliverOptions): Promise<Receipt>;
  /** All that the daemon has emitted, or all of one name, in order. */
  emitted(): readonly Emission[];
  emitted<N extends SignalName>(name: N): readonly Emission<N>[];
  /** The next signal of that name; each is given once. @throws {TestDeadlineError} with what happened instead */
  waitFor<N extends SignalName>(name: N, deadlineMs?: number): Promise<Emission<N>>;
  /** Everything that was delivered is handled or a dead letter. @throws {TestDeadlineError} */
  settled(deadlineMs?: number): Promise<void>;
  /** Dead letters of this home, oldest first. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** As after `kill -9`: the node is gone at once, then the same setup runs on the same home. */
  restart(): Promise<void>;
  /** The orderly end, then the home is removed. Idempotent. */
  close(): Promise<void>;
}
