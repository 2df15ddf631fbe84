/** `checkpoint:…`: what programs keep in this daemon, saved as a file and put back. */
import type { ControlEvents } from "../catalogue.ts";
import type { ParameterSchema } from "../parameters.ts";
import { CHECKPOINT_ID, type CheckpointFiles } from "../store/checkpoint-files.ts";
import { CheckpointRestoredError } from "../store/errors.ts";
import { MAX_CHECKPOINTS, MAX_NAMESPACES, MAX_QUEUES } from "../store/limits.ts";
import { NAME_PATTERN, places } from "../store/places.ts";
import { putBack, type Selection, takeSnapshot } from "../store/snapshot.ts";
import type { Store } from "../store/store.ts";

const NAMESPACES: ParameterSchema = {
  type: "array",
  items: { type: "string", pattern: NAME_PATTERN },
  maxItems: MAX_NAMESPACES,
  description: "Only these namespaces. Without `namespaces` and `queues`: everything.",
};
const QUEUES: ParameterSchema = {
  type: "array",
  items: { type: "string", pattern: `${NAME_PATTERN.slice(0, -1)}/${NAME_PATTERN.slice(1)}` },
  maxItems: MAX_QUEUES,
  description: "Only these queues, as `namespace/queue_name`.",
};
/** Restorations that are remembered; more than there can be files. */
const MAX_RESTORATIONS = 10 * MAX_CHECKPOINTS;

export function checkpointEvents(store: Store, files: CheckpointFiles): ControlEvents {
  return {
    "checkpoint:create": {
      summary: "Saves namespaces and queues, as they are on disk at one moment, into a file: `{id, …}`.",
      description: `The files are \`checkpoints/<daemon>/<id>.json\` in the home; ${MAX_CHECKPOINTS} are kept, the oldest makes room.`,
      parameters: {
        properties: {
          namespaces: NAMESPACES,
          queues: QUEUES,
          note: { type: "string", maxLength: 200, description: "What it is for." },
        },
      },
      examples: [{ note: "before the upgrade" }, { namespaces: ["jobs"], queues: ["jobs/todo"] }],
      answer: async (data) => {
        const { note = null, ...selection } = data as Selection & { note?: string };
        // The transaction changes nothing; it resolves when all that it has read is on disk.
        const snapshot = await store.change((state) => takeSnapshot(state, store.clock(), selection));
        const { id, created_at } = await files.write(note, snapshot, Date.now());
        return {
          id,
          created_at,
          note,
          namespaces: Object.keys(snapshot.namespaces),
          queues: Object.keys(snapshot.queues),
        };
      },
    },
    "checkpoint:list": {
      summary: "All checkpoints of this daemon, the oldest first; `restored_at` says which were restored.",
      parameters: { properties: {} },
      examples: [{}],
      answer: async () => {
        const restoredAt = (id: string) => store.reader().get<string>(places.restored(id)) ?? null;
        return (await files.list()).map((listed) => ({ ...listed, restored_at: restoredAt(listed.id) }));
      },
    },
    "checkpoint:restore": {
      summary: "Replaces the namespaces and queues of a checkpoint by what it holds, in one transaction.",
      description:
        "Others are left as they are. The same checkpoint is not restored twice, also across restarts, unless `again` is true: what changed since would be lost.",
      parameters: {
        properties: {
          id: { type: "string", pattern: CHECKPOINT_ID, description: "As checkpoint:list has it." },
          again: { type: "boolean", default: false, description: "Also when it was restored before." },
        },
        required: ["id"],
      },
      examples: [{ id: "20251120T093000123-a1b2c3" }],
      answer: async ({ id: given, again }) => {
        const id = given as string;
        const { checkpoint } = await files.read(id);
        return store.change((state) => {
          const before = state.get<string>(places.restored(id));
          if (before !== undefined && again !== true) throw new CheckpointRestoredError(id, before);
          const restored_at = new Date().toISOString();
          const old = state.list(places.restorations, 2 * MAX_RESTORATIONS).slice(0, -MAX_RESTORATIONS);
          for (const { key } of old) state.delete(key);
          const counts = putBack(state, store.clock(), checkpoint.snapshot);
          state.put(places.restored(id), restored_at);
          return { id, restored_at, ...counts };
        });
      },
    },
  };
}
