/** How much one analysis may look at and hand back; from the daemon's settings, see config.ts. */
export interface AnalysisLimits {
  /** Longer source files are skipped and noted, in bytes. */
  readonly maxFileBytes: number;
  /** Source files read of one module; the rest is counted and noted. */
  readonly maxModuleFiles: number;
  /** Source files of the workspace that are looked through for a module's name and for its importers. */
  readonly maxWorkspaceFiles: number;
  /** Capabilities listed of one module. */
  readonly maxCapabilities: number;
  /** Importers listed of one module. */
  readonly maxIntegrationPoints: number;
  /** Longest outcome as JSON; a larger one is handed back with less detail. */
  readonly maxOutcomeBytes: number;
  /** How old the picture of the workspace may be, in milliseconds. */
  readonly workspaceMaxAgeMs: number;
}
