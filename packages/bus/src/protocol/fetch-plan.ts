/** What to ask the ledger for: the names that are behind and have room. */
import type { NameStream } from "./name-stream.ts";
import type { Fetch } from "./wire.ts";

/** Null: nothing is missing, or there is no room for it. */
export function fetchPlan(
  streams: ReadonlyMap<string, NameStream>,
): Pick<Fetch, "after" | "room" | "from"> | null {
  const after: Record<string, number> = {};
  const room: Record<string, number> = {};
  let from = Number.MAX_SAFE_INTEGER;
  for (const [name, stream] of streams) {
    // Half the window free before asking again: whole batches instead of single signals.
    if (!stream.behind || stream.room * 2 < stream.window) continue;
    after[name] = stream.seen;
    room[name] = stream.room;
    from = Math.min(from, stream.nextSeq);
  }
  return from === Number.MAX_SAFE_INTEGER ? null : { after, room, from };
}
