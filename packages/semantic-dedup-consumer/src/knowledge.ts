/** All known questions in memory, as far as it takes to find those that are alike; the rest stays in the durable state. */
import { setImmediate } from "node:timers/promises";
import type { StateReader } from "@kloros/bus";
import { shardsOf } from "./evidence/evidence-state.ts";
import type { QuestionEntry } from "./evidence/question-entry.ts";
import { findingFeatures } from "./similarity/finding-features.ts";
import { questionFeatures } from "./similarity/question-features.ts";
import { type Indexed, type Likeness, SimilarityIndex } from "./similarity/similarity-index.ts";

const MODULE_QUESTION = /(?:^|[._:-])discover\.module[.:_](.+)$/s;

/** What questions and findings are compared by. */
type Comparable = Pick<
  QuestionEntry,
  "question_id" | "question" | "module" | "status" | "hypothesis" | "findings"
>;

export class Knowledge {
  readonly #index = new SimilarityIndex();
  /** Ids in the order of their last investigation. */
  readonly #order = new Set<string>();
  #nextOrder = 1;
  /** Suppressed at the last look, for the health. */
  readonly #suppressed = new Set<string>();

  get size(): number {
    return this.#order.size;
  }
  get suppressed(): readonly string[] {
    return [...this.#suppressed];
  }

  /** Reads what the durable state holds; resolves with the entries that wait to be asked again. */
  async load(state: StateReader): Promise<QuestionEntry[]> {
    const order: { readonly id: string; readonly order: number }[] = [];
    const pending: QuestionEntry[] = [];
    for (const shard of shardsOf(state)) {
      for (const entry of shard) {
        this.#index.put(entry.question_id, indexed(entry));
        order.push({ id: entry.question_id, order: entry.order });
        if (entry.suppressed) this.#suppressed.add(entry.question_id);
        if (entry.pending?.asked === false) pending.push(entry);
      }
      await setImmediate();
    }
    order.sort((a, b) => a.order - b.order);
    for (const { id } of order) this.#order.add(id);
    this.#nextOrder = (order.at(-1)?.order ?? 0) + 1;
    return pending;
  }

  like(comparable: Comparable): Likeness[] {
    return this.#index.like(comparable.question_id, indexed(comparable));
  }

  nextOrder(): number {
    return this.#nextOrder++;
  }

  /** Takes an entry in; resolves with the ids that must be forgotten to stay within `limit` (P5). */
  put(entry: QuestionEntry, limit: number): string[] {
    this.#index.put(entry.question_id, indexed(entry));
    this.#order.delete(entry.question_id);
    this.#order.add(entry.question_id);
    if (entry.suppressed) this.#suppressed.add(entry.question_id);
    else this.#suppressed.delete(entry.question_id);
    const forgotten: string[] = [];
    for (const id of this.#order) {
      if (this.#order.size <= limit) break;
      this.#order.delete(id);
      this.#suppressed.delete(id);
      this.#index.delete(id);
      forgotten.push(id);
    }
    return forgotten;
  }
}

/** A question is about the module that its id names, whether or not its words say so. */
function indexed({ question_id, question, module, status, hypothesis, findings }: Comparable): Indexed {
  const named = MODULE_QUESTION.exec(question_id)?.[1] ?? "";
  const features = questionFeatures(`${question} ${named}`);
  return {
    question:
      features.subject.length > 0 ? features : questionFeatures(`${question} ${module?.path ?? question_id}`),
    finding:
      status === "completed"
        ? findingFeatures([hypothesis, module?.path ?? "", ...findings])
        : new Uint32Array(),
  };
}
