/**
 * What lies in `dream_lab/promotions/` and what acknowledges it, kept up to date by whole scans and by looks at single
 * names. Reads a file once per change (device, inode, size and times); a look at a name that is said to have changed
 * reads it in any case, since two writes may fall into one tick of the file system's clock.
 *
 * I1 Files may appear, vanish and change while a scan runs: what is missed is seen by the next look or scan.
 * I2 Content that is no JSON counts as half-written until it has stood unchanged for `settleMs`; until then what the file
 *    was before goes on counting.
 * I3 At most `maxPromotions` files and `MAX_ACKNOWLEDGEMENTS` names are remembered (P5); more are counted.
 */
import { hash } from "node:crypto";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { isAcknowledged, isAcknowledgementName, isPromotionName } from "@kloros/experiments";
import { listNames } from "./list-names.ts";
import type {
  KnownPromotion,
  PromotionEntry,
  RefusedFile,
  Survey,
  Unacknowledged,
} from "./promotion-entry.ts";
import { type FileReading, readPromotionFile } from "./read-promotion-file.ts";
import type { Slices } from "./slices.ts";

/** Names remembered of each kind of acknowledgement; beyond it, promotions may be reported that were acknowledged. */
export const MAX_ACKNOWLEDGEMENTS = 50_000;
/** Hexadecimal digits of a promotion's mark: 64 bits, which by chance are never equal. */
const MARK_DIGITS = 16;
// eslint-disable-next-line no-control-regex -- names are printed to terminals and put into signals
const CONTROL_CHARACTER = /[\0-\x1f\x7f]/;

export interface FolderOptions {
  readonly promotions: string;
  readonly acknowledgements: string;
  readonly maxPromotions: number;
  readonly settleMs: number;
  /** Reads one file; replaced in tests. */
  readonly read?: typeof readPromotionFile;
}

