/** What a child's end means, from its exit code (0 done, 73 home not writable, 74 disk full or failing, 75 twin, 78 bad configuration, 79 to be started again) and what it said before. */

export type ExitVerdict =
  /** Somebody wanted it to end; it stays ended. */
  | { readonly kind: "deliberate"; readonly reason: string }
  /** It asked to be started again. */
  | { readonly kind: "again"; readonly reason: string }
  /** Starting it again would end the same way. */
  | { readonly kind: "hopeless"; readonly reason: string }
  | { readonly kind: "crash"; readonly reason: string }
  /** A full or failing disk, a port that is taken: no bug of the daemon, so it is tried again for ever, at leisure. */
  | { readonly kind: "later"; readonly reason: string };

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

const EXIT_TWIN = 75;
const EXIT_CONFIG = 78;
const EXIT_UNWRITABLE = 73;
const EXIT_DISK = 74;
const EXIT_RESTART = 79;

/** `hang` is the reason for which the supervisor itself ended it, or null. */
export function exitVerdict(exit: Exit, saidStopping: boolean, hang: string | null): ExitVerdict {
  if (hang !== null) return { kind: "crash", reason: hang };
  if (exit.error !== undefined) return { kind: "crash", reason: `could not be started: ${exit.error}` };
  if (exit.code === EXIT_CONFIG)
    return { kind: "hopeless", reason: "bad configuration (exit 78); its last lines say which setting" };
  if (exit.code === EXIT_UNWRITABLE)
    return { kind: "hopeless", reason: "its home cannot be written (exit 73); its last lines say why" };
  if (exit.code === EXIT_DISK)
    return {
      kind: "later",
      reason: "a full or failing disk, or a port that is taken (exit 74); its last lines say which",
    };
  if (exit.code === EXIT_TWIN)
    return { kind: "hopeless", reason: "another process already runs this daemon on this home (exit 75)" };
  // A plain `kill <pid>` that came before the daemon listened for it is still somebody's wish.
  if (exit.signal === "SIGTERM" || exit.signal === "SIGINT")
    return { kind: "deliberate", reason: `ended by ${exit.signal}` };
  if (exit.code === EXIT_RESTART && saidStopping) return { kind: "again", reason: "asked to restart" };
  if (exit.code === 0 && saidStopping) return { kind: "deliberate", reason: "asked to stop" };
  // Exit 0 without STOPPING=1 is a program that fell off its end.
  if (exit.signal !== null) return { kind: "crash", reason: `killed by ${exit.signal}` };
  return { kind: "crash", reason: `exit ${String(exit.code)}` };
}
