/** What a bounded run is asked for and how it ends. `run-bounded.ts` does it. */

export interface BoundedRun {
  /** Program and arguments; never a shell. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the child; `PATH`, `HOME`, `LANG` and `TZ` of this process are added where absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly stdin?: string;
  /** Wall time until everything of the run is killed, in milliseconds. */
  readonly timeoutMs: number;
  /** CPU time of all its processes, in seconds. Left out: no limit. */
  readonly cpuSeconds?: number;
  /** Resident memory of all its processes, in bytes. Left out: no limit. */
  readonly memoryBytes?: number;
  /** Each of standard output and standard error, in bytes. Default 1 MiB. */
  readonly outputBytes?: number;
  /** Kills the run. */
  readonly signal?: AbortSignal;
  /**
   * Marks every process of the run in its environment (`KLOROS_RUN=<label>`), so that what escaped its process group, or
   * outlived this process, is found and ended. @see killLeftovers
   */
  readonly label: string;
}

export interface BoundedUsage {
  readonly durationMs: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}

/** How it ended; `stdout` and `stderr` hold what came until then, at most `outputBytes` each. */
export type BoundedOutcome = BoundedUsage & {
  readonly stdout: string;
  readonly stderr: string;
} & (
    | { readonly kind: "exited"; readonly code: number }
    | { readonly kind: "signalled"; readonly signal: string }
    | { readonly kind: "timeout" | "cpu-limit" | "memory-limit" | "output-limit" | "aborted" }
    | { readonly kind: "cannot-start"; readonly message: string }
  );
