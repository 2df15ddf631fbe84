/** From text to words: identifiers are taken apart whatever their style, and kept as a whole beside that. Pure. */

export interface Word {
  /** Lower case, not stemmed. */
  readonly text: string;
  /** The identifier it stands in, joined (`audio_mixer`, `audioMixer`, `audio/mixer.py`: `audiomixer`); null for a plain word. */
  readonly identifier: string | null;
  /** As it stands in the text. */
  readonly chunk: string;
}

/** Longest text that is looked at, in characters; what comes behind it says little more about a question. */
const MAX_TEXT_CHARS = 4_000;
const CHUNK = /[\p{L}\p{N}][\p{L}\p{N}_./:\\'’-]*/gu;
const FILE_ENDING = /\.(?:py|pyi|[cm]?[jt]sx?|json|ya?ml|toml|md|txt)$/i;
const CONTRACTION = /^(.+?)n['’]t$/i;

/** The words of a text in their order. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const [chunk] of text.slice(0, MAX_TEXT_CHARS).matchAll(CHUNK)) {
    const contraction = CONTRACTION.exec(chunk);
    if (contraction) words.push(...plain(contraction[1] ?? "", "not"));
    else words.push(...partsOf(chunk.replace(/['’].*$/u, "").replace(/[_./:\\-]+$/u, "")));
  }
  return words;
}

function partsOf(chunk: string): Word[] {
  const parts = chunk
    .replace(FILE_ENDING, "")
    .split(/[_./:\\-]+/u)
    .flatMap((part) =>
      part.split(/(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N}{2})/u),
    )
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
  if (parts.length < 2) return plain(...parts);
  const identifier = parts.join("");
  return parts.map((text) => ({ text, identifier, chunk }));
}

function plain(...texts: string[]): Word[] {
  return texts.map((text) => ({ text: text.toLowerCase(), identifier: null, chunk: text }));
}
