/**
 * Whether a trigger becomes a cycle, and which cycle is next. Pure.
 *
 * Never twice per root trigger: the record of the root says what has become of it, also when a trigger comes again
 * under another id (`retry_of`).
 */
import { type Failed, failed } from "./outcome.ts";
import type { Trigger } from "./trigger.ts";

/** What has become of a root trigger. */
export interface RootRecord {
  readonly cycle_id: string;
  /** Of the attempt that is meant by `cycle_id`. */
  readonly attempt: number;
  readonly standing: "queued" | "running" | "completed" | "failed";
  /** Triggers that are known to mean this work: the first, and the latest that started an attempt. */
  readonly trigger_id: string;
}

/** A trigger that waits for its turn. */
export interface QueuedTrigger {
  readonly cycle_id: string;
  readonly trigger: Trigger;
}

export type Admission =
  | { readonly kind: "known"; readonly reason: string }
  | { readonly kind: "refused"; readonly attempt: number; readonly failure: Failed }
  | { readonly kind: "queued"; readonly attempt: number };

/** `asks`: ids and attempt as the signal gives them. */
export function admit(
  asks: { readonly trigger_id: string; readonly root_id: string; readonly attempt: number },
  record: RootRecord | undefined,
  queued: number,
  maxQueued: number,
): Admission {
  if (record !== undefined) {
    const is = `cycle ${record.cycle_id} of this trigger is ${record.standing}`;
    if (record.standing !== "failed") return { kind: "known", reason: is };
    if (asks.root_id === asks.trigger_id || asks.trigger_id === record.trigger_id)
      return { kind: "known", reason: `${is}, and this is the same trigger` };
  }
  const attempt = Math.max(asks.attempt, (record?.attempt ?? 0) + 1);
  if (queued < maxQueued) return { kind: "queued", attempt };
  const message = `${queued} triggers wait already (max_queued); trigger again when some are done`;
  return { kind: "refused", attempt, failure: failed("QueueFull", message) };
}

/** A waiting trigger, and the experiment that it means. */
export interface Wish {
  readonly experiment: string;
}

/** The first of the queue whose experiment is free, or null. Never two cycles of one experiment. */
export function nextCycle<W extends Wish>(
  queue: readonly W[],
  running: readonly string[],
  maxRunning: number,
): W | null {
  if (running.length >= maxRunning) return null;
  return queue.find(({ experiment }) => !running.includes(experiment)) ?? null;
}
