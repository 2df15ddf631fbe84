/** Everything that the daemons of a home have journalled, read from outside. */
import { type Envelope, inspectHome } from "@kloros/bus";

/** All envelopes, by signal name, in the order of their journals. @throws Error when a journal cannot be read */
export async function readSignals(home: string): Promise<Map<string, Envelope[]>> {
  const inspection = inspectHome(home);
  try {
    if (inspection.unreadable.length > 0) {
      const what = inspection.unreadable.map(({ daemon, error }) => `${daemon}: ${error.message}`);
      throw new Error(`journals cannot be read: ${what.join("; ")}`);
    }
    const found = new Map<string, Envelope[]>();
    for (const journal of inspection.journals.values()) {
      for (const envelope of journal.since(0)) {
        const ofThatName = found.get(envelope.signal);
        if (ofThatName) ofThatName.push(envelope);
        else found.set(envelope.signal, [envelope]);
      }
    }
    return found;
  } finally {
    await inspection.close();
  }
}

/** How many signals of a name the emitter's journal holds; cheap. */
export async function countSignals(home: string, emitter: string, name: string): Promise<number> {
  const inspection = inspectHome(home);
  try {
    return inspection.journals.get(emitter)?.heads.names[name]?.count ?? 0;
  } finally {
    await inspection.close();
  }
}
