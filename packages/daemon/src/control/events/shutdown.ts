/** `shutdown:register` and `shutdown:acknowledge`: programs that must put something in order before this daemon stops. */
import type { ControlEvents } from "../catalogue.ts";
import type { ShutdownBarrier } from "../shutdown-barrier.ts";

const SERVICE = {
  type: "string",
  pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$",
  description: "Name of the program that registers.",
} as const;
/** Time that a service is given when it asks for none, in seconds. */
const DEFAULT_WITHIN_S = 5;
const MAX_WITHIN_S = 600;

export function shutdownEvents(barrier: ShutdownBarrier): ControlEvents {
  return {
    "shutdown:register": {
      summary:
        "Asks to be told before this daemon stops, and to be waited for: a `shutdown:begin` line, then `shutdown:acknowledge`.",
      description:
        "The wait ends with the acknowledgement, after `within_s`, or after half of `drain_deadline`, whichever is first; the other half is for running handlers, so the stop always ends in time. Who closes its connection is not waited for. The same name again takes the place of the registration before.",
      parameters: {
        properties: {
          service: SERVICE,
          within_s: {
            type: "number",
            minimum: 0.1,
            maximum: MAX_WITHIN_S,
            default: DEFAULT_WITHIN_S,
            description: "Longest time that the service needs, in seconds.",
          },
        },
        required: ["service"],
      },
      examples: [{ service: "backup", within_s: 3 }],
      answer: ({ service, within_s }, connection) => {
        const stream = barrier.register(String(service), Number(within_s) * 1000, connection);
        return { subscription: stream.id, service, within_s };
      },
    },
    "shutdown:acknowledge": {
      summary: "A registered service is done: the daemon need not wait for it any longer.",
      parameters: { properties: { service: SERVICE }, required: ["service"] },
      examples: [{ service: "backup" }],
      answer: ({ service }) => ({
        service,
        acknowledged: true,
        waiting_for: barrier.acknowledge(String(service)),
      }),
    },
  };
}
