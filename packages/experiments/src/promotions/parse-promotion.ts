/** Reads a promotion of any shape, or says why it is none. Pure: the file, the key and the clock are the caller's. */
import type { ParamValue, Params } from "../search-space/search-space.ts";
import { memberAt, type PromotionShape, shapeOf } from "./promotion-shapes.ts";
import {
  holdsNotFinite,
  type JsonObject,
  notFinite,
  pathOfNotFinite,
  readPromotionJson,
} from "./promotion-json.ts";
import { type Promotion, type PromotionReading, refused, type Refused } from "./promotion.ts";
import { signatureProblem } from "./promotion-signature.ts";
import { promotionTimeMs, withinCalendar } from "./promotion-time.ts";

/** Longest topic, in characters: the limit of `Q_DREAM_TRIGGER`. */
const MAX_TOPIC_CHARS = 256;
/** Longest `promotion_id`, in characters: it names a file. */
const MAX_ID_CHARS = 200;

export interface ParseOptions {
  /** Content of `keys/promotions.key`; null or left out: there is none. */
  readonly signingKey?: Uint8Array | null;
  /** Milliseconds since 1970; what has expired by then is refused. Left out: expiry is not looked at. */
  readonly nowMs?: number;
}

/** The promotion in a file's text. Never throws. */
export function parsePromotion(text: string, options: ParseOptions = {}): PromotionReading {
  const json = readPromotionJson(text);
  if (json.kind === "refused") return json;
  const { document } = json;
  const shape = shapeOf(document);
  if (shape === null)
    return refused(
      "UnknownShape",
      "has neither winner, winner_fitness, fitness nor score: it is no promotion",
    );
  const fitness = fitnessOf(document, shape);
  if (typeof fitness !== "number") return fitness;
  const odd = holdsNotFinite(document) ? pathOfNotFinite(document) : null;
  if (odd !== null)
    return refused("NotJson", `is not JSON: ${odd} is ${notFinite(memberAt(document, odd)) ?? "no number"}`);
  const facts = factsOf(document, shape);
  if (isRefused(facts)) return facts;
  if (shape.name === "experiment") {
    const problem = signatureProblem(json.text, document["signature"], options.signingKey ?? null);
    if (problem) return problem;
  }
  if (facts.expires_ms !== null && options.nowMs !== undefined && facts.expires_ms <= options.nowMs)
    return refused("Expired", `has expired at ${new Date(facts.expires_ms).toISOString()}`);
  return { kind: "ok", promotion: { ...facts, fitness } };
}

function fitnessOf(document: JsonObject, { fitness: path }: PromotionShape): number | Refused {
  const value = memberAt(document, path);
  const rule = "a fitness is a finite number from 0 up";
  if (value === undefined) return refused("BadFitness", `${path} is missing; ${rule}`);
  const odd = notFinite(value);
  if (odd !== null) return refused("BadFitness", `${path} is not finite (${odd}); ${rule}`);
  if (typeof value !== "number") return refused("BadFitness", `${path} is not a number; ${rule}`);
  if (value < 0) return refused("BadFitness", `${path} is negative (${value}); ${rule}`);
  return Math.abs(value); // -0 is 0
}

function factsOf(document: JsonObject, shape: PromotionShape): Omit<Promotion, "fitness"> | Refused {
  const topic = textAt(document, shape.topic, MAX_TOPIC_CHARS);
  if (isRefused(topic)) return topic;
  const promotion_id = textAt(document, shape.id, MAX_ID_CHARS);
  if (isRefused(promotion_id)) return promotion_id;
  const timePath = shape.times.find((path) => (memberAt(document, path) ?? null) !== null);
  const time = timePath === undefined ? null : promotionTimeMs(memberAt(document, timePath));
  if (timePath !== undefined && time === null)
    return refused("BadField", `${timePath} must be a time: RFC 3339 or Unix seconds`);
  const expires_ms = expiryOf(document, time);
  if (isRefused(expires_ms)) return expires_ms;
  return {
    topic,
    params: paramsOf(document, shape),
    promoted_ms: time === null ? null : withinCalendar(time),
    expires_ms,
    promotion_id,
  };
}

/** Empty text is none. */
function textAt(document: JsonObject, path: string | null, maxChars: number): string | null | Refused {
  const value = path === null ? null : (memberAt(document, path) ?? null);
  if (path === null || value === null || value === "") return null;
  if (typeof value !== "string" || value.length > maxChars)
    return refused("BadField", `${path} must be text of at most ${maxChars} characters`);
  return value;
}

function expiryOf(document: JsonObject, promotedMs: number | null): number | null | Refused {
  const ttl = document["ttl_seconds"] ?? null;
  if (ttl === null) return null;
  if (typeof ttl !== "number" || ttl < 0)
    return refused("BadField", "ttl_seconds must be a number of seconds from 0 up");
  if (promotedMs === null)
    return refused("BadField", "ttl_seconds needs a time to count from, such as updated_at");
  return withinCalendar(promotedMs + ttl * 1000);
}

function paramsOf(document: JsonObject, { params: paths }: PromotionShape): Params | null {
  for (const path of paths) {
    const value = memberAt(document, path);
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    const params = Object.entries(value).filter((member): member is [string, ParamValue] =>
      ["number", "string", "boolean"].includes(typeof member[1]),
    );
    if (params.length > 0) return Object.fromEntries(params);
  }
  return null;
}

function isRefused(value: string | number | object | null): value is Refused {
  return typeof value === "object" && value !== null && "code" in value;
}
