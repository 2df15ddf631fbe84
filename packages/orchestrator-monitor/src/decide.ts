/**
 * Which modules are announced, taken as known, or forgotten. Pure.
 *
 * I1 A module (name and path) is announced once, by whoever sees it first: its integration or a look at the file.
 * I2 The first look at a registry takes what stands there as known. An integration of it is still announced.
 * I3 An entry written by an integration waits for the integration's signal, so that its announcement joins that story.
 *    Any other waits a moment, so that a file that is just being written is not taken at its word.
 * I4 An entry is forgotten only when it has been gone for a while: a file that an editor has just emptied forgets nothing.
 */
import type { RegisteredModule } from "./registry/registered-module.ts";

/** What is remembered of a module, under `stateKeyOf`. */
export interface KnownModule {
  readonly name: string;
  readonly path: string;
  /** False: it stood there when the registry was first seen. */
  readonly announced: boolean;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export const KNOWN_PREFIX = "discovered:";
/** Limit of durable state's keys. */
const MAX_KEY_BYTES = 1_000;
/** Limit of the signal's `module_name`. */
const MAX_NAME_CHARACTERS = 256;
const encoder = new TextEncoder();

/** Where a module is remembered; null for names and paths that are too long to be any. */
export function stateKeyOf(module: { readonly name: string; readonly path: string }): string | null {
  const key = `${KNOWN_PREFIX}${module.name}\t${module.path}`;
  if (module.name.length > MAX_NAME_CHARACTERS) return null;
  return encoder.encode(key).length > MAX_KEY_BYTES ? null : key;
}

export interface Look {
  /** Modules in the file, by state key. */
  readonly found: ReadonlyMap<string, RegisteredModule>;
  /** Modules remembered when the file was read, by state key. */
  readonly known: ReadonlyMap<string, KnownModule>;
  /** Whether a registry of this home has been seen before. */
  readonly isAdopted: boolean;
  readonly waiting: Waiting;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long an entry with an investigation's id waits for its signal (I3). */
  readonly graceMs: number;
  /** How long any other must have stood there. */
  readonly settleMs: number;
  readonly forgetAfterMs: number;
}

/** Since when, by state key, modules wait to be announced or forgotten. */
export interface Waiting {
  readonly toAnnounce: ReadonlyMap<string, number>;
  readonly toForget: ReadonlyMap<string, number>;
}

export const NOTHING_WAITING: Waiting = { toAnnounce: new Map(), toForget: new Map() };

export interface Verdict {
  readonly announce: readonly string[];
  readonly adopt: readonly string[];
  readonly forget: readonly string[];
  readonly waiting: Waiting;
  /** When to look again although nothing may have changed, in milliseconds from now. */
  readonly lookAgainMs: number | null;
}

/** What a look at the file leads to. */
export function judgeLook(look: Look): Verdict {
  const { found, known, now } = look;
  if (!look.isAdopted) {
    const unknown = [...found.keys()].filter((key) => !known.has(key));
    return { announce: [], adopt: unknown, forget: [], waiting: NOTHING_WAITING, lookAgainMs: null }; // I2
  }
  const announce: string[] = [];
  const toAnnounce = new Map<string, number>();
  const due: number[] = [];
  for (const [key, { investigation_id }] of found) {
    if (known.has(key)) continue; // I1
    const since = look.waiting.toAnnounce.get(key) ?? now;
    const waitMs = investigation_id === null ? look.settleMs : look.graceMs; // I3
    if (now - since >= waitMs) announce.push(key);
    else {
      toAnnounce.set(key, since);
      due.push(since + waitMs);
    }
  }
  const forget: string[] = [];
  const toForget = new Map<string, number>();
  for (const key of known.keys()) {
    if (found.has(key)) continue;
    const since = look.waiting.toForget.get(key) ?? now;
    if (now - since >= look.forgetAfterMs && look.waiting.toForget.has(key)) forget.push(key);
    else {
      toForget.set(key, since); // I4
      due.push(since + look.forgetAfterMs);
    }
  }
  const lookAgainMs = due.length === 0 ? null : Math.max(0, due.reduce((a, b) => Math.min(a, b)) - now);
  return { announce, adopt: [], forget, waiting: { toAnnounce, toForget }, lookAgainMs };
}

/** Whether an integration's signal leads to an announcement (I1, I2). */
export function isNews(known: KnownModule | undefined): boolean {
  return known === undefined || !known.announced;
}
