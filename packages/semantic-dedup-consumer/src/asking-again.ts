/**
 * Asks again for questions whose findings were not enough: after a wait, once per decision. The decision is durable
 * (`pending`); the wait is not, it begins anew after a restart, so no clock can cut it short or prolong it.
 */
import type { Facts, Tx } from "@kloros/bus";
import type { DaemonContext } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { MAX_ASKED_AGAIN } from "./decide.ts";
import { putQuestion, questionOf } from "./evidence/evidence-state.ts";
import type { QuestionEntry } from "./evidence/question-entry.ts";

/** Longest wait, in milliseconds. */
const MAX_DELAY_MS = 3_600_000;
/** Wait before an emission that failed is tried again, in milliseconds. */
const RETRY_MS = 5_000;

type Context = Pick<DaemonContext<Config>, "node" | "config" | "log">;

export class AskingAgain {
  readonly #context: Context;
  readonly #onAsked: () => void;
  /** At most one per remembered question. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #isStopped = false;
  asked = 0;

  constructor(context: Context, onAsked: () => void) {
    this.#context = context;
    this.#onAsked = onAsked;
  }

  get waiting(): number {
    return this.#timers.size;
  }

  /** What has been decided about a question, and committed. */
  decided({ question_id, pending, asked_again }: QuestionEntry): void {
    this.forget(question_id);
    if (pending?.asked !== false) return;
    this.#in(
      question_id,
      Math.min(MAX_DELAY_MS, this.#context.config.reinvestigate_delay * 2 ** asked_again),
    );
  }

  forget(questionId: string): void {
    clearTimeout(this.#timers.get(questionId));
    this.#timers.delete(questionId);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #in(questionId: string, delayMs: number): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(questionId);
      void this.#ask(questionId);
    }, delayMs);
    this.#timers.set(questionId, timer);
  }

  async #ask(questionId: string): Promise<void> {
    const { node, log } = this.#context;
    try {
      const facts = await node.transact((tx) => ask(tx, questionId));
      if (facts === null) return;
      this.asked++;
      this.#onAsked();
      log.info({ question_id: questionId, reason: facts.reason, attempt: facts.attempt }, "Asked again");
    } catch (err) {
      log.error({ err, question_id: questionId }, "Could not ask again, trying later");
      this.#in(questionId, RETRY_MS);
    }
  }
}

/** Count, mark and emission in one commit (P3). Null: it has been decided otherwise meanwhile. */
function ask(tx: Tx, questionId: string): Facts<"Q_REINVESTIGATION_REQUESTED"> | null {
  const entry = questionOf(tx.state, questionId);
  if (entry?.pending?.asked !== false || entry.asked_again >= MAX_ASKED_AGAIN) return null;
  const { reason, similar_question_id, similarity, causation_id, correlation_id } = entry.pending;
  const attempt = entry.asked_again + 1;
  const facts = {
    question: entry.question,
    question_id: questionId,
    priority: "low" as const,
    evidence: [...entry.evidence],
    reason,
    attempt,
    previous_investigation_id: entry.investigation_id,
    ...(similar_question_id !== null && { similar_question_id }),
    ...(similarity !== null && { similarity }),
  };
  tx.emit("Q_REINVESTIGATION_REQUESTED", facts, { causation_id, correlation_id });
  putQuestion(tx, { ...entry, asked_again: attempt, pending: { ...entry.pending, asked: true } });
  return facts;
}
