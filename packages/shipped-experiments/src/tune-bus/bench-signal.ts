/** The signal of the project's own throughput bench: in the seed's form it has 300 bytes of JSON. */
import type { Facts } from "@kloros/bus";

export const SIGNAL = "Q_CURIOSITY_INVESTIGATE";
export const EMITTER = "intent_router";
export const CONSUMER = "investigation_consumer_daemon";

const INDEX_DIGITS = 7;
const QUESTION = "What does this module do, and which of its functions are worth an entry?";

/** Facts of the signal number `index`; each has an ordering key of its own. */
export function factsOf(index: number) {
  const name = `audio_${String(index).padStart(INDEX_DIGITS, "0")}`;
  return {
    question: QUESTION,
    question_id: `discover.module.${name}`,
    priority: "normal",
    evidence: [`path:src/${name}`],
  } satisfies Facts<typeof SIGNAL>;
}

/** The number that `factsOf` made the id of. */
export function indexOf({ question_id }: { readonly question_id: string }): number {
  return Number(question_id.slice(-INDEX_DIGITS));
}
