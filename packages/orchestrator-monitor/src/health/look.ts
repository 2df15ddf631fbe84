/** One look at the whole mesh: what every check has to say at this moment. */
import type { Node } from "@kloros/bus";
import type { MeshView } from "../supervision/mesh-view.ts";
import { type Sighting, sight, type Supervised } from "../supervision/sighting.ts";
import { DaemonTrack, type Reading } from "./daemon-track.ts";
import type { LetterCount } from "./letter-count.ts";
import { type Machine, measureMachine } from "./machine.ts";
import type { Silence } from "./silence.ts";

/** Daemons asked at one time: each is a socket and a timer for a moment. */
const MAX_ASKED_AT_ONCE = 16;
/** What concerns no daemon in particular. */
export const MESH = "mesh";
export const MACHINE = "machine";

export interface LookOptions {
  readonly node: Pick<Node, "contracts" | "daemon">;
  readonly view: MeshView;
  readonly machine: Machine;
  readonly letters: LetterCount;
  readonly silence: Silence;
}

export interface Looked {
  readonly readings: readonly Reading[];
  /** Why nothing of a subject is to be judged, by subject. */
  readonly off: ReadonlyMap<string, string>;
  /** What could not be measured, and why. */
  readonly failures: readonly unknown[];
}

export class Looker {
  readonly #options: LookOptions;
  readonly #tracks = new Map<string, DaemonTrack>();

  constructor(options: LookOptions) {
    this.#options = options;
  }

  async look(): Promise<Looked> {
    const { machine, view, letters } = this.#options;
    const readings: Reading[] = [];
    const off = new Map<string, string>();
    const failures: unknown[] = [];
    const attempt = async (measure: () => Promise<readonly Reading[]>): Promise<void> => {
      try {
        readings.push(...(await measure()));
      } catch (err) {
        failures.push(err);
      }
    };
    await attempt(() => measureMachine(machine, view.home));
    await attempt(async () => {
      const value = await letters.count(machine.clocks().wallMs);
      return [{ check: "dead_letters", subject: MESH, value, exact: true }];
    });
    await attempt(() => this.#lookAtDaemons(off));
    return { readings, off, failures };
  }

  async #lookAtDaemons(off: Map<string, string>): Promise<readonly Reading[]> {
    const { node, view, machine, silence } = this.#options;
    const names = node.contracts.daemons.map(({ name }) => name);
    const supervised = await view.supervised();
    const sightings = new Map<string, Sighting>();
    for (let at = 0; at < names.length; at += MAX_ASKED_AT_ONCE)
      await Promise.all(
        names.slice(at, at + MAX_ASKED_AT_ONCE).map(async (name) => {
          sightings.set(name, await this.#sight(name, supervised));
        }),
      );
    const now = machine.elapsedMs();
    const { wallMs } = machine.clocks();
    const readings = [...sightings].flatMap(([name, sighting]) => {
      const seen = this.#trackOf(name).see(sighting, now, wallMs);
      if ("readings" in seen) return seen.readings;
      off.set(name, seen.off);
      return [];
    });
    const lastSeqs = new Map<string, number>();
    for (const [name, sighting] of sightings) {
      const seq = sighting.kind === "well" ? sighting.answer.stats?.lastSeq : undefined;
      if (seq !== undefined && name !== node.daemon) lastSeqs.set(name, seq);
    }
    const silent = await silence.measure(lastSeqs, now, wallMs);
    return [...readings, { check: "bus_silence", subject: MESH, ...silent }];
  }

  async #sight(daemon: string, supervised: readonly Supervised[] | null): Promise<Sighting> {
    const { view, machine } = this.#options;
    const answer = await view.health(daemon);
    const own = supervised?.find(({ name }) => name === daemon) ?? null;
    const holder = answer === null && own === null ? view.holder(daemon) : null;
    const isGone = answer === null && own === null && holder === null;
    return sight({
      answer,
      supervised: own,
      isLeftOut: supervised !== null && own === null,
      lockedSinceMs: holder === null ? null : Date.parse(holder.since),
      lastEnd: isGone ? await view.lastEnd(daemon) : null,
      nowMs: machine.clocks().wallMs,
    });
  }

  #trackOf(daemon: string): DaemonTrack {
    const track = this.#tracks.get(daemon) ?? new DaemonTrack(daemon);
    this.#tracks.set(daemon, track);
    return track;
  }
}
