/**
 * Who has to read the contracts anew when they change. A daemon reads them once, at its start: until then it hears no
 * new emitter, keeps nothing for a new consumer, and watches no new deadline. Pure.
 */
import type { Contracts } from "@kloros/bus";

/** Watches all daemons of the roster, whatever they say. */
const MONITOR = "orchestrator_monitor";

/** Daemons known before and after, for which something differs. */
export function affectedDaemons(before: Contracts, after: Contracts): string[] {
  const known = new Set(after.daemons.map(({ name }) => name));
  const rosterDiffers = JSON.stringify(rosterOf(before)) !== JSON.stringify(rosterOf(after));
  return before.daemons
    .map(({ name }) => name)
    .filter((name) => known.has(name))
    .filter((name) => (name === MONITOR && rosterDiffers) || viewOf(name, before) !== viewOf(name, after));
}

/** What a daemon makes of the contracts: whom it hears, and for whom it keeps what it says. */
function viewOf(daemon: string, contracts: Contracts): string {
  const hears = contracts
    .consumedBy(daemon)
    .map((name) => [
      name,
      contracts.get(name)?.hash,
      contracts.emittersOf(name),
      contracts.get(name)?.expects,
    ]);
  const says = contracts.names
    .filter((name) => named(contracts, name, daemon))
    .map((name) => [
      name,
      contracts.get(name)?.hash,
      contracts.consumersOf(name),
      contracts.watchersOf(name),
    ]);
  return JSON.stringify([hears.sort(), says.sort()]);
}

/** What anybody may emit is no reason: its consumers see the new emitter. */
function named(contracts: Contracts, signal: string, daemon: string): boolean {
  return contracts.get(signal)?.emitters.includes(daemon) === true;
}

function rosterOf(contracts: Contracts): string[] {
  return contracts.daemons.map(({ name, port }) => `${name} ${String(port)}`).sort();
}
