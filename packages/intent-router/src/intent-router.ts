/** The daemon's shell: the spool and the sweeping of its folders, started and stopped with the node. */
import { createHash } from "node:crypto";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { sweepFolder } from "./spool/retention.ts";
import { Spool, type SpoolCounts } from "./spool/spool.ts";
import { spoolFolders, type SpoolFolders } from "./spool/spool-folders.ts";

/** Name of this daemon on the mesh. */
export const DAEMON = "intent_router";

/** Time between two sweepings of the folders, in milliseconds. */
const SWEEP_INTERVAL_MS = 3_600_000;

/** Routes the files in `intents/`; works on in maintenance, since what it emits waits durably for its consumers. */
export function intentRouter(context: DaemonContext<Config>): DaemonParts {
  const { node, config, home, log } = context;
  const folders = spoolFolders(home);
  const spool = new Spool({
    folders,
    node,
    rules: { daemon: DAEMON, contracts: node.contracts, sha256 },
    settings: {
      maxIntentBytes: config.max_intent_bytes,
      settleMs: config.settle,
      rescanMs: config.rescan_interval,
      duplicateWindowMs: config.duplicate_window,
      maxRemembered: config.remembered_contents,
    },
    log,
    now: Date.now,
    reached: () => undefined,
  });
  let sweeper: NodeJS.Timeout | undefined;
  return {
    start: async () => {
      await spool.start();
      sweeper = setInterval(() => void sweep(folders, context), SWEEP_INTERVAL_MS);
      void sweep(folders, context);
    },
    stop: async () => {
      clearInterval(sweeper);
      await spool.stop();
    },
    statusLine: () => statusLine(spool.counts()),
    health: () => ({ ...spool.counts() }),
  };
}

/** One line for people: what was done, what waits, what is wrong. */
export function statusLine(counts: SpoolCounts): string {
  const parts = [`${counts.routed} routed`, `${counts.duplicates} duplicate`, `${counts.rejected} rejected`];
  if (counts.waiting > 0) parts.push(`${counts.waiting} waiting`);
  if (counts.settling > 0) parts.push(`${counts.settling} being written`);
  if (counts.stuck > 0) parts.push(`${counts.stuck} cannot be moved`);
  if (counts.trouble !== "") parts.push(counts.trouble);
  return parts.join(", ");
}

async function sweep(folders: SpoolFolders, { config, log }: DaemonContext<Config>): Promise<void> {
  const sweeps = [
    [folders.rejected, { maxFiles: config.rejected_max_files, maxAgeMs: config.rejected_max_age }],
    [folders.duplicate, { maxFiles: config.duplicate_max_files, maxAgeMs: config.duplicate_max_age }],
  ] as const;
  for (const [folder, limits] of sweeps) {
    try {
      const removed = await sweepFolder(folder, limits, Date.now());
      if (removed > 0) log.info({ folder, removed }, "Old intent files removed");
    } catch (cause) {
      log.warn({ err: cause, folder }, "Old intent files cannot be removed");
    }
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
