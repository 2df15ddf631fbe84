/** Names of a new daemon and of its signals: made from what was given, and refused with a remedy. Pure. */
import { isSignalName } from "@kloros/bus";
import { didYouMean } from "@kloros/daemon";

/** What the daemon, its package and its signals are called. */
export interface NewNames {
  /** `word_counter`: the `source` of its signals. */
  readonly daemon: string;
  /** `word-counter`: folder, package and unit. */
  readonly package: string;
  /** `wordCounter`: its setup in code. */
  readonly setup: string;
  readonly requested: string;
  readonly done: string;
  readonly failed: string;
  readonly timeout: string;
}

export type Named<T> =
  { readonly kind: "named"; readonly names: T } | { readonly kind: "refused"; readonly message: string };

/** Settings in the environment are `KLOROS_<NAME>_…`: these names would be taken for something else. */
const RESERVED = new Set(
  "kloros kloros_up supervisor daemons limits home workspace log transport tcp curve contract tuned drain".split(
    " ",
  ),
);
/** The commands' own key, and folders of the home: a daemon's folder there is named after it. */
const TAKEN_IN_HOME = new Set(
  "chem_bus run journal keys intents promotions checkpoints deployed dream_lab packages".split(" "),
);
/** Sources that each new daemon has: one more of that name would be written over them, or hide them. */
const OWN_SOURCES = new Set(["main", "config", "decide", "signals"]);
/** What the sources cannot call a function: words of the language, and names that they use themselves. */
const NO_FUNCTION_NAMES = new Set(
  (
    "abstract any arguments as assert async await boolean break case catch class const continue debugger default delete do else " +
    "enum eval export extends false finally for function if implements import in instanceof interface let " +
    "never new null number object package private protected public return static string super switch symbol this " +
    "throw true try type typeof undefined unknown var void while with yield " +
    "daemon decide describe it join mkdir settings test"
  ).split(" "),
);
/** Longest name: sockets of the daemon have 107 bytes for their path. */
const MAX_NAME_CHARS = 40;
const ENDS_OF_OTHERS = ["REQUESTED", "FAILED", "TIMEOUT"];

/** `given` may be written `word-counter` or `word_counter`; `signal` is the one that says the work is done. */
export function daemonNames(given: string, signal: string | undefined): Named<NewNames> {
  const daemon = given.replaceAll("-", "_");
  if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(daemon) || daemon.length > MAX_NAME_CHARS) {
    const meant = suggestion(given);
    return refused(
      `"${given}" cannot be a daemon's name: small letters and digits, words joined by "-", at most ${String(MAX_NAME_CHARS)} characters${meant === "" ? "" : `; for example ${meant}`}`,
    );
  }
  if (RESERVED.has(daemon))
    return refused(`${given} is a name of the mesh itself; choose another, such as my-${given}`);
  if (TAKEN_IN_HOME.has(daemon))
    return refused(`${given} is something else in the home of a mesh; choose another, such as my-${given}`);
  if (OWN_SOURCES.has(daemon))
    return refused(`each daemon has a source of the name ${given}; choose another, such as my-${given}`);
  const done = signal ?? `Q_${daemon.toUpperCase()}_DONE`;
  const wrong = signalNameProblem(done);
  if (wrong !== null) return refused(`--signal ${wrong}`);
  const words = done.split("_");
  if (ENDS_OF_OTHERS.includes(words.at(-1) ?? ""))
    return refused(
      `--signal ${done}: name the signal that says the work is done, such as ${[...words.slice(0, -1), "DONE"].join("_")}`,
    );
  const base = words.length > 2 ? words.slice(0, -1).join("_") : done;
  return {
    kind: "named",
    names: {
      daemon,
      package: daemon.replaceAll("_", "-"),
      setup: functionName(daemon),
      requested: `${base}_REQUESTED`,
      done,
      failed: `${base}_FAILED`,
      timeout: `${base}_TIMEOUT`,
    },
  };
}

function functionName(daemon: string): string {
  const [first = "", ...rest] = daemon.split("_");
  const name = first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return NO_FUNCTION_NAMES.has(name) ? `${name}Daemon` : name;
}

/** Why this cannot be a signal's name; null when it can. */
export function signalNameProblem(name: string): string | null {
  if (isSignalName(name)) return null;
  const words = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^_?(?:Q_)?/, "")
    .replace(/_$/, "");
  const meant = `Q_${words === "" ? "NOTE_TAKEN" : words.includes("_") ? words : `${words}_DONE`}`;
  return `"${name}" cannot be a signal's name: Q_<ACTION>_<STATE>, capital letters and digits; for example ${meant}`;
}

/** Why `name` cannot stand beside the signals that are there; null when it can. */
export function signalConflict(name: string, known: readonly string[]): string | null {
  if (known.includes(name)) return `${name} has a contract already`;
  const clash = known.find((other) => other.startsWith(name) || name.startsWith(other));
  return clash === undefined
    ? null
    : `${name} and ${clash} begin alike, and clients that subscribe by prefix would hear both`;
}

/** The name if it is known; else a refusal that says which may have been meant. */
export function knownOr(name: string, known: readonly string[], what: string): Named<string> {
  if (known.includes(name)) return { kind: "named", names: name };
  const meant = didYouMean(name, known);
  return refused(
    `${name} is no ${what} that is known here${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

function suggestion(given: string): string {
  return given
    .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-0-9]+|-+$/g, "")
    .slice(0, MAX_NAME_CHARS);
}

function refused(message: string): { kind: "refused"; message: string } {
  return { kind: "refused", message };
}
