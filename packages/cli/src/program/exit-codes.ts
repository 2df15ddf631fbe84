/** What a command's exit code says; the same for `kloros` and `chem-bus`. */
export const EXIT = {
  done: 0,
  /** The command worked; its answer is no (not balanced, not found, not ready, refused). */
  no: 1,
  usage: 64,
  unreachable: 69,
  bug: 70,
  /** Somebody else already does it on this home. */
  busy: 75,
  config: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
