/** What programs keep in a daemon through its control socket: access to the daemon's durable state, and the clock of what expires. */
import type { Node, StateReader, TxState } from "@kloros/bus";
import { type ClockReading, KitClock } from "./kit-clock.ts";
import { places } from "./places.ts";

export interface Store {
  /** @throws {DaemonNotReadyError} */
  readonly reader: () => StateReader;
  /** One transaction; resolves with the result of `body` when it is on disk. @throws what `body` throws, and the disk */
  change<T>(body: (state: TxState) => T): Promise<T>;
  readonly clock: () => KitClock;
}

/** `node` throws while there is none. */
export function openStore(node: () => Node): Store {
  let clock: KitClock | undefined;
  return {
    reader: () => node().state,
    change: async (body) => node().transact((tx) => body(tx.state)),
    clock: () => (clock ??= new KitClock(node().state.get<ClockReading>(places.clock))),
  };
}
