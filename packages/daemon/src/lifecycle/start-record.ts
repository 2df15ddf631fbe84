/**
 * How often this daemon has started and how its lives ended, in its own journal: a kill, a crash or a power cut leaves the
 * mark of a running daemon behind, an orderly end takes it away with its last transaction.
 */
import type { Node, StateReader, Tx } from "@kloros/bus";

/** The member `starts` of `system:health`. */
export interface Starts {
  /** Starts within the last 24 hours, this one included; to the hour. */
  readonly count_24h: number;
  /** Those of them that followed a kill, a crash or a power cut. */
  readonly unclean_24h: number;
  /** How the life before this one ended. */
  readonly last_end: "clean" | "unclean" | "first";
}

export interface StartRecord {
  starts(nowMs: number): Starts;
  /** Marks an orderly end, in the last transaction of this life. */
  end(tx: Pick<Tx, "state">): void;
}

/** Starts within one hour since 1970. */
interface Hour {
  readonly hour: number;
  readonly starts: number;
  readonly unclean: number;
}

interface Stored {
  readonly running: boolean;
  /** At most `HOURS_KEPT`, oldest first. */
  readonly hours: readonly Hour[];
}

const KEY = "kit/starts";
const HOUR_MS = 3_600_000;
const HOURS_KEPT = 24;

/** Notes this start. A full disk does not keep the daemon from starting: then it is not noted. @throws what else the journal says */
export async function recordStart(
  node: { readonly state: StateReader; transact: Node["transact"] },
  nowMs: number,
): Promise<StartRecord> {
  const before = node.state.get<Stored>(KEY);
  const last_end = before === undefined ? "first" : before.running ? "unclean" : "clean";
  const hours = withStart(before?.hours ?? [], nowMs, last_end === "unclean");
  await node
    .transact((tx) => {
      tx.state.put(KEY, { running: true, hours } satisfies Stored);
    })
    .catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== "E_DISK_FULL") throw error;
    });
  return {
    starts(laterMs) {
      const recent = within24h(hours, laterMs);
      return { count_24h: sum(recent, "starts"), unclean_24h: sum(recent, "unclean"), last_end };
    },
    end(tx) {
      tx.state.put(KEY, { running: false, hours } satisfies Stored);
    },
  };
}

function withStart(before: readonly Hour[], nowMs: number, isUnclean: boolean): readonly Hour[] {
  const hour = Math.floor(nowMs / HOUR_MS);
  const recent = within24h(before, nowMs);
  const current = recent.find((one) => one.hour === hour) ?? { hour, starts: 0, unclean: 0 };
  const next = { hour, starts: current.starts + 1, unclean: current.unclean + (isUnclean ? 1 : 0) };
  return [...recent.filter((one) => one.hour !== hour), next];
}

/** A clock that was set back leaves no hours of the future behind. */
function within24h(hours: readonly Hour[], nowMs: number): readonly Hour[] {
  const now = Math.floor(nowMs / HOUR_MS);
  return hours.filter(({ hour }) => hour > now - HOURS_KEPT && hour <= now);
}

function sum(hours: readonly Hour[], member: "starts" | "unclean"): number {
  return hours.reduce((total, hour) => total + hour[member], 0);
}
