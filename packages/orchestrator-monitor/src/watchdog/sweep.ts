/** Forgets what is remembered of ended waits and of completions without a trigger, by age and by number (P5). */
import type { Node } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import type { Ledger } from "./ledger.ts";
import { MAX_REMEMBERED_MATTERS, REMEMBER_MS } from "./limits.ts";
import { type Stepped, stepMatter } from "./matter-store.ts";

/** Matters in one transaction. */
const MAX_SWEPT_PER_COMMIT = 500;

/** One round, in as many transactions as it takes. */
export async function sweep(
  node: Pick<Node, "transact">,
  ledger: Ledger,
  now: number,
  log: Logger,
): Promise<void> {
  const old = [...ledger.remembered].filter(([, at]) => at < now - REMEMBER_MS).map(([key]) => key);
  const tooMany = [...ledger.remembered.keys()].slice(
    0,
    Math.max(0, ledger.remembered.size - MAX_REMEMBERED_MATTERS),
  );
  if (tooMany.length > 0)
    log.warn({ matters: tooMany.length }, "The watchdog remembers too much: the oldest is forgotten early");
  await forget(node, ledger, old, now - REMEMBER_MS, now);
  await forget(node, ledger, tooMany, Infinity, now);
}

async function forget(
  node: Pick<Node, "transact">,
  ledger: Ledger,
  keys: readonly string[],
  before: number,
  now: number,
): Promise<void> {
  for (let at = 0; at < keys.length; at += MAX_SWEPT_PER_COMMIT) {
    const batch = keys.slice(at, at + MAX_SWEPT_PER_COMMIT);
    await node.transact((tx) => {
      const steps: Stepped[] = [];
      for (const key of batch) {
        const stepped = stepMatter(tx, key, "", { kind: "forget", before }, now);
        if (stepped !== null) steps.push(stepped);
      }
      tx.afterCommit(() => {
        for (const stepped of steps) ledger.follow(stepped);
      });
    });
  }
}
