/** What an installation consists of: every file outside the prefix with its text. Pure. */
import type { DaemonInfo } from "@kloros/bus";
import { launchers } from "../launcher-text.ts";
import { meshFiles } from "../mesh-files.ts";
import { type Places, unitName } from "../places.ts";

export interface WantedFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

export interface Wanted {
  readonly places: Places;
  readonly files: readonly WantedFile[];
  /** Names of the daemons' units. */
  readonly units: readonly string[];
  /** Name of the release, and where it comes from. */
  readonly release: { readonly id: string; readonly from: string };
}

/** Where `journalctl -x` finds the explanations of our messages. */
export const CATALOG = "/usr/local/lib/systemd/catalog/kloros.catalog";

/** `catalog`: text of the message catalogue, null when the release has none. */
export function wanted(
  daemons: readonly DaemonInfo[],
  places: Places,
  release: Wanted["release"],
  catalog: string | null,
): Wanted {
  return {
    places,
    release,
    units: daemons.map(unitName),
    files: [
      ...meshFiles(daemons, places).map(({ path, text }) => ({ path, text, mode: 0o644 })),
      ...launchers(places).map(({ path, text }) => ({ path, text, mode: 0o755 })),
      ...(catalog === null ? [] : [{ path: CATALOG, text: catalog, mode: 0o644 }]),
    ],
  };
}
