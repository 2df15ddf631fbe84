/** `signal:emit`: the outside world asks for a signal. */
import { type Node, PRIORITIES, type Priority, type SignalName } from "@kloros/bus";
import { didYouMean } from "../../settings/did-you-mean.ts";
import type { ControlEvents } from "../catalogue.ts";
import { ControlRequestError } from "../errors.ts";

interface EmitRequest {
  readonly signal: string;
  readonly facts: Record<string, unknown>;
  readonly id?: string;
  readonly priority?: Priority;
}

/** `node` throws while there is none. */
export function emitEvents(node: () => Node): ControlEvents {
  return {
    "signal:emit": {
      summary: "Emits a signal; answers with the durable receipt.",
      description:
        "Only signals whose contract has `ingress: true` and lists this daemon as emitter. The same `id` again answers with the first receipt and emits nothing.",
      parameters: {
        properties: {
          signal: { type: "string", description: "Name of the signal." },
          facts: { type: "object", default: {}, description: "What its contract asks for." },
          id: {
            type: "string",
            pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
            description: "UUID: idempotency key.",
          },
          priority: { enum: PRIORITIES, description: "Instead of the contract's." },
        },
        required: ["signal"],
      },
      examples: [{ signal: "Q_CURIOSITY_INVESTIGATE", facts: { question: "What does parser.py do?" } }],
      answer: (data) => emit(node(), data as unknown as EmitRequest),
    },
  };
}

function emit(node: Node, { signal, facts, id, priority }: EmitRequest): Promise<unknown> {
  const contract = node.contracts.get(signal);
  if (!contract) {
    const meant = didYouMean(signal, node.contracts.names);
    throw new ControlRequestError(
      `${signal} has no contract${meant === undefined ? "" : `: did you mean ${meant}?`}`,
    );
  }
  if (!contract.ingress)
    throw new ControlRequestError(
      `${signal} may not be asked for from outside (its contract has no ingress: true)`,
    );
  return node.emit(signal as SignalName, facts, {
    ...(id === undefined ? {} : { id }),
    ...(priority === undefined ? {} : { priority }),
  });
}
