/** Where versions of an experiment lie: `deployed/<experiment>/`. */
import { join } from "node:path";

export interface DeployedPaths {
  readonly folder: string;
  readonly versions: string;
  readonly version: (versionId: string) => string;
  /** Symbolic link to the version in use, relative (`versions/<id>`); switched by rename only. */
  readonly current: string;
  readonly history: string;
}

export function deployedPaths(home: string, experiment: string): DeployedPaths {
  const folder = join(home, "deployed", experiment);
  return {
    folder,
    versions: join(folder, "versions"),
    version: (versionId) => join(folder, "versions", versionId),
    current: join(folder, "current"),
    history: join(folder, "history.jsonl"),
  };
}
