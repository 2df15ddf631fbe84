/** Finds what belongs to an id in the journals of a home: by signal, question, investigation, or dead letter. */
import {
  type Contracts,
  type DeadLetter,
  type Envelope,
  type HomeInspection,
  inspectHome,
  readDeadLetters,
} from "@kloros/bus";
import { signalIdOf } from "../dead/letter-signal.ts";
import type { StoryDeadLetter, StoryRow } from "./story.ts";
import { tellStory } from "./story.ts";

/** Stories shown for an id that occurs in many, such as a question that is asked again and again; the newest ones. */
export const MAX_STORIES = 20;
/** Envelopes looked at for each journal. */
const MAX_FOUND = 5_000;

export interface FoundStories {
  readonly rows: readonly StoryRow[];
  /** Stories that were left out. */
  readonly omitted: number;
  /** A dead letter of that id or question, when no signal was found. */
  readonly deadLetter: DeadLetter | null;
  /** Journals that could not be read, in words. */
  readonly unreadable: readonly string[];
}

/** The stories in which `id` occurs, oldest first. */
export async function findStories(home: string, id: string, contracts: Contracts): Promise<FoundStories> {
  const inspection = inspectHome(home);
  try {
    const correlations = correlationsOf(inspection, id);
    const chosen = correlations.slice(-MAX_STORIES);
    const { letters } = await readDeadLetters(home);
    const pendingOf = pendingIn(inspection, contracts);
    const deadLetters = lettersBySignal(letters);
    const rows = chosen.flatMap((correlation) => {
      const envelopes = [...inspection.journals.values()].flatMap((journal) =>
        journal.findByCorrelation(correlation, { limit: MAX_FOUND }),
      );
      return tellStory({ envelopes, deadLetters, pendingOf });
    });
    return {
      rows,
      omitted: correlations.length - chosen.length,
      deadLetter: rows.length > 0 ? null : (letters.findLast((letter) => isAbout(letter, id)) ?? null),
      unreadable: inspection.unreadable.map(({ daemon, error }) => `${daemon}: ${error.message}`),
    };
  } finally {
    await inspection.close();
  }
}

/** Correlation ids of the stories, oldest first. */
function correlationsOf({ journals }: HomeInspection, id: string): string[] {
  const views = [...journals.values()];
  const bySignal = views.map((journal) => journal.findById(id)).find((envelope) => envelope !== null);
  if (bySignal) return [bySignal.correlation_id];
  const text = JSON.stringify(id).slice(1, -1);
  const found = views
    .flatMap((journal) => journal.searchText(text, { limit: MAX_FOUND }))
    .filter((envelope) => envelope.correlation_id === id || mentions(envelope.facts, id))
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  return [...new Set(found.map((envelope) => envelope.correlation_id))];
}

/** Whether a fact is exactly this id: `discover.module.audio` is not `discover.module.audio2`. */
function mentions(facts: Readonly<Record<string, unknown>>, id: string): boolean {
  return Object.values(facts).some((value) => value === id || (Array.isArray(value) && value.includes(id)));
}

function isAbout(letter: DeadLetter, id: string): boolean {
  return (
    letter.id === id ||
    signalIdOf(letter) === id ||
    JSON.stringify(letter.signal ?? null).includes(JSON.stringify(id))
  );
}

function lettersBySignal(letters: readonly DeadLetter[]): ReadonlyMap<string, StoryDeadLetter[]> {
  const map = new Map<string, StoryDeadLetter[]>();
  for (const letter of letters) {
    const signalId = signalIdOf(letter);
    if (signalId === null) continue;
    const { id, daemon, error, timestamp, attempts } = letter;
    map.set(signalId, [...(map.get(signalId) ?? []), { id, daemon, error, timestamp, attempts }]);
  }
  return map;
}

/** Who has not finished a signal yet, by the consumers' own cursors; one that never ran has none and is not named. */
function pendingIn({ journals }: HomeInspection, contracts: Contracts): (envelope: Envelope) => string[] {
  const progress = [...journals].map(([consumer, journal]) => ({ consumer, at: journal.progress() }));
  return ({ signal, source, seq }) =>
    progress
      .filter(({ consumer, at }) => {
        const name = at.get(source)?.names[signal];
        return (
          name !== undefined &&
          seq > name.cursor &&
          !name.done.includes(seq) &&
          consumes(contracts, consumer, signal)
        );
      })
      .map(({ consumer }) => consumer);
}

function consumes(contracts: Contracts, consumer: string, signal: string): boolean {
  return contracts.get(signal) === undefined || contracts.consumedBy(consumer).includes(signal);
}
