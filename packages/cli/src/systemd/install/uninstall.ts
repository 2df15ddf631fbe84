/** `kloros uninstall systemd`: removes what an installation consists of, and nobody's work unasked. */
import { spawnSync } from "node:child_process";
import { answerNo } from "../../program/errors.ts";
import { SERVICE_USER } from "../places.ts";
import { execute } from "./execute.ts";
import { textOf } from "./observe.ts";
import { keptBy, planUninstall } from "./plan-uninstall.ts";
import { prefixOf } from "./read-aim.ts";
import { parseRecord, recordPath } from "./record.ts";
import { requireSystemd } from "./require-systemd.ts";
import type { Step } from "./step.ts";

export interface UninstallOptions {
  readonly prefix?: string;
  readonly purge?: boolean;
  readonly dryRun?: boolean;
}

/** Resolves with the steps, done unless `dryRun`, and what stays. @throws {CommandError} 1 nothing is installed */
export async function uninstallSystemd(
  options: UninstallOptions,
  tell: (step: Step) => Promise<void>,
): Promise<{ steps: readonly Step[]; kept: readonly string[] }> {
  requireSystemd("uninstall systemd");
  const prefix = prefixOf(options);
  const record = parseRecord(textOf(recordPath(prefix)));
  if (record === null)
    throw answerNo(`nothing is installed in ${prefix}; another place is named with --prefix`);
  const purge = options.purge === true;
  const userExists = spawnSync("getent", ["passwd", SERVICE_USER]).status === 0;
  const steps = planUninstall(prefix, record, purge, userExists);
  if (options.dryRun === true) for (const step of steps) await tell(step);
  else await execute(steps, tell);
  return { steps, kept: keptBy(record, purge) };
}
