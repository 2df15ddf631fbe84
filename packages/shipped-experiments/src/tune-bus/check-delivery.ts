/**
 * Whether a bus with these limits still keeps its promises: a consumer that comes late catches up, one that was killed goes on
 * where it was, and each signal comes once and in order (P3, P4, P9).
 */
import type { BusLimits } from "@kloros/bus";
import { ComplaintError } from "../run-experiment.ts";
import { Part } from "./part.ts";
import { withTemporaryHome } from "./temporary-home.ts";

/** Three commits' worth at the default limits. */
const BACKLOG_SIGNALS = 6_000;
const LIVE_SIGNALS = 3_000;

/** @throws {ComplaintError} it does not */
export async function checkDelivery(limits: Partial<BusLimits>): Promise<void> {
  await withTemporaryHome(async (home) => {
    const emitter = new Part("emitter", { home, limits });
    const consumer = new Part("consumer", { home, limits, first: 0 });
    const parts = [emitter, consumer];
    try {
      await emitter.ask("emitAll", { first: 0, count: BACKLOG_SIGNALS });
      await inOrder(consumer, BACKLOG_SIGNALS);
      await consumer.end();
      await emitter.ask("emitAll", { first: BACKLOG_SIGNALS, count: BACKLOG_SIGNALS });
      const successor = new Part("consumer", { home, limits, first: BACKLOG_SIGNALS });
      parts.push(successor);
      await inOrder(successor, BACKLOG_SIGNALS); // From the ledger: it was not there.
      await emitter.ask("emitAll", { first: 2 * BACKLOG_SIGNALS, count: LIVE_SIGNALS });
      await inOrder(successor, BACKLOG_SIGNALS + LIVE_SIGNALS);
    } finally {
      await Promise.all(parts.map((part) => part.end()));
    }
  });
}

async function inOrder(consumer: Part, count: number): Promise<void> {
  const { outOfOrder } = await consumer.ask<{ outOfOrder: number }>("handled", { count });
  if (outOfOrder > 0)
    throw new ComplaintError(`${outOfOrder} of ${count} signals came out of order, or not once`);
}
