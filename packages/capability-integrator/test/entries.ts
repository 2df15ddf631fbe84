/** Entries and records as the tests use them. */
import type { ModuleEntry } from "../src/registry/module-entry.ts";

export function entryOf(name: string, changes: Partial<ModuleEntry> = {}): ModuleEntry {
  return {
    name,
    module: `src.${name}`,
    path: `src/${name}`,
    description: `Module: ${name}`,
    language: "python",
    discovered_at: "2025-11-15T10:30:00.000Z",
    py_files: 5,
    source_files: 5,
    confidence: 0.95,
    investigation_id: `inv_${name}`,
    capabilities: ["process_audio", "extract features"],
    ...changes,
  };
}

export function recordOf(
  name: string,
  path: string,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    investigation_id: `inv_${name}`,
    signal_id: name,
    question_id: `discover.module.${name}`,
    question: `What does ${name} do?`,
    status: "completed",
    hypothesis: `UNDISCOVERED_MODULE_${name}`,
    confidence: 0.9,
    evidence: [`path:${path}`],
    module: {
      name,
      path,
      relative_path: `src/${name}`,
      import_path: `src.${name}`,
      language: "python",
      files: ["core.py"],
      py_files_count: 1,
      source_files_count: 1,
      has_init: false,
    },
    capabilities: [`${name}_run`],
    integration_points: [],
    ...changes,
  };
}

export function completionOf(name: string) {
  return {
    question_id: `discover.module.${name}`,
    investigation_timestamp: "20251115_103000",
    hypothesis: `UNDISCOVERED_MODULE_${name}`,
    confidence: 0.9,
    evidence_count: 1,
    investigation_id: `inv_${name}`,
    status: "completed" as const,
  };
}
