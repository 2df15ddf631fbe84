/**
 * YAML files that people write, checked as a whole: every problem at once, each with its path and line.
 *
 * @example
 * const read = readCheckedYaml(text, "dream.yaml", (root) =>
 *   root.map((fields) => ({
 *     seed: fields.optional("seed")?.integer({ min: 0 }) ?? 1,
 *     names: fields.required("names").list((name) => name.string({ max: 64 })),
 *   })),
 * );
 * if (read.kind === "invalid") for (const problem of read.problems) log.error(problemLine(problem));
 */
export { readCheckedYaml } from "./read-checked-yaml.ts";
export type { CheckedYaml } from "./read-checked-yaml.ts";
export type { Cursor, Fields, Range, TextLimits, YamlScalar, YamlValue } from "./cursor.ts";
export { problemLine } from "./problem.ts";
export type { YamlProblem } from "./problem.ts";
export { didYouMean } from "./did-you-mean.ts";
