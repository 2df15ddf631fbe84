/**
 * The environment of a run: what its caller names, the few variables without which ordinary programs stumble, and the mark
 * by which a process is known as part of the run whatever became of its parents, its group and its session.
 */

/** Variable that carries the mark. */
export const MARK_VARIABLE = "KLOROS_RUN";

/** Taken from this process where the caller leaves them out: where programs are, whose home, which language and time. */
const INHERITED = ["PATH", "HOME", "LANG", "TZ"] as const;
/** Looked for in these folders when nobody sets PATH. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

let marksGiven = 0;

/** The label, and what makes it this very run's: two runs with one label do not end each other. */
export function newMark(label: string): string {
  return `${label}#${process.pid}.${++marksGiven}`;
}

/** The whole environment of a run's first process. */
export function runEnvironment(
  given: Readonly<Record<string, string>>,
  mark: string,
): Record<string, string> & { PATH: string } {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED) {
    // eslint-disable-next-line no-restricted-syntax -- these four belong to the machine, not to anyone's settings
    const value = process.env[name];
    if (value !== undefined) inherited[name] = value;
  }
  return { PATH: DEFAULT_PATH, ...inherited, ...given, [MARK_VARIABLE]: mark };
}
