/**
 * Which known questions are like a new one, by what they ask and by what was found. Inverted index over the words of
 * questions, MinHash bands over findings; only what those turn up is compared. Pure; bounded by its owner.
 */
import { bandsOf, type FindingFeatures, findingSimilarity } from "./finding-features.ts";
import type { QuestionFeatures } from "./question-features.ts";
import { questionSimilarity } from "./question-similarity.ts";

/** Questions that share a word and are weighed per lookup, those with the rarest words first. Bounds the time of a lookup. */
const MAX_WEIGHED = 4_000;
/** Of those, questions compared: the ones that share most. */
const MAX_COMPARED = 250;
/** Findings compared per band: a bucket that holds more holds what everybody finds. */
const MAX_PER_BAND = 100;

export interface Indexed {
  readonly question: QuestionFeatures;
  readonly finding: FindingFeatures;
}

export interface Likeness {
  readonly question_id: string;
  /** 0 to 1. */
  readonly question: number;
  /** 0 to 1; null where one of the two found nothing. */
  readonly finding: number | null;
}

export class SimilarityIndex {
  readonly #entries = new Map<string, Indexed & { readonly bands: readonly number[] }>();
  readonly #byStem = new Map<string, Set<string>>();
  /** Most bands are of one question: those need no set, which would be most of the memory. */
  readonly #byBand = new Map<number, string | Set<string>>();

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a question, or replaces what is known of it. */
  put(questionId: string, indexed: Indexed): void {
    this.delete(questionId);
    const bands = bandsOf(indexed.finding);
    this.#entries.set(questionId, { ...indexed, bands });
    for (const stem of indexed.question.subject) added(this.#byStem, stem, questionId);
    for (const band of bands) this.#addToBand(band, questionId);
  }

  delete(questionId: string): void {
    const entry = this.#entries.get(questionId);
    if (!entry) return;
    this.#entries.delete(questionId);
    for (const stem of entry.question.subject) removed(this.#byStem, stem, questionId);
    for (const band of entry.bands) {
      if (this.#byBand.get(band) === questionId) this.#byBand.delete(band);
      else if (this.#byBand.get(band) instanceof Set)
        removed(this.#byBand as Map<number, Set<string>>, band, questionId);
    }
  }

  /** All that may be alike and are not the question itself, in no order. */
  like(questionId: string, { question, finding }: Indexed): Likeness[] {
    const compared = this.#candidates(question, finding);
    compared.delete(questionId);
    return [...compared].flatMap((id) => {
      const other = this.#entries.get(id);
      if (!other) return [];
      const isFound = finding.length > 0 && other.finding.length > 0;
      return {
        question_id: id,
        question: questionSimilarity(question, other.question, this.#weight),
        finding: isFound ? findingSimilarity(finding, other.finding) : null,
      };
    });
  }

  #candidates(question: QuestionFeatures, finding: FindingFeatures): Set<string> {
    const found = new Set(this.#sharingMost(question));
    for (const band of bandsOf(finding)) {
      let taken = 0;
      const ids = this.#byBand.get(band) ?? [];
      for (const id of typeof ids === "string" ? [ids] : ids) {
        if (taken++ === MAX_PER_BAND) break;
        found.add(id);
      }
    }
    return found;
  }

  #sharingMost(question: QuestionFeatures): string[] {
    const shared = new Map<string, number>();
    const rarestFirst = question.subject
      .map((stem) => ({ ids: this.#byStem.get(stem), weight: this.#weight(stem) }))
      .sort((a, b) => b.weight - a.weight);
    let weighed = 0;
    for (const { ids, weight } of rarestFirst) {
      for (const id of ids ?? []) {
        if (weighed++ >= MAX_WEIGHED) break;
        shared.set(id, (shared.get(id) ?? 0) + weight);
      }
    }
    if (shared.size <= MAX_COMPARED) return [...shared.keys()];
    return [...shared]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MAX_COMPARED)
      .map(([id]) => id);
  }

  #addToBand(band: number, questionId: string): void {
    const ids = this.#byBand.get(band);
    if (ids === undefined) this.#byBand.set(band, questionId);
    else if (typeof ids === "string") this.#byBand.set(band, new Set([ids, questionId]));
    else ids.add(questionId);
  }

  /** Inverse document frequency, scaled to 0.5 (in every question) … 1 (in one). */
  readonly #weight = (stem: string): number => {
    const count = this.#byStem.get(stem)?.size ?? 0;
    return 0.5 + 0.5 * (Math.log((this.size + 2) / (count + 1)) / Math.log(this.size + 2));
  };
}

function added<K>(index: Map<K, Set<string>>, key: K, id: string): void {
  const ids = index.get(key);
  if (ids) ids.add(id);
  else index.set(key, new Set([id]));
}

function removed<K>(index: Map<K, Set<string>>, key: K, id: string): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}
