/** What a batch of judged files comes to, given what was routed before and what stands earlier in the batch. */
import type { Routed } from "../decide.ts";
import type { Problem } from "../problem.ts";
import type { FileIdentity } from "./file-identity.ts";
import type { Judged } from "./judge-file.ts";
import { shownName, type RawName } from "./raw-name.ts";
import type { RoutedLedger } from "./routed-ledger.ts";

interface Planned {
  readonly name: RawName;
  readonly identity: FileIdentity;
}

/** The one fate that a file is to have. `unfinished`: routed before a restart, only its removal is missing. */
export type Fate =
  | (Planned & { readonly kind: "routed" | "unfinished"; readonly key: string; readonly routed: Routed })
  | (Planned & {
      readonly kind: "duplicate";
      readonly key: string;
      readonly of: string;
      readonly routed: Routed;
    })
  | (Planned & {
      readonly kind: "rejected";
      readonly problems: readonly Problem[];
      readonly content: unknown;
    });

export type NamedJudgement = Judged & { readonly name: RawName };

export function planBatch(batch: readonly NamedJudgement[], ledger: RoutedLedger, nowMs: number): Fate[] {
  const earlier = new Map<string, Fate & { kind: "routed" }>();
  return batch.map((file) => {
    const fate = fateOf(file, earlier, ledger, nowMs);
    if (fate.kind === "routed") earlier.set(fate.key, fate as Fate & { kind: "routed" });
    return fate;
  });
}

function fateOf(
  file: NamedJudgement,
  earlier: ReadonlyMap<string, Fate & { kind: "routed" }>,
  ledger: RoutedLedger,
  nowMs: number,
): Fate {
  const about = { name: file.name, identity: file.identity };
  if (file.kind === "refuse")
    return { kind: "rejected", ...about, problems: file.problems, content: file.content };
  const { routed } = file;
  const key = ledger.keyOf(routed);
  const first = earlier.get(key);
  if (first !== undefined) {
    return first.routed.content_hash === routed.content_hash
      ? { kind: "duplicate", ...about, key, of: shownName(first.name), routed }
      : idReused(about, routed, first.name, nowMs);
  }
  const standing = ledger.standing(routed, file.name, file.identity, nowMs);
  switch (standing.kind) {
    case "new":
      return { kind: "routed", ...about, key, routed };
    case "unfinished":
      return { kind: "unfinished", ...about, key, routed };
    case "duplicate":
      return { kind: "duplicate", ...about, key, of: shownName(standing.entry.name), routed };
    case "id_reused":
      return idReused(about, routed, standing.entry.name, standing.entry.at);
  }
}

function idReused(about: Planned, routed: Routed, name: RawName, atMs: number): Fate {
  const id = JSON.stringify(routed.content_id);
  const when = new Date(atMs).toISOString();
  const message = `reused: ${id} was routed from ${shownName(name)} at ${when} with other content; give the new intent its own id`;
  const content = { signal: routed.signal, id: routed.content_id, facts: routed.facts };
  return { kind: "rejected", ...about, problems: [{ path: "id", message }], content };
}