export class PromotionFolder {
  readonly #options: FolderOptions;
  readonly #read: typeof readPromotionFile;
  readonly #entries = new Map<string, PromotionEntry>();
  readonly #unfinished = new Set<string>();
  #acksBeside: ReadonlySet<string> = new Set();
  #acks: ReadonlySet<string> = new Set();
  #beyond = 0;
  #acksBeyond = 0;
  #signingKey: Uint8Array | null = null;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.#read = options.read ?? readPromotionFile;
  }

  /** With another key every file is read again at the next scan. */
  set signingKey(key: Uint8Array | null) {
    this.#signingKey = key;
    for (const entry of this.#entries.values()) this.#entries.set(entry.name, { ...entry, identity: null });
  }

  /** Looks at everything. @throws what the system says about the folders */
  async scan(slices: Slices): Promise<void> {
    const { promotions, acknowledgements, maxPromotions } = this.#options;
    const acks = await listNames(acknowledgements, () => true, MAX_ACKNOWLEDGEMENTS, slices);
    const beside = await listNames(promotions, isAcknowledgementName, MAX_ACKNOWLEDGEMENTS, slices);
    // Those that are known keep their place among the `maxPromotions`.
    const { names, beyond } = await listNames(
      promotions,
      isPromotionName,
      maxPromotions,
      slices,
      this.#entries,
    );
    this.#acks = acks.names;
    this.#acksBeside = beside.names;
    this.#acksBeyond = acks.beyond + beside.beyond;
    this.#beyond = beyond;
    for (const name of this.#entries.keys()) {
      if (!names.has(name)) this.#lookAt(name, true, false); // I1: not listed, yet perhaps there.
      if (slices.over) await slices.turn();
    }
    for (const name of names) {
      this.#lookAt(name, true, true);
      if (slices.over) await slices.turn();
    }
  }

  /** Looks at what is said to have changed. */
  async look(names: Iterable<string>, ackNames: Iterable<string>, slices: Slices): Promise<void> {
    const { promotions, acknowledgements } = this.#options;
    this.#acks = updated(this.#acks, acknowledgements, ackNames);
    const changed = [...names];
    this.#acksBeside = updated(this.#acksBeside, promotions, changed.filter(isAcknowledgementName));
    for (const name of changed) {
      if (isPromotionName(name)) this.#lookAt(name, false, false);
      if (slices.over) await slices.turn();
    }
  }

  /** Half-written files that have stood unchanged for long enough to be looked at again, and when the next one has. */
  due(nowMs: number): { readonly names: readonly string[]; readonly nextInMs: number | null } {
    const names: string[] = [];
    let nextInMs: number | null = null;
    for (const name of this.#unfinished) {
      const waitMs = (this.#entries.get(name)?.unfinished?.sinceMs ?? nowMs) + this.#options.settleMs - nowMs;
      if (waitMs <= 0) names.push(name);
      else nextInMs = Math.min(nextInMs ?? waitMs, waitMs);
    }
    return { names, nextInMs };
  }

  /** What it adds up to. @param nowMs milliseconds since 1970, for what expires */
  survey(nowMs: number): Survey {
    const unacknowledged: Unacknowledged[] = [];
    const refused: RefusedFile[] = [];
    let digest = 0n;
    const acks = {
      inFolder: (name: string) => this.#acksBeside.has(name),
      inAckFolder: (name: string) => this.#acks.has(name),
    };
    for (const { name, known } of this.#entries.values()) {
      if (known === null) continue;
      if (known.kind === "refused") {
        refused.push({ name, key: known.key, code: known.code, reason: known.reason });
      } else if (!isAcknowledged(name, known, acks)) {
        const { key, topic, promotedMs, expiresMs, mark } = known;
        if (expiresMs !== null && expiresMs <= nowMs) {
          const reason = `has expired at ${new Date(expiresMs).toISOString()}`;
          refused.push({ name, key, code: "Expired", reason });
        } else {
          unacknowledged.push({ name, key, topic, promotedMs });
          digest ^= mark; // Whatever the order; equal marks cannot be: names differ.
        }
      }
    }
    unacknowledged.sort((a, b) => a.promotedMs - b.promotedMs || (a.name < b.name ? -1 : 1));
    return {
      files: this.#entries.size + this.#beyond,
      unacknowledged,
      refused,
      unfinished: this.#unfinished.size,
      unexamined: this.#beyond,
      forgottenAcknowledgements: this.#acksBeyond,
      digest: digest.toString(16),
    };
  }

  #lookAt(name: string, trustIdentity: boolean, isListed: boolean): void {
    const before = this.#entries.get(name);
    if (before === undefined && this.#entries.size >= this.#options.maxPromotions) return; // I3: the next scan counts it.
    const path = join(this.#options.promotions, name);
    const identity = trustIdentity ? (before?.identity ?? null) : null;
    const reading = CONTROL_CHARACTER.test(name)
      ? barredName(path)
      : this.#read(path, identity, this.#signingKey);
    if (reading.kind === "unchanged") return;
    const gone = reading.kind === "gone" && !(isListed && name.includes("\uFFFD"));
    const entry = gone ? null : entryOf(name, before, reading, this.#options.settleMs);
    if (entry === null) this.#entries.delete(name);
    else this.#entries.set(name, entry);
    if (entry?.unfinished) this.#unfinished.add(name);
    else this.#unfinished.delete(name);
  }
}

function entryOf(
  name: string,
  before: PromotionEntry | undefined,
  file: Exclude<FileReading, { kind: "unchanged" }>,
  settleMs: number,
): PromotionEntry {
  if (file.kind === "gone") {
    const reason = "has a name that is not UTF-8; give it another";
    return {
      name,
      identity: null,
      known: { kind: "refused", key: null, code: "BadName", reason },
      unfinished: null,
    };
  }
  if (file.kind === "barred") {
    const { identity, code, reason } = file;
    return { name, identity, known: { kind: "refused", key: null, code, reason }, unfinished: null };
  }
  const { identity, key, reading } = file;
  if (reading.kind === "ok") {
    return { name, identity, known: knownOf(name, file, reading.promotion), unfinished: null };
  }
  const { code, reason } = reading;
  const known = { kind: "refused", key, code, reason } as const;
  if (code !== "NotJson") return { name, identity, known, unfinished: null };
  if (before?.known?.kind === "refused" && before.known.key === key) return { ...before, identity };
  const same = before?.unfinished?.key === key ? before.unfinished : null;
  const now = performance.now();
  if (same !== null && now - same.sinceMs >= settleMs) return { name, identity, known, unfinished: null };
  const unfinished = same ?? { key, sinceMs: now };
  return { name, identity: null, known: before?.known ?? null, unfinished }; // I2
}

function knownOf(
  name: string,
  { key, modifiedMs }: { readonly key: string; readonly modifiedMs: number },
  promotion: {
    topic: string | null;
    promoted_ms: number | null;
    expires_ms: number | null;
    promotion_id: string | null;
  },
): KnownPromotion {
  const { topic, promoted_ms, expires_ms, promotion_id } = promotion;
  return {
    kind: "promotion",
    key,
    mark: BigInt(`0x${hash("sha256", `${name}\0${key}`).slice(0, MARK_DIGITS)}`),
    topic,
    promotedMs: promoted_ms ?? modifiedMs,
    expiresMs: expires_ms,
    promotion_id,
  };
}

function barredName(path: string): FileReading {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { kind: "gone" };
  const reason = "has control characters in its name; give it another";
  return { kind: "barred", identity: null, code: "BadName", reason };
}

function updated(known: ReadonlySet<string>, folder: string, names: Iterable<string>): ReadonlySet<string> {
  const set = known as Set<string>;
  for (const name of names) {
    const exists = lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
    if (!exists) set.delete(name);
    else if (set.size < MAX_ACKNOWLEDGEMENTS) set.add(name);
  }
  return set;
}
