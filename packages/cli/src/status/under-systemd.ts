/** What systemd knows of the daemons of a home; nothing of a home that is not installed as units. */
import { textOf, unitStates } from "../systemd/install/observe.ts";
import { prefixOf } from "../systemd/install/read-aim.ts";
import { parseRecord, recordPath } from "../systemd/install/record.ts";
import { unitName } from "../systemd/places.ts";
import type { UnitSeen } from "./merge-status.ts";

/** By name of the daemon. */
export function unitsOf(
  home: string,
  daemons: readonly { readonly name: string; readonly package: string }[],
  prefix: string = prefixOf({}),
): ReadonlyMap<string, UnitSeen> {
  const record = parseRecord(textOf(recordPath(prefix)));
  if (record?.home !== home) return new Map();
  const states = unitStates(record.units);
  return new Map(
    daemons.flatMap((daemon) => {
      const name = unitName(daemon);
      const state = states.get(name);
      return state === undefined ? [] : [[daemon.name, { ...state, name }] as const];
    }),
  );
}
