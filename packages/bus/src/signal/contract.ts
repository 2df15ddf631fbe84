/** Contracts as the rest of the bus sees them. The loader is in `load-contracts.ts`. */
import type { Priority } from "./envelope.ts";

export type SignalKind = "advisory" | "trigger" | "completion" | "error" | "telemetry";

export interface Expectation {
  readonly any_of: readonly string[];
  readonly within_seconds: number;
  readonly on_timeout: string;
  readonly suggested_action: string;
  /** JSON Pointer into facts that must be equal in trigger and completion, besides the correlation id. */
  readonly match?: string;
}

/** One parsed contract file. */
export interface Contract {
  readonly name: string;
  /** Path of the file it was read from; left out for contracts that came from elsewhere. */
  readonly file?: string;
  readonly title: string;
  readonly description: string;
  readonly version: number;
  readonly kind: SignalKind;
  readonly priority: Priority;
  /** Daemon names; `*` means any daemon of the mesh. */
  readonly emitters: readonly string[];
  readonly consumers: readonly string[];
  /** JSON Pointer into facts, e.g. `/topic`. */
  readonly ordering_key: string | null;
  readonly expects: Expectation | null;
  /** Why a causal cycle through this signal ends; null where none is declared. */
  readonly guard: string | null;
  readonly retention_days: number;
  readonly ingress: boolean;
  /** The facts' JSON Schema (2020-12), without `x-signal`. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** First 16 hex digits of the SHA-256 of version and canonical schema, wording left out; a mismatch between daemons is loud (P8). */
  readonly hash: string;
}

export interface FactsProblem {
  /** JSON Pointer of the offending value, `""` for the facts themselves. */
  readonly path: string;
  readonly message: string;
}

/** A daemon known to the mesh. */
export interface DaemonInfo {
  readonly name: string;
  readonly package: string;
  readonly port: number;
  readonly description: string;
  /** Absolute path of its program; left out for the shipped daemons, whose programs the installation knows. */
  readonly main?: string;
  /**
   * What its systemd unit may write besides its own journal, the sockets and the dead letters: paths relative to the
   * home (`.` is the home's own files), or `workspace`.
   */
  readonly writes?: readonly string[];
  /** What its systemd unit may reach; left out: `none`, local sockets only. */
  readonly network?: "none" | "loopback" | "any";
  /** Signals of others that it consumes although their contracts do not list it. */
  readonly consumes?: readonly string[];
  /** Signals of others with `ingress` that it may emit although their contracts do not list it. */
  readonly emits?: readonly string[];
}

/** All contracts of a mesh. Validators compile on first use. */
export interface Contracts {
  readonly names: readonly string[];
  readonly daemons: readonly DaemonInfo[];
  get(name: string): Contract | undefined;
  /** Strict, for what goes out (P8): unknown facts are refused. Empty: valid. */
  problemsOut(name: string, facts: unknown): readonly FactsProblem[];
  /** Tolerant, for what comes in: unknown facts are kept. */
  problemsIn(name: string, facts: unknown): readonly FactsProblem[];
  mayEmit(daemon: string, name: string): boolean;
  /** Daemon names that may emit `name`; `*` is expanded. */
  emittersOf(name: string): readonly string[];
  /** Daemon names that `name` lists as consumers; `*` is expanded. */
  consumersOf(name: string): readonly string[];
  /**
   * Daemon names that hear `name` although it does not list them: they emit the `on_timeout` of an expectation that
   * begins or ends with it.
   */
  watchersOf(name: string): readonly string[];
  /** Names that `daemon` is to handle: those that list it as consumer, and those that it watches. */
  consumedBy(daemon: string): readonly string[];
}
