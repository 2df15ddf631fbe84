/**
 * What can be found out about the daemons of a home from outside, without any privilege: their supervisor's word, their own,
 * the locks that die with their processes, and the record of how they ended. Every question has a deadline (P10).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inspectHome, type LockHolder, lockHolder } from "@kloros/bus";
import { askDaemon, EventError } from "@kloros/client";
import type { HealthAnswer, LastEnd, Supervised } from "./sighting.ts";

/** Longest wait for one answer, in milliseconds: a daemon that cannot say within it how it is does not answer. */
const ASK_MS = 2_000;

export type Asked =
  { readonly kind: "asked" | "silent" } | { readonly kind: "refused"; readonly why: string };

export class MeshView {
  readonly home: string;
  /** How each daemon ended that does not run, as long as it does not. */
  readonly #ends = new Map<string, LastEnd>();

  constructor(home: string) {
    this.home = home;
  }

  /** Every daemon of the supervisor `kloros up`; null: there is none, or it does not answer. */
  async supervised(): Promise<readonly Supervised[] | null> {
    const socket = this.#socket("kloros-up");
    const answer = await ask<{ readonly daemons: readonly Supervised[] }>(socket, "supervisor:status");
    return answer?.daemons ?? null;
  }

  /** null: it does not answer. */
  async health(daemon: string): Promise<HealthAnswer | null> {
    return ask<HealthAnswer>(this.#socket(daemon), "system:health");
  }

  /** The process that runs the daemon; null: none does, or it cannot be told. */
  holder(daemon: string): LockHolder | null {
    try {
      const holder = lockHolder(join(this.home, "run", `${daemon}.lock`));
      if (holder !== null) this.#ends.delete(daemon);
      return holder;
    } catch {
      return null;
    }
  }

  /** How the last process of a daemon ended that does not run now. */
  async lastEnd(daemon: string): Promise<LastEnd> {
    const known = this.#ends.get(daemon);
    if (known !== undefined) return known;
    const end = await readLastEnd(this.home, daemon);
    this.#ends.set(daemon, end);
    return end;
  }

  /** Asks the supervisor to restart a daemon. False: it did not take the order. */
  async orderRestart(daemon: string): Promise<boolean> {
    return (await ask(this.#socket("kloros-up"), "supervisor:restart", { daemon })) !== null;
  }

  /** Asks the daemon to end itself in order, for its supervisor to start it again. A text: why it refuses. */
  async askToRestart(daemon: string): Promise<Asked> {
    try {
      await askDaemon(
        this.#socket(daemon),
        "system:restart",
        { reason: "asked by the monitor" },
        { timeoutMs: ASK_MS },
      );
      return { kind: "asked" };
    } catch (err) {
      return err instanceof EventError ? { kind: "refused", why: err.message } : { kind: "silent" };
    }
  }

  #socket(name: string): string {
    return join(this.home, "run", `${name}.sock`);
  }
}

async function ask<T>(socket: string, event: string, data: object = {}): Promise<T | null> {
  if (!existsSync(socket)) return null;
  try {
    return await askDaemon<T>(socket, event, data, { timeoutMs: ASK_MS });
  } catch {
    return null; // Whatever keeps it from answering, it does not answer.
  }
}

/** Where the kit keeps how the lives of a daemon ended, and what of it is used: a life that has not ended in order still runs. */
const STARTS_KEY = "kit/starts";
interface StartRecord {
  readonly running?: boolean;
}

async function readLastEnd(home: string, daemon: string): Promise<LastEnd> {
  const inspection = inspectHome(home, [daemon]);
  try {
    const record = inspection.journals.get(daemon)?.state<StartRecord>(STARTS_KEY);
    if (record === undefined) return null;
    return record.running === true ? "unclean" : "clean";
  } catch {
    return null; // A journal that cannot be read says nothing.
  } finally {
    await inspection.close();
  }
}
