/** Which daemons there are, shipped and users' own, and which of them are built. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contracts, DaemonInfo } from "@kloros/bus";

/** `packages/` of the checkout: three levels above `packages/cli/{src,dist}/up/roster`. */
const PACKAGES = fileURLToPath(new URL("../../../", import.meta.url));

export interface InstalledDaemon extends DaemonInfo {
  /** Absolute path of its program. */
  readonly main: string;
}

/** The daemons of the roster whose program is built, in the order of the roster. */
export function installedDaemons(
  contracts: Contracts,
  packages: string = PACKAGES,
): readonly InstalledDaemon[] {
  return contracts.daemons
    .map((daemon) => ({ ...daemon, main: daemon.main ?? join(packages, daemon.package, "dist", "main.js") }))
    .filter(({ main }) => existsSync(main));
}
