/**
 * The shell: completions in, integrations and refusals out.
 *
 * P3 Cursor, memory and emission commit together; the registry and `__init__.py` know their investigation's id, so a
 *    completion that is handled again after a crash changes nothing and is announced once.
 * P6 Passing obstacles are retried within limits by the bus; then, like all others, they are a `Q_INTEGRATION_FAILED`.
 */
import { join } from "node:path";
import type { Envelope, HandlerTx } from "@kloros/bus";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { IntegrationPostponedError } from "./errors.ts";
import { integrate, type Workplace } from "./integrate.ts";
import { OutcomeMemory } from "./outcome-memory.ts";
import { InvestigationLog } from "./records/investigation-log.ts";
import { RegistryFile } from "./registry/registry-file.ts";

/** A walk through a large module, a lock and a settling editor together; more means that the disk is sick. */
const HANDLER_DEADLINE_MS = 60_000;
const LONGEST_RETRY_DELAY_MS = 30_000;

/** Registers the handler; begins with the node. */
export function capabilityIntegrator(context: DaemonContext<Config>): DaemonParts {
  const { node, config, home, workspace, log } = context;
  const records = new InvestigationLog(join(home, "curiosity_investigations.jsonl"));
  const registry = new RegistryFile({
    path: join(home, "capabilities.yaml"),
    lockPath: join(home, "run", "capabilities.lock"),
    holder: node.daemon,
    lockDeadlineMs: config.lock_deadline,
    timings: { settleMs: config.settle, settleLimitMs: config.settle_limit },
  });
  const workplace: Workplace = {
    workspace,
    log: records,
    registry,
    createsInit: config.create_init,
    now: () => new Date(),
  };
  const memory = new OutcomeMemory(config.remembered_outcomes);
  const counts = { integrated: 0, refused: 0, ignored: 0 };

  const onInvestigationComplete = async (signal: Envelope<"Q_INVESTIGATION_COMPLETE">, tx: HandlerTx) => {
    const outcome = await integrate(signal.facts, workplace);
    switch (outcome.kind) {
      case "ignore":
        counts.ignored++;
        log.info(
          { question_id: signal.facts.question_id, reason: outcome.reason },
          "Completion asks for no integration",
        );
        return;
      case "refuse":
        if (outcome.isPassing && tx.attempt < config.max_attempts) {
          throw new IntegrationPostponedError(outcome.error_type, outcome.error_message, {
            cause: outcome.cause,
          });
        }
        tx.emit("Q_INTEGRATION_FAILED", outcome.facts);
        counts.refused++;
        log.warn(outcome.facts, "Integration refused");
        return;
      case "integrated": {
        const { investigation_id: id } = outcome.facts;
        if (!outcome.isNew && memory.has(tx.state, id)) {
          log.info({ investigation_id: id }, "Integrated and announced before");
          return;
        }
        memory.add(tx, id, signal.timestamp);
        tx.emit("Q_MODULE_INTEGRATED", outcome.facts);
        counts.integrated++;
      }
    }
  };

  node.on("Q_INVESTIGATION_COMPLETE", onInvestigationComplete, {
    concurrency: config.concurrency,
    deadlineMs: HANDLER_DEADLINE_MS,
    retry: {
      maxAttempts: config.max_attempts,
      baseDelayMs: config.retry_delay,
      maxDelayMs: LONGEST_RETRY_DELAY_MS,
    },
  });

  return {
    statusLine: () => `integrated ${counts.integrated}, refused ${counts.refused}`,
    health: () => ({
      ...counts,
      registry_writes: registry.writes,
      skipped_record_lines: records.skippedLines,
    }),
  };
}
