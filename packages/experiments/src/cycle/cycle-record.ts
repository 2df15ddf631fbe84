/**
 * `cycle.json`: what a cycle was started with. Written once, before its first candidate; everything after it reads the
 * experiment from here, so that an edit of `dream.yaml` changes no cycle that runs.
 */
import type { DreamFile, Experiment, Mutators } from "../dream-file/dream-file.ts";
import { isExperiment, isMutators, isRun } from "../dream-file/experiment-shape.ts";
import {
  type Check,
  isCount,
  isName,
  isObject,
  isText,
  listOf,
  nullable,
  oneOf,
  parseAs,
  shape,
} from "../json-shape.ts";
import { isDimension, isParams } from "../search-space/params-shape.ts";
import type { Dimension, Params, SearchSpace } from "../search-space/search-space.ts";

export interface CycleRecord {
  readonly schema: "kloros.cycle/1";
  readonly cycle_id: string;
  /** With every default filled in. */
  readonly experiment: Experiment;
  readonly topic: string | null;
  readonly trigger_id: string;
  readonly correlation_id: string;
  /** From 1. */
  readonly attempt: number;
  /** Of this cycle's own draws. */
  readonly seed: number;
  readonly run: DreamFile["run"];
  readonly mutators: Mutators;
  readonly promotions: readonly CyclePromotion[];
  /** What the winner must beat, as it was when the cycle began; null: nothing runs yet. */
  readonly incumbent: {
    /** null: the experiment's baseline. */
    readonly version_id: string | null;
    readonly params: Params;
  } | null;
  readonly started_at: string;
}

export interface CyclePromotion {
  /** Name in `dream_lab/promotions/`. */
  readonly file: string;
  /** `sha256:<hex>` of its bytes. */
  readonly key: string;
  /** As they are in the file; null when it has none. */
  readonly params: Params | null;
}

/** The text of `cycle.json`. The search space is a list of pairs there, since its order matters. */
export function encodeCycle(cycle: CycleRecord): string {
  const search_space = [...cycle.experiment.search_space];
  return `${JSON.stringify({ ...cycle, experiment: { ...cycle.experiment, search_space } }, null, 2)}\n`;
}

/** null when the text is no such record. */
export function parseCycle(text: string): CycleRecord | null {
  const found = parseAs(text, isStored);
  if (!found) return null;
  const search_space: SearchSpace = new Map(found.experiment.search_space);
  return { ...found, experiment: { ...found.experiment, search_space } };
}

type StoredSpace = readonly (readonly [string, Dimension])[];
type Stored = Omit<CycleRecord, "experiment"> & {
  readonly experiment: Omit<Experiment, "search_space"> & { readonly search_space: StoredSpace };
};

const isSpace: Check<StoredSpace> = listOf(
  (pair): pair is readonly [string, Dimension] =>
    Array.isArray(pair) && pair.length === 2 && isName(pair[0]) && isDimension(pair[1]),
);

function isStoredExperiment(value: unknown): value is Stored["experiment"] {
  return isObject(value) && isSpace(value["search_space"]) && isExperiment(value);
}

const isStored = shape<Stored>({
  schema: oneOf("kloros.cycle/1"),
  cycle_id: isName,
  experiment: isStoredExperiment,
  topic: nullable(isText),
  trigger_id: isName,
  correlation_id: isName,
  attempt: isCount,
  seed: isCount,
  run: isRun,
  mutators: isMutators,
  promotions: listOf(shape<CyclePromotion>({ file: isName, key: isName, params: nullable(isParams) })),
  incumbent: nullable(
    shape<NonNullable<CycleRecord["incumbent"]>>({ version_id: nullable(isName), params: isParams }),
  ),
  started_at: isName,
});
