/** From the text of a contract file to a contract, with every problem named. No I/O. */
import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical.ts";
import type { Contract, Expectation, FactsProblem, SignalKind } from "./contract.ts";
import type { Priority } from "./envelope.ts";
import type { ContractFileProblem } from "./errors.ts";
import { bareSchema, type JsonSchema } from "./schema-shape.ts";

/** Ending of a contract file's name; what stands before it is the signal's name. */
export const CONTRACT_FILE_ENDING = ".schema.json";
/** How long a signal is kept when its contract does not say, in days. */
const DEFAULT_RETENTION_DAYS = 30;
/** Hex digits of a contract's hash: 64 bits, enough to tell versions of one file apart. */
const HASH_CHARS = 16;

/** The `x-signal` block as it stands in a file. */
interface SignalBlock {
  readonly version: number;
  readonly kind: SignalKind;
  readonly priority?: Priority;
  readonly emitters: readonly string[];
  readonly consumers: readonly string[];
  readonly ordering_key?: string;
  readonly expects?: Expectation;
  readonly guard?: string;
  readonly retention_days?: number;
  readonly ingress?: boolean;
}

type FactsSchema = JsonSchema & { readonly title: string; readonly description: string };

export type ReadContract =
  | { readonly kind: "ok"; readonly contract: Contract }
  | { readonly kind: "bad"; readonly problems: readonly ContractFileProblem[] };

/** Checks and reads one file; `check` is the validator of `schemas/contract.schema.json`. */
export function readContract(
  file: string,
  text: string,
  check: (document: unknown) => readonly FactsProblem[],
): ReadContract {
  const document = parsed(text);
  if (document instanceof Error)
    return { kind: "bad", problems: [{ file, path: "", message: `is not JSON: ${document.message}` }] };
  const problems = check(document);
  if (problems.length > 0)
    return { kind: "bad", problems: problems.map((problem) => ({ file, ...problem })) };
  const { "x-signal": signal, ...schema } = document as FactsSchema & { readonly "x-signal": SignalBlock };
  const name = file.slice(file.lastIndexOf("/") + 1, -CONTRACT_FILE_ENDING.length);
  return { kind: "ok", contract: { ...contractOf(name, signal, schema), file } };
}

function contractOf(name: string, signal: SignalBlock, schema: FactsSchema): Contract {
  return {
    name,
    title: schema.title,
    description: schema.description,
    version: signal.version,
    kind: signal.kind,
    priority: signal.priority ?? "normal",
    emitters: signal.emitters,
    consumers: signal.consumers,
    ordering_key: signal.ordering_key ?? null,
    expects: signal.expects ?? null,
    guard: signal.guard ?? null,
    retention_days: signal.retention_days ?? DEFAULT_RETENTION_DAYS,
    ingress: signal.ingress ?? false,
    schema,
    hash: contractHash(signal.version, schema),
  };
}

/** What two daemons compare to know that they mean the same facts; wording and `$id` do not count. */
function contractHash(version: number, schema: JsonSchema): string {
  const { $id: _id, $schema: _dialect, ...asserted } = bareSchema(schema);
  return createHash("sha256")
    .update(canonicalJson({ version, schema: asserted }))
    .digest("hex")
    .slice(0, HASH_CHARS);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    return cause;
  }
}
