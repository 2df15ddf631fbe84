/**
 * From the command line to the exit code. What happens in between is in `daemon-life.ts`.
 *
 * L4 An error that nobody caught ends the process with 70 at once; what was acknowledged is on disk (P2, P6).
 */
import { writeSync } from "node:fs";
import { KlorosError } from "@kloros/bus";
import type { Logger } from "pino";
import type { DaemonOptions, DaemonSetup } from "../definition.ts";
import { createLog } from "../log/create-log.ts";
import { journalFields } from "../log/journal-fields.ts";
import { type NativeJournal, openJournal } from "../log/journal.ts";
import { openNotifier } from "../notify/notifier.ts";
import { commonSettings } from "../settings/common-settings.ts";
import { loadConfig, type LoadedConfig } from "../settings/load-config.ts";
import { ConfigError } from "../settings/problem.ts";
import { settingsHelp } from "../settings/settings-table.ts";
import { DaemonLife } from "./daemon-life.ts";
import { EXIT, exitCodeFor } from "./exit-codes.ts";
import { listenForStop } from "./stop-request.ts";

const STDOUT = 1;
const STDERR = 2;

/**
 * Runs the daemon `name` until it is asked to stop, then ends the process: 0 stopped as asked, 70 internal
 * error, 73 home not writable, 74 disk full or failing, 75 already running in this home, 78 configuration invalid,
 * 79 to be started again (under `kloros up`).
 * `setup` registers handlers on the node and returns the daemon's own parts.
 */
export async function runDaemon<S>(
  name: string,
  setup: DaemonSetup<S>,
  options: DaemonOptions<S>,
): Promise<void> {
  const supervised = process.env["KLOROS_SUPERVISED"] === "1";
  const [notifier, journal] = await Promise.all([openNotifier(process.env), openJournal(process.env)]);
  const loaded = await configure(name, options, journal);
  const log = createLog(name, loaded.common.log_level, journal);
  const fail = (error: unknown, message: string): never => {
    log.fatal({ event: "crash", err: error }, message);
    process.exit(exitCodeFor(error));
  };
  process.on("uncaughtException", (error) => fail(error, "Unexpected error, the daemon ends")); // L4; rejections come here too.
  const stop = listenForStop({
    supervised,
    onImpatience: (signal) => log.warn({ signal }, "Asked to stop a second time, ending at once"),
  });
  const supervisor = notifier.isSystemd ? "systemd" : supervised ? "kloros up" : null;
  const life = new DaemonLife({ name, loaded, log, notifier, journal, stop, supervisor, onFatal: fail });
  try {
    await life.start(setup);
  } catch (error) {
    await life.abandon();
    await notifyFailure(error);
    await failToStart({ name, log, journal }, error);
  }
  const reason = await stop.requested;
  const asked = stop.isRestart && supervised ? EXIT.restart : EXIT.ok;
  process.exit((await life.end(reason)) ? asked : EXIT.internal);

  async function notifyFailure(error: unknown): Promise<void> {
    notifier.send(`STATUS=cannot start: ${messageOf(error).split("\n")[0] ?? ""}`);
    await notifier.close();
  }
}

async function configure<S>(
  name: string,
  options: DaemonOptions<S>,
  journal: NativeJournal | null,
): Promise<LoadedConfig<S>> {
  const places = { argv: process.argv.slice(2), environment: process.env, cwd: process.cwd() };
  const result = await loadConfig(name, options.settings, places);
  switch (result.kind) {
    case "loaded":
      return result.loaded;
    case "help":
      writeSync(STDOUT, settingsHelp(name, options.settings, commonSettings));
      return process.exit(EXIT.ok);
    case "invalid":
      return refuse(name, journal, new ConfigError(result.problems));
  }
}

/** A person's mistake is told in words on stderr; a bug is logged with all that helps to find it. */
async function failToStart(
  { name, log, journal }: { name: string; log: Logger; journal: NativeJournal | null },
  error: unknown,
): Promise<never> {
  if (exitCodeFor(error) !== EXIT.internal) await refuse(name, journal, error);
  log.fatal({ event: "start_failed", err: error }, "Unexpected error while starting, the daemon ends");
  process.exit(EXIT.internal);
}

async function refuse(name: string, journal: NativeJournal | null, error: unknown): Promise<never> {
  const text = `${name} cannot start: ${messageOf(error)}`;
  const code = error instanceof KlorosError ? { code: error.code } : {};
  const record = { level: "error", event: "start_failed", exit_code: exitCodeFor(error), ...code };
  const fields = { ...journalFields(name, record), MESSAGE: text };
  try {
    if (journal?.write(fields) !== true || journal.pending > 0) writeSync(STDERR, `${text}\n`);
    await journal?.close();
  } finally {
    process.exit(exitCodeFor(error)); // Also when nobody reads stderr.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
