/** `system:health` and `system:shutdown`. */
import type { ControlEvents } from "../catalogue.ts";
import type { ShutdownBarrier } from "../shutdown-barrier.ts";

export interface SystemEventsOptions {
  readonly daemon: string;
  readonly health: () => Record<string, unknown>;
  /** Begins the orderly stop. */
  readonly shutdown: () => void;
  readonly barrier: ShutdownBarrier;
}

export function systemEvents({ daemon, health, shutdown, barrier }: SystemEventsOptions): ControlEvents {
  return {
    "system:health": {
      summary: "State, progress and load of this daemon.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => health(),
    },
    "system:shutdown": {
      summary: "Stops this daemon as SIGTERM does: registered services, intake, handlers, sync, exit 0.",
      description:
        "Under systemd or `kloros up` the supervisor may start it again; `kloros stop` and `systemctl stop` are for good.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => {
        setImmediate(shutdown); // The answer leaves first.
        return { daemon, stopping: true, waiting_for: barrier.services() };
      },
    },
  };
}
