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
        type: "object",
        properties: { reason: { type: "string", description: "Why; it is logged.", examples: ["stuck"] } },
      },
      examples: [{ data: {}, answer: { daemon, restarting: true, supervisor: "systemd" } }],
      answer: (data) => {
        if (supervisor === null)
          throw new ControlRequestError(
            `${daemon} was started by hand, nobody would start it again: use system:shutdown and start it yourself`,
          );
        const { reason } = (data ?? {}) as { readonly reason?: unknown };
        const why =
          typeof reason === "string" && reason !== "" ? `system:restart: ${reason}` : "system:restart";
        setImmediate(() => restart(why)); // The answer leaves first.
        return { daemon, restarting: true, supervisor };
      },
    },
  };
}
