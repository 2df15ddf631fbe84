/** From a survey of the promotions to the facts of `Q_PROMOTIONS_DETECTED`. Pure. */
import type { Facts } from "@kloros/bus";
import type { Survey, Unacknowledged } from "./promotion-entry.ts";

/** Limits of the contract. */
const MAX_PROMOTIONS = 1_000;
const MAX_GROUPS = 100;
const MS_PER_HOUR = 3_600_000;

export interface AdvisoryInput {
  readonly survey: Survey;
  /** Where to begin when there are more promotions than an advisory can name. */
  readonly from: number;
  readonly isReminder: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly lastDreamTime: string | null;
  readonly promotionsPath: string;
}

export interface Advisory {
  readonly facts: Facts<"Q_PROMOTIONS_DETECTED">;
  /** Where the next advisory begins, so that in time each promotion is named, however many there are. */
  readonly next: number;
}

/** The counts are always those of all promotions; the names are at most as many as the contract allows. */
export function advisoryOf(input: AdvisoryInput): Advisory {
  const { survey, isReminder, nowMs, lastDreamTime, promotionsPath } = input;
  const { named, groups, next } = choose(survey.unacknowledged, input.from);
  const [oldest] = survey.unacknowledged;
  const facts = {
    promotion_count: survey.files,
    unacknowledged_count: survey.unacknowledged.length,
    oldest_promotion_age_hours: oldest ? ageHours(oldest.promotedMs, nowMs) : null,
    last_dream_time: lastDreamTime,
    promotions_path: promotionsPath,
    promotions: named,
    groups,
    refused_count: survey.refused.length,
    is_reminder: isReminder,
  };
  return { facts, next };
}

type Group = NonNullable<Facts<"Q_PROMOTIONS_DETECTED">["groups"]>[number];

/** As many as fit, oldest first from `from` on; what found no place is where the next one begins. */
function choose(
  all: readonly Unacknowledged[],
  from: number,
): { readonly named: string[]; readonly groups: Group[]; readonly next: number } {
  const start = from < all.length ? from : 0;
  const groups = new Map<string | null, Group>();
  const named: string[] = [];
  let next: number | null = null;
  for (let index = start; index < all.length && named.length < MAX_PROMOTIONS; index++) {
    const promotion = all[index];
    if (promotion === undefined) break;
    const group = groups.get(promotion.topic) ?? { topic: promotion.topic, promotions: [], keys: [] };
    if (!groups.has(promotion.topic)) {
      if (groups.size === MAX_GROUPS) {
        next ??= index;
        continue;
      }
      groups.set(promotion.topic, group);
    }
    named.push(promotion.name);
    group.promotions.push(promotion.name);
    group.keys.push(promotion.key);
  }
  const end = start + named.length;
  return { named, groups: [...groups.values()], next: next ?? (end < all.length ? end : 0) };
}

/** Clocks differ: what lies in the future is 0 hours old. Four digits are a third of a second. */
function ageHours(sinceMs: number, nowMs: number): number {
  return Number((Math.max(0, nowMs - sinceMs) / MS_PER_HOUR).toFixed(4));
}
