/**
 * What happens with one completion: its record is read, others like it are found, and what follows is committed (P3). What is
 * known of questions, their order and that this investigation was counted are one commit, so a completion that is announced
 * again changes nothing.
 */
import type { Envelope, HandlerTx } from "@kloros/bus";
import type { DaemonContext } from "@kloros/daemon";
import type { AskingAgain } from "./asking-again.ts";
import type { Config } from "./config.ts";
import { judge, type Verdict } from "./decide.ts";
import type { Embedder } from "./embedder.ts";
import { forgetQuestion, isRepeated, pruneSeen, putQuestion, questionOf } from "./evidence/evidence-state.ts";
import type { Knowledge } from "./knowledge.ts";
import { type Investigation, investigationOf } from "./records/investigation.ts";
import type { RecordFinder } from "./records/record-finder.ts";
import { QUESTION_THRESHOLD } from "./similarity/question-similarity.ts";
import type { Likeness } from "./similarity/similarity-index.ts";

/** Questions that an embedder is asked about, and the least likeness in words that makes them worth it. */
const EMBEDDED = { questions: 8, similarity: 0.3 };

type Completion = Envelope<"Q_INVESTIGATION_COMPLETE">;

export interface DeduplicatorParts {
  readonly knowledge: Knowledge;
  readonly records: RecordFinder;
  readonly embedder: Embedder;
  readonly again: AskingAgain;
  /** What is known has changed, durably. */
  readonly onChanged: () => void;
}

export class Deduplicator {
  readonly #context: Pick<DaemonContext<Config>, "config" | "log">;
  readonly #parts: DeduplicatorParts;
  readonly counts = {
    investigations: 0,
    repeated: 0,
    without_record: 0,
    near_duplicates: 0,
    contradictions: 0,
  };

  constructor(context: Pick<DaemonContext<Config>, "config" | "log">, parts: DeduplicatorParts) {
    this.#context = context;
    this.#parts = parts;
  }

  async onInvestigationComplete(signal: Completion, tx: HandlerTx): Promise<void> {
    const known = signal.facts.investigation_id ?? null;
    if (isRepeated(tx, known ?? signal.id)) {
      this.counts.repeated++;
      return;
    }
    pruneSeen(tx, this.counts.investigations);
    const investigation = await this.#investigationFor(signal, known);
    const verdict = judge({
      investigation,
      before: questionOf(tx.state, investigation.question_id),
      ...(await this.#likenessesOf(investigation, tx)),
      entryOf: (id) => questionOf(tx.state, id),
      lowConfidence: this.#context.config.low_confidence,
      cause: signal,
      now: signal.timestamp,
      order: this.#parts.knowledge.nextOrder(),
    });
    this.#carryOut(verdict, tx);
  }

  async #investigationFor({ id, facts }: Completion, known: string | null): Promise<Investigation> {
    const line = known === null ? undefined : await this.#parts.records.find(known);
    if (line === undefined) {
      this.counts.without_record++;
      this.#context.log.warn(
        { question_id: facts.question_id, investigation_id: known },
        "No record, taking what the signal says",
      );
    }
    return investigationOf(facts, known ?? id, line);
  }

  async #likenessesOf(
    investigation: Investigation,
    tx: HandlerTx,
  ): Promise<{ readonly likenesses: readonly Likeness[]; readonly questionThreshold: number }> {
    const { knowledge, embedder } = this.#parts;
    const likenesses = knowledge.like(investigation);
    const inWords = { likenesses, questionThreshold: QUESTION_THRESHOLD };
    if (!embedder.isPluggedIn) return inWords;
    const near = likenesses
      .filter(({ question }) => question >= EMBEDDED.similarity)
      .sort((a, b) => b.question - a.question)
      .slice(0, EMBEDDED.questions);
    if (near.length === 0) return inWords;
    const others = near.map(({ question_id: id }) => questionOf(tx.state, id)?.question ?? id);
    const cosines = await embedder.similarities(investigation.question, others, tx.abortSignal);
    if (cosines === null) return inWords;
    const byMeaning = near.map((each, index): Likeness => ({ ...each, question: cosines[index] ?? 0 }));
    const rest = likenesses.filter((each) => !near.includes(each)).map((each) => ({ ...each, question: 0 }));
    return {
      likenesses: [...byMeaning, ...rest],
      questionThreshold: this.#context.config.embedder_threshold,
    };
  }

  #carryOut({ entry, contested, isNewlySuppressed }: Verdict, tx: HandlerTx): void {
    const { knowledge, again, onChanged } = this.#parts;
    putQuestion(tx, entry);
    if (contested) putQuestion(tx, contested);
    const forgotten = knowledge.put(entry, this.#context.config.max_questions);
    for (const id of forgotten) forgetQuestion(tx, id);
    tx.afterCommit(() => {
      again.decided(entry);
      if (contested) again.decided(contested);
      for (const id of forgotten) again.forget(id);
      onChanged();
      this.counts.investigations++;
      if (entry.near_duplicates.length > 0) this.counts.near_duplicates++;
      if (contested) this.counts.contradictions++;
      this.#say(entry, isNewlySuppressed);
    });
  }

  #say(
    { question_id, failures, cluster, near_duplicates }: Verdict["entry"],
    isNewlySuppressed: boolean,
  ): void {
    const { log } = this.#context;
    if (isNewlySuppressed) log.warn({ question_id, failures }, "Question suppressed: it keeps failing");
    const [nearest] = near_duplicates;
    if (nearest) log.info({ question_id, cluster, nearest }, "Near-duplicate found");
  }
}
