/** The judgement over one content, as tests ask for it. */
import { createHash } from "node:crypto";
import { loadContracts } from "@kloros/bus";
import { decide, type Decision, type Routed } from "../src/decide.ts";
import { problemLine } from "../src/problem.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const rules = { daemon: "intent_router", contracts: loadContracts(), sha256 };

export function judge(content: unknown): Decision {
  if (content instanceof Uint8Array) return decide(content, rules);
  return decide(Buffer.from(typeof content === "string" ? content : JSON.stringify(content)), rules);
}

export function routed(content: unknown): Routed {
  const decision = judge(content);
  if (decision.kind !== "route") throw new Error(JSON.stringify(decision));
  return decision;
}

/** Every problem as the line that a report shows. */
export function problems(content: unknown): string[] {
  const decision = judge(content);
  if (decision.kind === "route") return ["routed"];
  return decision.problems.map((problem) => problemLine("intents/a.json", problem));
}

export const data = {
  question: "What does audio do?",
  question_id: "discover.module.audio",
  evidence: ["path:src/audio"],
};
