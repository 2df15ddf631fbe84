/** One investigation as it stands in `curiosity_investigations.jsonl`: one line, always these fields in this order. */
import type {
  AnalysisNote,
  Detail,
  InvestigationFailure,
  IntegrationPoint,
  ModuleFinding,
} from "./analysis/findings.ts";

export interface InvestigationRecord {
  /** `inv_` and the id of the signal that asked first: handling it again, or a retry of it, gives the same id. */
  readonly investigation_id: string;
  readonly signal_id: string;
  readonly question_id: string;
  readonly question: string;
  /** What the asker gave as evidence, so that the question can be asked again. */
  readonly asked_evidence: readonly string[];
  readonly status: "completed" | "failed";
  /** `UNDISCOVERED_MODULE_<name>` or `INVESTIGATION_FAILED` */
  readonly hypothesis: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly evidence: readonly string[];
  readonly module: ModuleFinding | null;
  readonly capabilities: readonly string[];
  readonly capabilities_count: number;
  readonly integration_points: readonly IntegrationPoint[];
  readonly integration_points_count: number;
  readonly notes: readonly AnalysisNote[];
  readonly detail: Detail;
  /** RFC 3339, UTC. */
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_ms: number;
  readonly error?: InvestigationFailure;
}
