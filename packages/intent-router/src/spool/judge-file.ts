/** One file, looked at and judged by its content: what shall become of it if nothing was routed before. */
import { decide, type IntentRules, type Routed } from "../decide.ts";
import type { Problem } from "../problem.ts";
import { lookAtFile, type Sight } from "./look-at-file.ts";
import { isIntentName, type RawName } from "./raw-name.ts";

interface Seen extends Sight {
  /** Size of what was read, in bytes; 0 when it was not read. */
  readonly bytes: number;
}

export interface Refusal extends Seen {
  readonly kind: "refuse";
  readonly problems: readonly Problem[];
  /** For the dead letter: the document, else the bytes, else undefined when the file was not read. */
  readonly content: unknown;
}

/** `wait`: another look may come to something else; if the file stays as it is, `then` holds. */
export type Judgement =
  | { readonly kind: "gone" }
  | (Seen & { readonly kind: "route"; readonly routed: Routed })
  | Refusal
  | (Seen & { readonly kind: "wait"; readonly then: "route" | "refuse" });

/** A judgement that decides. */
export type Judged = Exclude<Judgement, { kind: "gone" | "wait" }>;

export interface JudgeOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly rules: IntentRules;
}

/**
 * `settled` says that the file has been as it is for the settle time: what would be waited for is then decided.
 * @throws the system's error when it says nothing about the file
 */
export async function judgeFile(options: JudgeOptions, name: RawName, settled: boolean): Promise<Judgement> {
  const look = await lookAtFile(options.folder, name, options.maxBytes);
  if (look.kind === "gone") return look;
  const { identity, mtimeMs, ctimeMs } = look;
  const seen = { identity, mtimeMs, ctimeMs, bytes: look.kind === "read" ? look.bytes.length : 0 };
  if (look.kind !== "read") {
    if (look.kind === "unreadable" && !settled) return { kind: "wait", ...seen, then: "refuse" };
    return { kind: "refuse", ...seen, problems: [look.problem], content: undefined };
  }
  const decision = decide(look.bytes, options.rules);
  if (decision.kind === "route") {
    if (settled || isIntentName(name)) return { kind: "route", ...seen, routed: decision };
    return { kind: "wait", ...seen, then: "route" };
  }
  if (!settled && (decision.kind === "incomplete" || !isIntentName(name)))
    return { kind: "wait", ...seen, then: "refuse" };
  const document = decision.kind === "rejected" ? decision.document : undefined;
  return { kind: "refuse", ...seen, problems: decision.problems, content: document ?? look.bytes };
}
