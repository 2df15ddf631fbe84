/** `kloros start|stop|restart <daemon>`: a person's word to the supervisor. */
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import { Command } from "commander";
import { answerNo, unreachable } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import type { SupervisedStatus } from "../supervisor/status.ts";
import { supervisorSocket } from "../up/supervisor-control.ts";

const ORDERS = {
  start: "Start a daemon that is stopped or has failed.",
  stop: "Stop a daemon; it stays stopped until it is started.",
  restart: "Stop a daemon and start it again; earlier failures are forgotten.",
} as const;

export function orderCommand(order: keyof typeof ORDERS): Command {
  const command = new Command(order)
    .description(ORDERS[order])
    .argument("<daemon>", "name, as kloros status shows it");
  return withCommonOptions(command).action(async (daemon: string, options: CommonOptions) => {
    const status = await giveOrder(existingHome(options), order, daemon);
    if (options.json === true) await printJson(status);
    else await printLine(`${status.name}: ${status.phase}`);
  });
}

async function giveOrder(home: string, order: string, daemon: string): Promise<SupervisedStatus> {
  try {
    return await askDaemon<SupervisedStatus>(supervisorSocket(home), `supervisor:${order}`, { daemon });
  } catch (cause) {
    if (cause instanceof EventError) throw answerNo(cause.message, { cause });
    if (!(cause instanceof DaemonUnreachableError)) throw cause;
    throw unreachable(`no kloros up runs on ${home}; a daemon run by systemd is ordered with systemctl`, {
      cause,
    });
  }
}
