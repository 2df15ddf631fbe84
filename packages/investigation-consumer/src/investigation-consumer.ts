/**
 * The shell: questions in, records and completions out.
 *
 * P3 The record is on disk before the completion is committed. A question that is handled again after a crash finds
 *    its record by the signal's id and only the completion is emitted.
 * P10 On a stop a running analysis has the drain's time; what is not ready then is abandoned and done again later.
 * A question that is asked again (`retry_of`) is not investigated again: the completion of its record is emitted once more,
 * caused by the retry, so that who waits for it is answered. A re-investigation is an investigation of its own.
 * P6 Whatever is wrong with a module is a completion with `status: failed`; a disk that refuses the record is retried
 *    by the bus and then a dead letter.
 */
import { join } from "node:path";
import type { HandlerTx } from "@kloros/bus";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import { AnalysisPool } from "./analysis/analysis-pool.ts";
import { fitDetail } from "./analysis/fit-detail.ts";
import type { AnalysisLimits } from "./analysis/limits.ts";
import type { Config } from "./config.ts";
import { type Asking, askedModule, completionOf, investigationId, recordOf, rootId } from "./decide.ts";
import { EarlyAnswers } from "./early-answers.ts";
import type { InvestigationRecord } from "./record.ts";
import { RecordLog, type RecordsPosition } from "./records/record-log.ts";

/** The contract allows ten minutes from question to completion; the rest is for the way. */
const HANDLER_DEADLINE_MS = 570_000;
/** Questions at work besides those that are analysed: they wait for the disk while the next are analysed. */
const QUESTIONS_BESIDE_ANALYSES = 3;
/** Where the durable state keeps `RecordsPosition`. */
const POSITION_KEY = "records_position";

/** Reads back what is not committed yet, registers the handler; begins with the node. */
export async function investigationConsumer(context: DaemonContext<Config>): Promise<DaemonParts> {
  const { node, config, home, workspace, log } = context;
  const pool = new AnalysisPool({
    workers: config.workers,
    deadlineMs: config.analysis_deadline,
    idleMs: config.worker_idle,
    memoryBytes: config.worker_memory,
  });
  const records = await RecordLog.open(
    join(home, "curiosity_investigations.jsonl"),
    node.state.get<RecordsPosition>(POSITION_KEY),
    { maxBytes: config.records_max_bytes, kept: config.records_kept },
  );
  const answers = new EarlyAnswers();
  const limits = limitsOf(config);
  const counts = { completed: 0, failed: 0, recovered: 0 };

  const investigated = async (signal: Asking, tx: HandlerTx): Promise<InvestigationRecord> => {
    const known = (await records.find(investigationId(signal))) ?? (await recordedBefore(signal, tx));
    if (known) {
      counts.recovered++;
      return known;
    }
    const startedAt = new Date();
    const outcome = await pool.run({ workspace, ...askedModule(signal.facts), limits }, tx.abortSignal);
    const whole = recordOf(signal, outcome, startedAt, new Date());
    const { value: record, line } = fitDetail(whole, config.max_record_bytes);
    await records.append(record.investigation_id, line);
    return record;
  };

  /** What a retry asks for may have been answered meanwhile, and what is asked first may have been answered to a retry. */
  const recordedBefore = async (signal: Asking, tx: HandlerTx): Promise<InvestigationRecord | undefined> => {
    const isRetry = rootId(signal) !== signal.id;
    if (!isRetry && !answers.wasAnswered(tx, signal.id)) return undefined;
    const record = await records.findCommitted(investigationId(signal), tx.abortSignal);
    if (isRetry && !record) answers.answer(tx, rootId(signal));
    return record;
  };

  const onQuestion = async (signal: Asking, tx: HandlerTx) => {
    const record = await investigated(signal, tx);
    const id = record.investigation_id;
    tx.state.put(POSITION_KEY, records.positionAfter(id));
    tx.emit("Q_INVESTIGATION_COMPLETE", completionOf(record));
    tx.afterCommit(() => {
      records.settle(id);
      counts[record.status]++;
    });
    const facts = { question_id: record.question_id, investigation_id: id, duration_ms: record.duration_ms };
    if (record.error) log.warn({ ...facts, ...record.error }, "Investigation failed");
    else
      log.info(
        { ...facts, hypothesis: record.hypothesis, confidence: record.confidence },
        "Investigation completed",
      );
  };

  const options = {
    concurrency: config.workers + QUESTIONS_BESIDE_ANALYSES,
    deadlineMs: HANDLER_DEADLINE_MS,
  };
  node.on("Q_CURIOSITY_INVESTIGATE", onQuestion, options);
  node.on("Q_REINVESTIGATION_REQUESTED", onQuestion, options);

  return {
    statusLine: () => `completed ${counts.completed}, failed ${counts.failed}, at work ${pool.load}`,
    health: () => ({
      ...counts,
      analyses: pool.load,
      analysis_processes: pool.processes,
      record_rotations: records.rotations,
    }),
  };
}

function limitsOf(config: Config): AnalysisLimits {
  return {
    maxFileBytes: config.max_file_bytes,
    maxModuleFiles: config.max_module_files,
    maxWorkspaceFiles: config.max_workspace_files,
    maxCapabilities: config.max_capabilities,
    maxIntegrationPoints: config.max_integration_points,
    maxOutcomeBytes: config.max_record_bytes,
    workspaceMaxAgeMs: config.workspace_max_age,
  };
}
