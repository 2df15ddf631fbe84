/**
 * An operator's rollback. It is written down before `current` is switched, so that a crash in between is made good at the next
 * start: the switch, the line in the history and the signal happen all, each once (P3).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type FileLock, isDiskFull, waitForFileLock } from "@kloros/bus";
import { checkVersion, type DeployedPaths, deployedPaths, readCurrentLink } from "@kloros/experiments";
import { RollbackRefusedError } from "../errors.ts";
import { HOLDER, lockPath } from "../runner/experiment-lock.ts";
import type { Office } from "../runner/office.ts";
import type { Runner } from "../runner/runner.ts";
import { appendHistory } from "../version/history-file.ts";
import { switchCurrent } from "../version/switch-current.ts";
import { planRollback } from "./plan.ts";
import { readWish } from "./wish.ts";

/** State key: rollbacks that have been begun. */
const REVERT = "revert:";
const COUNT = "reverts";
/** An operator waits for the answer; a deployment that holds the lock takes longer anyway. */
const LOCK_DEADLINE_MS = 2_000;
const DISK_PAUSE_MS = 1_000;

interface Begun {
  readonly id: string;
  readonly experiment: string;
  readonly from: string;
  readonly to: string | null;
  readonly reason: string;
}

export interface Reverted {
  readonly experiment: string;
  readonly version_id: string | null;
  readonly reverted_version_id: string;
  readonly reason: string;
}

export class Reverter {
  readonly #office: Office;
  readonly #runner: Runner;

  constructor(office: Office, runner: Runner) {
    this.#office = office;
    this.#runner = runner;
  }

  /** The operator's wish. @throws {ControlRequestError}, {RollbackRefusedError}, errors of the disk: nothing was changed then */
  async rollback(data: Readonly<Record<string, unknown>>): Promise<Reverted> {
    const wish = readWish(data);
    const { experiment } = wish;
    if (this.#runner.isBusy(experiment))
      throw new RollbackRefusedError(
        `a deployment of ${experiment} is under way; wait for its end (kloros deployments list), then ask again`,
      );
    return this.#runner.alone(experiment, async () => {
      const { home } = this.#office.place;
      const lock = await this.#lock(experiment);
      try {
        const plan = await planRollback(home, wish);
        let begun: Begun = { id: "", experiment, ...plan, reason: wish.reason };
        await this.#office.commit((tx) => {
          const count = (tx.state.get<number>(COUNT) ?? 0) + 1;
          tx.state.put(COUNT, count);
          begun = { ...begun, id: `${plan.from}.revert-${String(count)}` };
          tx.state.put(REVERT + experiment, begun);
        });
        return await this.#finish(begun);
      } finally {
        lock.release();
      }
    });
  }

  /** Rollbacks that a crash has cut off. To be called before deployments begin. */
  async finishBegun(): Promise<void> {
    for (const { value } of this.#office.state.list<Begun>(REVERT)) {
      const lock = await this.#lock(value.experiment);
      try {
        await this.#finish(value);
      } catch (err) {
        if (!(err instanceof RollbackRefusedError)) throw err;
        this.#office.place.log.warn({ err, rollback: value }, "Rollback that was cut off is not finished");
      } finally {
        lock.release();
      }
    }
  }

  async #lock(experiment: string): Promise<FileLock> {
    const { home, stopping } = this.#office.place;
    const path = lockPath(home, experiment);
    const result = await waitForFileLock(path, HOLDER, { deadlineMs: LOCK_DEADLINE_MS, signal: stopping });
    if (result.kind === "held") return result.lock;
    const who =
      result.holder === null ? "" : ` (${result.holder.name}, process ${String(result.holder.pid)})`;
    throw new RollbackRefusedError(`another process${who} holds the lock of ${experiment}: ${path}`);
  }

  async #finish(begun: Begun): Promise<Reverted> {
    const { experiment, from, to, reason } = begun;
    const { book, place } = this.#office;
    const paths = deployedPaths(place.home, experiment);
    await this.#switch(begun, paths);
    const was = await recordOf(paths, from);
    const is = to === null ? null : await recordOf(paths, to);
    await this.#untilThereIsSpace(async () =>
      appendHistory(paths, {
        id: begun.id,
        at: new Date().toISOString(),
        event: "reverted",
        version_id: to,
        previous_version_id: from,
        cycle_id: is?.cycle_id ?? null,
        winner_id: is?.winner_id ?? null,
        fitness: is?.fitness ?? null,
        previous_fitness: was?.fitness ?? null,
        error_type: null,
        rollback_completed: null,
        reason,
      }),
    );
    await this.#office.commit((tx) => {
      tx.state.delete(REVERT + experiment);
      const ended = book.ended(from, tx.state);
      const job = ended?.job ?? {
        cycle_id: from,
        attempt: 1,
        order: book.nextOrder(tx),
        winner_id: was?.winner_id ?? "unknown",
        experiment,
      };
      book.remember(tx, { job, result: { kind: "reverted" } });
      tx.emit("Q_DEPLOYMENT_REVERTED", {
        experiment,
        version_id: to,
        reverted_version_id: from,
        ...(to === null ? {} : { deployment_path: paths.version(to) }),
        reason,
      });
    });
    return { experiment, version_id: to, reverted_version_id: from, reason };
  }

  /** What somebody else has put in place meanwhile stays; a switch that fails leaves the wish undone, not pending. */
  async #switch({ experiment, from, to }: Begun, paths: DeployedPaths): Promise<void> {
    try {
      const link = await readCurrentLink(paths);
      const inPlace = link.kind === "version" ? link.version_id : null;
      if (link.kind === "broken" || (inPlace !== from && inPlace !== to))
        throw new RollbackRefusedError(`${paths.current} was changed by somebody else; it stays as it is`);
      await this.#untilThereIsSpace(async () => switchCurrent(paths, to));
    } catch (cause) {
      await this.#office.commit((tx) => tx.state.delete(REVERT + experiment));
      throw cause;
    }
  }

  /** Begun is begun: an operator's rollback waits for the disk for as long as the daemon lives. */
  async #untilThereIsSpace(work: () => Promise<void>): Promise<void> {
    const { stopping, log } = this.#office.place;
    for (;;) {
      try {
        await work();
        return;
      } catch (err) {
        if (!isDiskFull(err)) throw err;
        log.warn({ err }, "Disk is full, the rollback is tried again");
        await sleep(DISK_PAUSE_MS, undefined, { signal: stopping });
      }
    }
  }
}

async function recordOf(paths: DeployedPaths, versionId: string) {
  const version = await checkVersion(paths, versionId);
  return version.kind === "missing" ? null : version.record;
}
