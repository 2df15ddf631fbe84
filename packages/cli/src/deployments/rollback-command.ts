/** `kloros deployments rollback`: an operator's word to the winner deployer, which alone changes what is in place. */
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import { Command } from "commander";
import { answerNo, unreachable } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { deployerSocket, standingOf } from "./collect.ts";
import { pickVersion } from "./pick-version.ts";

/** A switch takes milliseconds; a full disk may be waited for. */
const ANSWER_MS = 60_000;

interface RollbackOptions extends CommonOptions {
  readonly to?: string;
  readonly reason?: string;
}

interface Reverted {
  readonly experiment: string;
  readonly version_id: string | null;
  readonly reverted_version_id: string;
}

export function rollbackCommand(): Command {
  const command = new Command("rollback")
    .description("Put an earlier version in place: the one before, or another that is kept.")
    .argument("<experiment>", "name of the experiment")
    .option("--to <version>", "id or an unambiguous part of it (default: the version before)")
    .option("--reason <words>", "why, for the history and for those who read the signal");
  return withCommonOptions(command)
    .action(async (experiment: string, options: RollbackOptions) => {
      const home = existingHome(options);
      const standing = await standingOf(home, experiment);
      const to = options.to === undefined ? undefined : pickVersion(standing, options.to, answerNo);
      const reverted = await ask(home, { experiment, to, reason: options.reason });
      if (options.json === true) return printJson(reverted);
      const { version_id, reverted_version_id } = reverted;
      return printLine(
        version_id === null
          ? `${experiment}: nothing is in place any more, as before ${reverted_version_id}`
          : `${experiment}: ${version_id} is in place again, instead of ${reverted_version_id}`,
      );
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros deployments rollback compress_corpus --reason "slower on large files"
  kloros deployments rollback compress_corpus --to 0a1b2c3d

What was taken back is not deployed again by itself. Exit codes: 0 done · 1 refused · 69 the deployer does not answer.`,
    );
}

async function ask(home: string, wish: Readonly<Record<string, unknown>>): Promise<Reverted> {
  try {
    return await askDaemon<Reverted>(deployerSocket(home), "deployments:rollback", wish, {
      timeoutMs: ANSWER_MS,
    });
  } catch (cause) {
    if (cause instanceof EventError)
      throw answerNo(cause.message.replace(/^deployments:rollback: /u, ""), { cause });
    if (!(cause instanceof DaemonUnreachableError)) throw cause;
    throw unreachable(
      `the winner deployer does not answer on ${home}; start the mesh (kloros up --home ${home}), or where that runs the daemon alone (kloros start winner_deployer_daemon --home ${home}; with systemd: systemctl start kloros-winner-deployer)`,
      { cause },
    );
  }
}
