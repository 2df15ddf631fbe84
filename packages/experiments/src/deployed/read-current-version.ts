/** Which version of an experiment is in use, as everyone but the deployer needs to know it. */
import { KlorosError } from "@kloros/bus";
import { readCurrentLink } from "./current-link.ts";
import { deployedPaths } from "./deployed-paths.ts";
import { checkVersion } from "./version-folder.ts";
import type { VersionRecord } from "./version-record.ts";

/**
 * What is deployed of an experiment cannot be told: `current` is no link to a version, or the version's record is damaged.
 * Put it right with `kloros deployments`, or remove `current` to begin from the experiment's baseline.
 */
export class DeployedVersionError extends KlorosError {
  readonly experiment: string;

  constructor(experiment: string, problem: string) {
    super("E_DEPLOYED_VERSION", `${experiment}: ${problem}`);
    this.experiment = experiment;
  }
}

/**
 * The record of the version in use, null when there is none. Files of the version that were changed by hand do not matter
 * here: the deployer looks after them.
 * @throws {DeployedVersionError} something is deployed, and it cannot be told what
 */
export async function readCurrentVersion(home: string, experiment: string): Promise<VersionRecord | null> {
  const paths = deployedPaths(home, experiment);
  const link = await readCurrentLink(paths);
  if (link.kind === "none") return null;
  if (link.kind === "broken") throw new DeployedVersionError(experiment, link.problem);
  const version = await checkVersion(paths, link.version_id);
  if (version.kind === "intact") return version.record;
  if (version.kind === "damaged" && version.record) return version.record;
  const problem = version.kind === "damaged" ? version.problem : `${paths.current} leads to no version`;
  throw new DeployedVersionError(experiment, problem);
}
