/** `system:restart`: an orderly end after which the supervisor starts the daemon again. No privilege is needed for it. */
import type { ControlEvents } from "../control/catalogue.ts";
import { ControlRequestError } from "../control/errors.ts";

/** Who starts this process again when it ends: known from the channels it was started with. */
export type Supervisor = "systemd" | "kloros up" | null;

/** The event of `daemon`; refused when nobody would start it again. */
export function restartEvent(
  daemon: string,
  supervisor: Supervisor,
  restart: (reason: string) => void,
): ControlEvents {
  return {
    "system:restart": {
      summary: "Ends this daemon in order, as system:shutdown does, so that its supervisor starts it again.",
      parameters: {
        properties: { reason: { type: "string", maxLength: 200, description: "Why; it is logged." } },
      },
      examples: [{ reason: "stuck" }, {}],
      answer: ({ reason }) => {
        if (supervisor === null)
          throw new ControlRequestError(
            `${daemon} was started by hand, nobody would start it again: use system:shutdown and start it yourself`,
          );
        const why =
          typeof reason === "string" && reason !== "" ? `system:restart: ${reason}` : "system:restart";
        setImmediate(() => restart(why)); // The answer leaves first.
        return { daemon, restarting: true, supervisor };
      },
    },
  };
}
