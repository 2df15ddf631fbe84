/**
 * `policies.yaml` of the home, as it is in force. A missing file means the shipped rules; a bad edit keeps the rules that were in
 * force before it, and is told once.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Contracts, FileError } from "@kloros/bus";
import type { YamlProblem } from "@kloros/checked-yaml";
import { readPolicies } from "./read-policies.ts";
import type { Policies } from "./rule.ts";

export const POLICIES_FILE = "policies.yaml";
/** What is wrong with the file itself and stays so until someone mends it: a mistake like any other in it. */
const MISTAKES = new Set(["EISDIR", "EACCES", "EPERM", "ELOOP", "ENOTDIR"]);
/** The shipped rules; `src/` and `dist/` lie equally deep. */
const SHIPPED = fileURLToPath(new URL("../../policies.yaml", import.meta.url));

export interface RulesInForce {
  readonly policies: Policies;
  /** First 12 hex digits of the text's SHA-256. */
  readonly version: string;
  readonly origin: "file" | "shipped";
}

export type Reading =
  | { readonly kind: "ok"; readonly rules: RulesInForce }
  | { readonly kind: "invalid"; readonly problems: readonly YamlProblem[]; readonly version: string };

/** Reads the home's file, or the shipped one where there is none. @throws {FileError} */
export function readPolicyFile(home: string, contracts: Contracts): Reading {
  const path = join(home, POLICIES_FILE);
  return (
    readPolicyPath(path, POLICIES_FILE, contracts) ??
    readPolicyText(textOf(SHIPPED) ?? "", SHIPPED, contracts)
  );
}

/** null: there is none. @param file how problems name it @throws {FileError} the disk fails, or so */
export function readPolicyPath(path: string, file: string, contracts: Contracts): Reading | null {
  try {
    const text = textOf(path);
    return text === null ? null : readPolicyText(text, file, contracts);
  } catch (err) {
    if (!(err instanceof FileError && MISTAKES.has(err.errno))) throw err;
    const problem = { file, line: 1, column: 1, path: "", message: err.message };
    return { kind: "invalid", problems: [problem], version: err.errno };
  }
}

/** @param file how problems name it */
export function readPolicyText(text: string, file: string, contracts: Contracts): Reading {
  const version = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const read = readPolicies(text, file, contracts);
  if (read.kind === "invalid") return { kind: "invalid", problems: read.problems, version };
  const origin = file === SHIPPED ? "shipped" : "file";
  return { kind: "ok", rules: { policies: read.value, version, origin } };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new FileError("read", path, cause);
  }
}
