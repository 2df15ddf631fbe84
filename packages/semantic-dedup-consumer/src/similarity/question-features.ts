/**
 * What a question is about (its subject) and what it asks (its intent). Two questions are alike only when both are:
 * "what does audio do" and "what does video do" share all of the intent, "who imports audio" all of the subject. Pure.
 */
import { conceptOf, isNegation, isStopWord } from "./lexicon.ts";
import { stem } from "./stem.ts";
import { type Word, wordsOf } from "./words.ts";

export interface QuestionFeatures {
  /** Stems of what it is about, each once. */
  readonly subject: readonly string[];
  /** Identifiers as wholes, each once. */
  readonly identifiers: readonly string[];
  /** Concepts, each once; none when it is asked in other words. */
  readonly intent: readonly string[];
  /** An odd number of negations. */
  readonly isNegated: boolean;
}

/** Relations that have a direction: who calls it is another question than what it calls. */
const DIRECTED = new Set(["depend", "use", "call"]);
const OPPOSITE_PREFIX = /^un(?=used|tested|documented|handled|registered|bounded|validated|safe)/;

export function questionFeatures(question: string): QuestionFeatures {
  const words = wordsOf(question).map((word) => (isOrdinary(word) ? { ...word, identifier: null } : word));
  const subject = new Set<string>();
  const identifiers = new Set<string>();
  const intent = new Set<string>(idioms(question));
  let negations = 0;
  const firstSubject = words.findIndex(isSubject);
  words.forEach((word, index) => {
    if (word.identifier !== null) {
      identifiers.add(word.identifier);
      subject.add(stem(word.text));
      return;
    }
    const text = word.text.replace(OPPOSITE_PREFIX, "");
    if (text !== word.text || isNegation(text)) negations++;
    if (isNegation(text)) return;
    const stemmed = stem(text);
    const concept = conceptOf(stemmed);
    if (concept) {
      if (concept.isOpposite) negations++;
      intent.add(
        DIRECTED.has(concept.name) ? directed(concept.name, words, index, firstSubject) : concept.name,
      );
    } else if (!isStopWord(text) && !isStopWord(stemmed)) subject.add(stemmed);
  });
  if (intent.has("memory")) for (const direction of ["in", "out"]) intent.delete(`use:${direction}`); // "memory usage"
  return {
    subject: [...subject],
    identifiers: [...identifiers],
    intent: [...intent],
    isNegated: negations % 2 === 1,
  };
}

/** `third-party`, `thread-safe`: joined by a hyphen, yet no identifier. */
function isOrdinary({ identifier, chunk }: Word): boolean {
  if (identifier === null || !/^[a-z]+-[a-z]+$/i.test(chunk)) return false;
  return chunk.split("-").every((text) => !isSubject({ text: text.toLowerCase(), identifier: null, chunk }));
}

/** What is said by the form of a question rather than by its words. */
function idioms(question: string): string[] {
  const text = question.toLowerCase();
  const found: string[] = [];
  if (/\b(?:does|did)\b.*\bdo\b|\bused? for\b|\bis\b[^?]*\bfor\b\W*$/.test(text)) found.push("purpose");
  if (/\bwhat(?: is|'s) (?:there )?in\b/.test(text)) found.push("contain");
  if (/\bentry points?\b/.test(text)) found.push("start");
  return found;
}

function isSubject({ text, identifier }: Word): boolean {
  if (identifier !== null) return true;
  return !isStopWord(text) && !isNegation(text) && conceptOf(stem(text)) === undefined;
}

/** `out`: the subject calls; `in`: it is called. */
function directed(name: string, words: readonly Word[], index: number, firstSubject: number): string {
  const text = words[index]?.text ?? "";
  if (/^(?:librar|dependenc)/.test(text)) return `${name}:out`; // Its libraries are those that it needs.
  const isPassive = /(?:[^e]ed|callers?)$/.test(text);
  const comesFirst = firstSubject === -1 || index < firstSubject;
  return `${name}:${comesFirst !== isPassive ? "in" : "out"}`;
}
