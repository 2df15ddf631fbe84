/** `systemd/`: the units as `kloros install systemd` writes them at the default places, to be read and compared. */
import { meshFiles } from "../../packages/cli/src/systemd/mesh-files.ts";
import { DEFAULT_PLACES } from "../../packages/cli/src/systemd/places.ts";
import type { Catalogue } from "./catalogue.ts";
import { ROOT } from "./root.ts";

/** One unit for each shipped daemon, target, slice, preset, sysusers.d and tmpfiles.d. */
export function systemdUnits({
  daemons,
}: Catalogue): readonly { readonly file: string; readonly text: string }[] {
  return meshFiles(daemons, DEFAULT_PLACES).map(({ name, text }) => ({
    file: `${ROOT}systemd/${name}`,
    text,
  }));
}
