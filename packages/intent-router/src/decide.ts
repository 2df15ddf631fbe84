/**
 * The whole judgement over one intent file: its bytes in, its verdict out. No clock, no disk, no memory of other files:
 * whether an intent is a repetition is the ledger's business (spool/routed-ledger.ts).
 *
 * D1 Type and signal are read from the content, never from the file's name, and nothing in it is executed.
 * D2 Nothing is derived that the README does not name, and nothing that was written is lost.
 * D3 Every problem is named with its place, all of a document's problems at once.
 * D4 `incomplete` is only what more bytes could still mend.
 */
import { canonicalText } from "./json/canonical-text.ts";
import { fileText } from "./json/file-text.ts";
import { isJsonObject, toPlain, typeName, type JsonObject } from "./json/json-value.ts";
import { pythonText } from "./json/python-text.ts";
import { readJson } from "./json/read-json.ts";
import { investigationRequest } from "./intent/investigation.ts";
import { requestedSignal } from "./intent/requested-signal.ts";
import type { Decision, IntentRules, SignalRequest } from "./intent/rules.ts";
import { boundedProblems, pathText, quoted, type Problem } from "./problem.ts";

export type { Decision, IntentRules, Routed, SignalRequest } from "./intent/rules.ts";

/** Longest `id` that an intent may give itself, in characters: it becomes part of keys and log lines. */
export const MAX_ID_CHARS = 256;

/** Decides the fate of one file by its content alone. */
export function decide(bytes: Uint8Array, rules: IntentRules): Decision {
  const text = fileText(bytes);
  if (text.kind === "unparsable") return { kind: "incomplete", problems: [text.problem] };
  if (text.kind === "refused") return rejected(text.problems);
  const reading = readJson(text.text);
  if (reading.kind === "unparsable") return { kind: "incomplete", problems: [reading.problem] }; // D4
  if (reading.kind === "refused") return rejected(reading.problems);
  const intent = reading.value;
  if (!isJsonObject(intent)) {
    return rejected([
      {
        path: "",
        message: `must be one JSON object (got ${typeName(intent)}); put each intent in its own file`,
      },
    ]);
  }
  const decision = decideObject(intent, rules);
  return decision.kind === "rejected" ? { ...decision, document: toPlain(intent) } : decision;
}

function decideObject(intent: JsonObject, rules: IntentRules): Decision {
  const problems: Problem[] = [];
  const ownId = readId(intent, problems);
  checkSha256(intent, rules, problems);
  const request = readRequest(intent, rules, problems);
  if (problems.length > 0 || request === undefined) return rejected(problems);
  const broken = contractProblems(intent, request, rules);
  if (broken.length > 0) return rejected(broken);
  const content = new Map([...intent].filter(([name]) => name !== "sha256"));
  const hash = rules.sha256(canonicalText(content));
  return { kind: "route", ...request, content_id: ownId ?? hash, content_hash: hash };
}

function readRequest(intent: JsonObject, rules: IntentRules, problems: Problem[]): SignalRequest | undefined {
  const typed = intent.has("type") || intent.has("intent_type");
  if (intent.has("signal") && typed) {
    problems.push({
      path: "signal",
      message: "stands beside type: an intent is either {type, data} or {signal, facts}",
    });
    return undefined;
  }
  return intent.has("signal")
    ? requestedSignal(intent, rules, problems)
    : investigationRequest(intent, problems);
}

function readId(intent: JsonObject, problems: Problem[]): string | undefined {
  const id = intent.get("id") ?? undefined;
  if (id === undefined) return undefined;
  if (typeof id === "string" && id.trim() !== "" && id.length <= MAX_ID_CHARS) return id;
  const got = typeof id === "string" ? `${id.length} characters` : typeName(id);
  problems.push({
    path: "id",
    message: `must be a string of 1–${MAX_ID_CHARS} characters, or be left out (got ${got})`,
  });
  return undefined;
}

/** The checksum of the field's writers; see json/python-text.ts for the text that it is taken over. */
function checkSha256(intent: JsonObject, rules: IntentRules, problems: Problem[]): void {
  const given = intent.get("sha256") ?? undefined;
  if (given === undefined) return;
  if (typeof given !== "string" || !/^[0-9a-fA-F]{64}$/.test(given)) {
    const got = typeof given === "string" ? quoted(given) : typeName(given);
    problems.push({ path: "sha256", message: `must be 64 hex digits (got ${got})` });
    return;
  }
  const computed = rules.sha256(pythonText(new Map([...intent].filter(([name]) => name !== "sha256"))));
  if (computed === given.toLowerCase()) return;
  problems.push({
    path: "sha256",
    message: `does not match the content: it should be ${computed} (got ${given})`,
  });
}

/** What the signal's contract has against the facts, said with the paths of the file. */
function contractProblems(
  intent: JsonObject,
  request: SignalRequest,
  rules: IntentRules,
): readonly Problem[] {
  return rules.contracts.problemsOut(request.signal, request.facts).map(({ path, message }) => {
    const segments = path.split("/").slice(1).map(pointerSegment);
    const atTop = !intent.has("signal") && intent.has(String(segments[0] ?? ""));
    const place = intent.has("signal") ? "facts" : "data";
    return { path: pathText(atTop ? segments : [place, ...segments]), message };
  });
}

/** One step of a JSON Pointer; digits are taken for an array's index. */
function pointerSegment(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text.replaceAll("~1", "/").replaceAll("~0", "~");
}

function rejected(problems: readonly Problem[]): Decision {
  return { kind: "rejected", problems: boundedProblems(problems) };
}
