/** The supervisor's control socket: `$HOME/run/kloros-up.sock`, in the same language as the daemons' own. */
import { join } from "node:path";
import {
  answerer,
  type ControlEvent,
  type ControlEvents,
  ControlRequestError,
  type ControlServer,
  openControlServer,
} from "@kloros/daemon";
import { statusOf } from "../supervisor/status.ts";
import type { Supervisor } from "../supervisor/supervise.ts";
import { SUPERVISOR_NAME } from "./mesh-console.ts";
import type { ReloadedRoster } from "./roster-reload.ts";

export function supervisorSocket(home: string): string {
  return join(home, "run", "kloros-up.sock");
}

/** To be opened only while the lock of `kloros up` is held: a socket file that exists is then a dead one's. */
export async function openSupervisorControl(
  home: string,
  supervisor: Supervisor,
  reload: () => Promise<ReloadedRoster>,
): Promise<ControlServer> {
  return openControlServer(
    supervisorSocket(home),
    answerer(SUPERVISOR_NAME, () => ({ ...events(supervisor), "supervisor:reload": reloadEvent(reload) })),
  );
}

function reloadEvent(reload: () => Promise<ReloadedRoster>): ControlEvent {
  return {
    summary:
      "Reads the roster again: starts daemons that were registered, stops and forgets those that were removed.",
    parameters: { properties: {} },
    examples: [{}],
    answer: async () => {
      try {
        return await reload();
      } catch (cause) {
        throw new ControlRequestError(cause instanceof Error ? cause.message : String(cause));
      }
    },
  };
}

function events(supervisor: Supervisor): ControlEvents {
  const status = (): { daemons: unknown } => ({ daemons: statusOf(supervisor.state(), supervisor.now()) });
  const order = (kind: "start" | "stop" | "restart", summary: string): ControlEvent => ({
    summary,
    parameters: {
      properties: { daemon: { type: "string", description: "Name of the daemon." } },
      required: ["daemon"],
    },
    examples: [{ daemon: "intent_router" }],
    answer: ({ daemon }) => {
      const name = knownDaemon(supervisor, String(daemon));
      supervisor.order({ kind, name });
      return statusOf(supervisor.state(), supervisor.now()).find((daemon) => daemon.name === name);
    },
  });
  return {
    "supervisor:status": {
      summary: "State of each daemon.",
      parameters: { properties: {} },
      examples: [{}],
      answer: status,
    },
    "supervisor:start": order(
      "start",
      "Starts a daemon that is stopped or has failed; earlier failures are forgotten.",
    ),
    "supervisor:stop": order("stop", "Stops a daemon; it stays stopped until somebody starts it."),
    "supervisor:restart": order(
      "restart",
      "Stops a daemon and starts it again; earlier failures are forgotten.",
    ),
    "system:shutdown": {
      summary: "Stops all daemons in order, then the supervisor itself.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => {
        setImmediate(() => {
          supervisor.order({ kind: "stop-all" });
        });
        return { stopping: true };
      },
    },
  };
}

function knownDaemon(supervisor: Supervisor, name: string): string {
  const names = supervisor.state().children.map((child) => child.name);
  if (names.includes(name)) return name;
  throw new ControlRequestError(`daemon must be one of ${names.join(", ")} (got ${JSON.stringify(name)})`);
}
