/** The shell: completions in; what is known, near-duplicates and re-investigation requests out. */
import { join } from "node:path";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import { AskingAgain } from "./asking-again.ts";
import type { Config } from "./config.ts";
import { Deduplicator } from "./deduplicator.ts";
import { Embedder } from "./embedder.ts";
import { EvidenceFile } from "./evidence/evidence-file.ts";
import { Knowledge } from "./knowledge.ts";
import { RecordFinder } from "./records/record-finder.ts";

/** A file of records to be searched and an embedder; more means that the disk is sick. */
const HANDLER_DEADLINE_MS = 120_000;
/** Suppressed questions named in the health; all are in the evidence file. */
const MAX_NAMED = 100;

/** Reads what is known, registers the handler; begins with the node. */
export async function semanticDedupConsumer(context: DaemonContext<Config>): Promise<DaemonParts> {
  const { node, config, home, log } = context;
  const knowledge = new Knowledge();
  const waiting = await knowledge.load(node.state);
  const file = new EvidenceFile({
    path: join(home, "semantic_evidence.json"),
    state: node.state,
    intervalMs: config.write_interval,
    onTrouble: (err) => {
      log.error({ err }, "Evidence file could not be written, trying again");
    },
  });
  const onChanged = () => {
    file.changed();
  };
  const embedder = new Embedder(context);
  const again = new AskingAgain(context, onChanged);
  const records = new RecordFinder(join(home, "curiosity_investigations.jsonl"));
  const deduplicator = new Deduplicator(context, { knowledge, records, embedder, again, onChanged });

  node.on("Q_INVESTIGATION_COMPLETE", (signal, tx) => deduplicator.onInvestigationComplete(signal, tx), {
    deadlineMs: HANDLER_DEADLINE_MS,
  });

  return {
    start: () => {
      file.start();
      for (const entry of waiting) again.decided(entry);
    },
    stop: async () => {
      again.stop();
      await file.stop();
    },
    statusLine: () =>
      `${knowledge.size} questions, ${knowledge.suppressed.length} suppressed, ${again.waiting} to be asked again`,
    health: () => ({
      ...deduplicator.counts,
      questions: knowledge.size,
      suppressed_count: knowledge.suppressed.length,
      suppressed: knowledge.suppressed.slice(0, MAX_NAMED),
      to_be_asked_again: again.waiting,
      asked_again: again.asked,
      evidence_writes: file.writes,
      embedder: embedder.health(),
    }),
  };
}
