/**
 * The field's intents, `{type|intent_type, data{question, question_id, …}}`, as facts of `Q_CURIOSITY_INVESTIGATE`.
 *
 * Nothing is made up: `question` and `question_id` must be there; only `evidence` ([]) and `priority` (normal) have defaults.
 * Nothing is lost either: members without a fact of their own go into `context`.
 */
import { isJsonObject, toPlain, typeName, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { pathText, quoted, type Problem } from "../problem.ts";
import { Members } from "./members.ts";
import { priorityMessage, readPriority } from "./priority.ts";
import type { SignalRequest } from "./rules.ts";

const SIGNAL = "Q_CURIOSITY_INVESTIGATE";

/** Beginnings of the types that ask for an investigation. */
const TYPE_PREFIXES = ["discover.module", "reinvestigate", "curiosity_"] as const;

/** Members that the field writes at the top or in `data`; each has a fact of its own. */
const EITHER_PLACE = ["priority", "reason", "generated_at", "emitted_by"] as const;
const AT_TOP: ReadonlySet<string> = new Set(["type", "intent_type", "id", "sha256", "data", ...EITHER_PLACE]);
const IN_DATA: ReadonlySet<string> = new Set([
  "question",
  "question_id",
  "evidence",
  "hypothesis",
  "context",
  ...EITHER_PLACE,
]);

/** The request, as far as it could be read; what was wrong has been added to `problems`. */
export function investigationRequest(intent: JsonObject, problems: Problem[]): SignalRequest | undefined {
  const top = new Members(intent, [], problems);
  checkType(top);
  const value = top.get("data");
  if (!isJsonObject(value)) {
    top.refuse("data", `is required: an object with question and question_id (got ${typeName(value)})`);
    return undefined;
  }
  const data = new Members(value, ["data"], problems);
  const priorityValue = fromEitherPlace(top, data, "priority");
  const priority = priorityValue === undefined ? "normal" : readPriority(priorityValue);
  if (priority === undefined)
    holder(top, data, "priority").refuse("priority", priorityMessage(priorityValue ?? null));
  for (const name of EITHER_PLACE) if (name !== "priority") fromEitherPlace(top, data, name);
  const facts = {
    question: data.requiredText("question", "what the investigation shall answer"),
    question_id: data.requiredText(
      "question_id",
      "the name by which the question is known, e.g. discover.module.audio",
    ),
    priority,
    evidence: data.texts("evidence") ?? [],
    hypothesis: data.text("hypothesis"),
    reason: holder(top, data, "reason").text("reason"),
    generated_at: holder(top, data, "generated_at").textOrNumber("generated_at"),
    emitted_by: holder(top, data, "emitted_by").text("emitted_by"),
    context: context(top, data, problems),
  };
  if (priority === undefined) return undefined;
  return { signal: SIGNAL, facts: withoutUndefined(facts), priority };
}

function checkType(top: Members): void {
  const name = top.get("type") === undefined ? "intent_type" : "type";
  const type = top.requiredText(name, `one that begins with ${TYPE_PREFIXES.join(", ")}`);
  if (type === undefined) return;
  const other = top.text("intent_type");
  if (other !== undefined && other !== type)
    top.refuse("intent_type", `says ${quoted(other)} but type says ${quoted(type)}`);
  if (TYPE_PREFIXES.some((prefix) => type.startsWith(prefix))) return;
  top.refuse(name, `${quoted(type)} is not known; known types begin with ${TYPE_PREFIXES.join(", ")}`);
}

function holder(top: Members, data: Members, name: string): Members {
  return top.get(name) === undefined ? data : top;
}

/** A member from the top or from `data`; when it stands in both it must say the same. */
function fromEitherPlace(top: Members, data: Members, name: string): JsonValue | undefined {
  const above = top.get(name);
  const inside = data.get(name);
  if (above === undefined || inside === undefined) return above ?? inside;
  const agree =
    name === "priority" ? readPriority(above) === readPriority(inside) : toPlain(above) === toPlain(inside);
  if (!agree) data.refuse(name, `differs from ${name} at the top of the intent; keep one`);
  return above;
}

/** What has no fact of its own: `data.context`, the rest of `data`, and unknown members of the intent itself. */
function context(top: Members, data: Members, problems: Problem[]): Record<string, unknown> | undefined {
  const given = data.get("context");
  if (given !== undefined && !isJsonObject(given)) {
    return data.refuse("context", `must be an object (got ${typeName(given)})`);
  }
  const kept = new Map<string, JsonValue>(given);
  const rest: [string[], [string, JsonValue]][] = [
    ...data.others(IN_DATA).map((member): [string[], [string, JsonValue]] => [["data"], member]),
    ...top.others(AT_TOP).map((member): [string[], [string, JsonValue]] => [[], member]),
  ];
  for (const [prefix, [name, value]] of rest) {
    if (kept.has(name))
      problems.push({
        path: pathText([...prefix, name]),
        message: "stands in two places of the intent; keep one",
      });
    kept.set(name, value);
  }
  return kept.size === 0 ? undefined : (toPlain(kept) as Record<string, unknown>);
}

function withoutUndefined(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
