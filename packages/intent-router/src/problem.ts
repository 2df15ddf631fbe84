/** One thing that is wrong with an intent file, said so that its writer can mend it. */
export interface Problem {
  /** Where in the document: `data.priority`, `data.evidence[2]`; empty for the file as a whole. */
  readonly path: string;
  /** What was wrong and what to do, to be read after the path: `must be 0–10 … (got 42)`. */
  readonly message: string;
}

/** Most problems that one report lists; a hostile file of 1 MiB could otherwise name a hundred thousand. */
export const MAX_PROBLEMS_REPORTED = 20;

/** Longest piece of a foreign value that a message quotes, in characters. */
const MAX_QUOTED_CHARS = 80;

/** Longest path that a problem names, in characters; keys come from the file and may be long. */
const MAX_PATH_CHARS = 200;

/** The whole sentence of one problem: `intents/a.json: data.priority must be …`. */
export function problemLine(file: string, problem: Problem): string {
  return `${file}: ${problem.path === "" ? "" : `${problem.path} `}${problem.message}`;
}

/** A foreign text, quoted and cut for a message. */
export function quoted(text: string): string {
  return JSON.stringify(cut(text, MAX_QUOTED_CHARS));
}

/** `["data", "evidence", 2]` as `data.evidence[2]`; keys that are no plain words are quoted. */
export function pathText(segments: readonly (string | number)[]): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${quoted(segment)}]`;
    if (text.length > MAX_PATH_CHARS) return cut(text, MAX_PATH_CHARS);
  }
  return text;
}

/** At most {@link MAX_PROBLEMS_REPORTED} problems, the last one saying how many more there were. */
export function boundedProblems(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MAX_PROBLEMS_REPORTED) return problems;
  const more = problems.length - MAX_PROBLEMS_REPORTED;
  return [
    ...problems.slice(0, MAX_PROBLEMS_REPORTED),
    { path: "", message: `has ${more} more problems like these` },
  ];
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
