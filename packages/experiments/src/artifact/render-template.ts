/** Fills `{{name}}` of a text file with parameters. Pure. */
import type { Params } from "../search-space/search-space.ts";

export type Rendered =
  | { readonly kind: "rendered"; readonly text: string }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

const PLACEHOLDER = /\{\{(.*?)\}\}/gs;
/** Longest part of a placeholder that is repeated in a message, in characters. */
const MAX_SHOWN_CHARACTERS = 60;

/**
 * The text with each `{{name}}` (spaces inside are allowed) replaced by the parameter's value, as it is written in JSON without
 * quotes. Every problem is told: names that are no parameter of this candidate, and braces that never close or open.
 * Values are not looked into again: braces in a value are text.
 */
export function renderTemplate(template: string, params: Params): Rendered {
  const problems: string[] = [];
  let text = "";
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const between = template.slice(end, match.index);
    checkLeftover(template, end, between, problems);
    const name = match[1]!.trim();
    if (!Object.hasOwn(params, name)) problems.push(unknownName(template, match.index, name, params));
    text += between + String(params[name]);
    end = match.index + match[0].length;
  }
  const rest = template.slice(end);
  checkLeftover(template, end, rest, problems);
  return problems.length > 0 ? { kind: "problems", problems } : { kind: "rendered", text: text + rest };
}

function unknownName(template: string, at: number, name: string, params: Params): string {
  const known = Object.keys(params).join(", ") || "none";
  const shown = name.length > MAX_SHOWN_CHARACTERS ? `${name.slice(0, MAX_SHOWN_CHARACTERS)}…` : name;
  return `line ${lineOf(template, at)}: {{${shown}}} is no parameter of this candidate (it has ${known})`;
}

function checkLeftover(template: string, offset: number, between: string, problems: string[]): void {
  for (const { 0: braces, index } of between.matchAll(/\{\{|\}\}/g)) {
    const line = lineOf(template, offset + index);
    problems.push(
      `line ${line}: ${braces === "{{" ? "{{ is never closed by }}" : "}} without {{ before it"}`,
    );
  }
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
