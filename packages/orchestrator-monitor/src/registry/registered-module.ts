/** A module as it stands in `capabilities.yaml`, whoever wrote it there. */
export interface RegisteredModule {
  readonly name: string;
  /** Import path, the entry's `module`. */
  readonly path: string;
  /** Where its sources lie, relative to the workspace, when the entry says so. */
  readonly folder: string | null;
  readonly investigation_id: string | null;
  /** What the entry says; for modules whose sources cannot be seen from here. */
  readonly py_files: number | null;
}
