/** One mistake in a YAML file, and how it is told. */

export interface YamlProblem {
  /** As it was given to `readCheckedYaml`. */
  readonly file: string;
  /** Counted from 1, as `column`. */
  readonly line: number;
  readonly column: number;
  /** `experiments[0].budget.max_candidates`; `""` for the file as a whole. */
  readonly path: string;
  /** What is wrong and what to do; reads on from the path. */
  readonly message: string;
}

/** `dream.yaml:12:5: experiments[0].budget.max_candidates must be a whole number from 1 to 100000 (got -3)`. */
export function problemLine({ file, line, column, path, message }: YamlProblem): string {
  return `${file}:${line}:${column}: ${path === "" ? "" : `${path} `}${message}`;
}
