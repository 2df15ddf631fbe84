/** What a `Q_DREAM_TRIGGER` leads to: a place in the queue, a refusal, or nothing, when its work is known. */
import { type Envelope, type HandlerTx, idTimeMs } from "@kloros/bus";
import { admit } from "../decide/admission.ts";
import { cycleName, type Trigger } from "../decide/trigger.ts";
import { refuse } from "../durable/refusals.ts";
import { hexOf, type RootMemory } from "../durable/root-memory.ts";
import { enqueue, queueOf } from "../durable/trigger-queue.ts";

export interface TriggerDesk {
  readonly roots: RootMemory;
  readonly maxQueued: number;
  readonly log: { info(data: object, message: string): void };
  /** A trigger has been queued, durably. */
  readonly onQueued: () => void;
}

/** To be called by the handler; everything is part of its transaction. */
export function takeTrigger(desk: TriggerDesk, signal: Envelope<"Q_DREAM_TRIGGER">, tx: HandlerTx): void {
  const { facts, id: trigger_id } = signal;
  const root_id = facts.retry_of ?? trigger_id;
  const asks = { trigger_id, root_id, attempt: facts.attempt ?? 1 };
  const admission = admit(asks, desk.roots.get(tx.state, root_id), queueOf(tx.state).length, desk.maxQueued);
  if (admission.kind === "known") {
    desk.log.info({ trigger_id, root_id, reason: admission.reason }, "Trigger starts nothing new");
    return;
  }
  const { attempt } = admission;
  const trigger = triggerOf(signal, root_id, attempt);
  const cycle_id = cycleName(hexOf(root_id), rootTimeMs(signal, root_id), attempt);
  const standing = admission.kind === "refused" ? "failed" : "queued";
  desk.roots.put(tx.state, root_id, { cycle_id, attempt, trigger_id, standing });
  if (admission.kind === "refused") {
    refuse(tx, trigger, cycle_id, admission.failure);
    return;
  }
  enqueue(tx.state, { cycle_id, trigger });
  tx.afterCommit(desk.onQueued);
}

function triggerOf(
  { id, correlation_id, facts }: Envelope<"Q_DREAM_TRIGGER">,
  root_id: string,
  attempt: number,
): Trigger {
  const { topic, experiment = null, promotion_count } = facts;
  // Counted and not named: the cycle takes those that lie there. Neither: it takes none.
  const promotions = facts.promotions ?? (promotion_count > 0 ? null : []);
  return { trigger_id: id, root_id, correlation_id, topic, experiment, promotions, attempt };
}

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

/** When the work was first asked for: in the id where that tells it. Only a name is made of it. */
function rootTimeMs({ timestamp }: Envelope, rootId: string): number {
  return VERSION_7.test(rootId) ? idTimeMs(rootId) : Date.parse(timestamp);
}
