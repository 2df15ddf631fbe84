/**
 * The four shapes of promotions that exist in the field, each as a table of where its facts lie:
 * `{promoted_at, variant_id, score}` · `{schema, id, timestamp, fitness, changes{…}}` ·
 * `{experiment, updated_at, source, winner{fitness, params, metrics}, apply_map, ttl_seconds, promotion_id, signature}` ·
 * `{domain, ts, winner_ts, winner_fitness, apply_map, metadata}`.
 */
import type { JsonObject } from "./promotion-json.ts";

export interface PromotionShape {
  readonly name: "variant" | "changes" | "experiment" | "domain";
  /** Any of these members makes a file this shape; shapes are tried in order. */
  readonly marks: readonly string[];
  readonly fitness: string;
  readonly topic: string | null;
  /** The first that is there counts. */
  readonly times: readonly string[];
  /** The first that holds a parameter counts. */
  readonly params: readonly string[];
  readonly id: string | null;
}

const SHAPES: readonly PromotionShape[] = [
  {
    name: "experiment",
    marks: ["winner"],
    fitness: "winner.fitness",
    topic: "experiment",
    times: ["updated_at"],
    params: ["winner.params", "apply_map"],
    id: "promotion_id",
  },
  {
    name: "domain",
    marks: ["winner_fitness", "domain"],
    fitness: "winner_fitness",
    topic: "domain",
    times: ["ts", "winner_ts"],
    params: ["apply_map"],
    id: null,
  },
  {
    name: "changes",
    marks: ["fitness", "changes"],
    fitness: "fitness",
    topic: null,
    times: ["timestamp"],
    params: ["changes"],
    id: "id",
  },
  {
    name: "variant",
    marks: ["score", "variant_id"],
    fitness: "score",
    topic: null,
    times: ["promoted_at"],
    params: [],
    id: null,
  },
];

/** The shape of a document; null when it is none of the four. */
export function shapeOf(document: JsonObject): PromotionShape | null {
  return SHAPES.find(({ marks }) => marks.some((mark) => Object.hasOwn(document, mark))) ?? null;
}

/** The member at a path such as `winner.fitness`; undefined when it or its parent is not there. */
export function memberAt(document: JsonObject, path: string): unknown {
  let value: unknown = document;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}
