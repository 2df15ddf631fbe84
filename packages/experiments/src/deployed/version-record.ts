/** `deployed/<experiment>/versions/<id>/version.json`, written once and never changed. */
import type { Params } from "../search-space/search-space.ts";

export interface VersionRecord {
  readonly schema: "kloros.version/1";
  /** The cycle's id. */
  readonly version_id: string;
  readonly experiment: string;
  readonly cycle_id: string;
  readonly winner_id: string;
  readonly params: Params;
  /** As the deployer measured it; null where it was not measured. */
  readonly fitness: number | null;
  readonly previous_version_id: string | null;
  /** SHA-256 of each file besides this one, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly created_at: string;
}
