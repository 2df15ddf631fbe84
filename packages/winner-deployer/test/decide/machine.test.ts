/**
 * The step machine over a pretended disk: crash wherever one likes, fail wherever one likes, the old version or the new is
 * in place whole, and each deployment ends exactly once.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type Action,
  actionOf,
  advance,
  failed,
  hasEnded,
  type Job,
  type Outcome,
  type Result,
} from "../../src/decide.ts";

/** What a disk holds; each change of it is one step of the kernel. */
interface Disk {
  current: string | null;
  readonly versions: Set<string>;
  isStaged: boolean;
  readonly history: Set<string>;
}

class Crash extends Error {}

const NEW = "new";
const BEFORE = { version_id: "old", tree_sha256: "x", is_intact: true, version_existed: false };

/** What the real steps do to the disk, change by change; `change` may crash before or after. */
function actions(disk: Disk, change: (make: () => void) => void): Record<Action, (job: Job) => Outcome> {
  return {
    stage: () => {
      change(() => (disk.isStaged = false));
      change(() => (disk.isStaged = true));
      return { kind: "done", learned: { winner_id: "w", before: BEFORE } };
    },
    validate: () => ({ kind: "done" }),
    measure: () => ({ kind: "done", measured: { winner: [2], running: [1] } }),
    install: () => {
      if (disk.versions.has(NEW)) return { kind: "done" };
      change(() => {
        disk.isStaged = false;
        disk.versions.add(NEW);
      });
      return { kind: "done" };
    },
    switch: () => {
      change(() => (disk.current = NEW));
      return { kind: "done" };
    },
    probation: () => ({ kind: "done" }),
    conclude: () => {
      change(() => disk.history.add("deployed"));
      return ended({ kind: "deployed", previous_version_id: "old", fitness: 2, rollback_available: true });
    },
    undo: (job) => {
      change(() => (disk.isStaged = false));
      if (disk.current === NEW) change(() => (disk.current = "old"));
      change(() => disk.versions.delete(NEW));
      change(() => disk.history.add("undone"));
      if (job.failure === null) throw new Error("undone without a reason");
      return ended({ kind: "failed", failure: job.failure, rollback_completed: true });
    },
  };
}

function ended(result: Result): Outcome {
  return { kind: "ended", result };
}

function queued(): Job {
  return {
    cycle_id: NEW,
    attempt: 1,
    order: 1,
    experiment: "tune",
    winner_id: "w",
    winner_path: "p",
    askers: [],
    step: "queued",
    before: null,
    measured: { winner: [], running: [] },
    failure: null,
    failed_at: null,
  };
}

/** Runs a job through crashes until it has ended; `lives[i]` changes happen before life `i` ends. */
function deploy(
  lives: readonly number[],
  failing: Action | null,
): { disk: Disk; results: Result[]; isWhole: boolean } {
  const disk: Disk = { current: "old", versions: new Set(["old"]), isStaged: false, history: new Set() };
  const results: Result[] = [];
  let isWhole = true;
  let job: Job | null = queued(); // What is durable.
  for (const life of [...lives, Infinity]) {
    let left = life;
    const change = (make: () => void) => {
      if (left-- <= 0) throw new Crash();
      make();
      isWhole &&= disk.current !== null && disk.versions.has(disk.current);
      if (left-- <= 0) throw new Crash();
    };
    const hands = actions(disk, change);
    try {
      while (job !== null) {
        const action: Action = actionOf(job);
        const outcome: Outcome = action === failing ? failed("InternalError", "as told") : hands[action](job);
        const next: ReturnType<typeof advance> = advance(job, outcome);
        change(() => {
          if (hasEnded(next)) results.push(next.result);
          job = hasEnded(next) ? null : next;
        });
      }
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
  return { disk, results, isWhole };
}

const failing = fc.constantFrom<Action | null>(
  null,
  "stage",
  "validate",
  "measure",
  "install",
  "switch",
  "probation",
  "conclude",
);

it("crashed anywhere, as often as one likes, a deployment ends once, and what is in place is whole at every moment", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 24 }), { maxLength: 8 }), failing, (lives, action) => {
      const { disk, results, isWhole } = deploy(lives, action);
      expect(isWhole).toBe(true);
      expect(results.map(({ kind }) => kind)).toEqual([action === null ? "deployed" : "failed"]);
      expect({ ...disk, versions: [...disk.versions].sort() }).toEqual({
        current: action === null ? NEW : "old",
        versions: action === null ? [NEW, "old"] : ["old"],
        isStaged: false,
        history: new Set([action === null ? "deployed" : "undone"]),
      });
    }),
    { numRuns: 2_000 },
  );
});

it("every change of the disk, one by one, is survived: each with and without a failure on probation", () => {
  for (const action of [null, "probation"] as const)
    for (let life = 0; life < 40; life++) {
      const { results, isWhole } = deploy([life], action);
      expect({ isWhole, kinds: results.map(({ kind }) => kind) }).toEqual({
        isWhole: true,
        kinds: [action === null ? "deployed" : "failed"],
      });
    }
});
