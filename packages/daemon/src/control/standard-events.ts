/** The control-socket events that every daemon answers, and the catalogue that lets clients find them. */
import { KlorosError, type Node, type Priority, PRIORITIES } from "@kloros/bus";
import type { Logger } from "pino";
import { LOG_LEVELS } from "../settings/common-settings.ts";
import { didYouMean } from "../settings/did-you-mean.ts";
import type { ControlRequest } from "./protocol.ts";

/** A request that cannot be answered as it stands; the message is the answer. */
export class ControlRequestError extends KlorosError {
  constructor(message: string) {
    super("E_CONTROL_REQUEST", message);
  }
}

export interface ControlEvent {
  readonly summary: string;
  /** Member of `data` → what it is. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly answer: (data: unknown) => unknown;
}

export interface StandardEventsOptions {
  readonly daemon: string;
  readonly log: Logger;
  readonly health: () => Record<string, unknown>;
  /** null while the node is not open yet. */
  readonly node: () => Node | null;
  readonly shutdown: () => void;
}

/** The events by name. */
export function standardEvents(options: StandardEventsOptions): Record<string, ControlEvent> {
  const { daemon, log } = options;
  return {
    "system:health": {
      summary: "State, progress and load of this daemon.",
      parameters: {},
      answer: () => options.health(),
    },
    "system:shutdown": {
      summary: "Stops this daemon as SIGTERM does: intake, handlers, sync, exit 0.",
      parameters: {},
      answer: () => {
        setImmediate(() => options.shutdown()); // The answer leaves first.
        return { daemon, stopping: true };
      },
    },
    "signal:emit": {
      summary:
        "Emits a signal whose contract has ingress: true and lists this daemon as emitter; answers with the durable receipt.",
      parameters: {
        signal: "name",
        facts: "object",
        id: "UUID (optional): idempotency key",
        priority: `optional: ${PRIORITIES.join(", ")}`,
      },
      answer: async (data) => emitFor(options, data),
    },
    "log:level": {
      summary: "Reads the log level, or sets it until the next start.",
      parameters: { level: `optional: ${LOG_LEVELS.join(", ")}` },
      answer: (data) => {
        const previous = log.level;
        const { level } = members(data);
        if (level === undefined) return { level: previous };
        const known = LOG_LEVELS.find((name) => name === level);
        if (!known) throw new ControlRequestError(`level must be one of ${LOG_LEVELS.join(", ")}`);
        log.level = known;
        return { level: log.level, previous };
      },
    },
  };
}

/** Adds `system:discover` and `system:help` over all events, and finds the one that is asked for. */
export function answerer(
  daemon: string,
  events: () => Readonly<Record<string, ControlEvent>>,
): (request: ControlRequest) => unknown {
  const described = () =>
    Object.entries(withCatalogue()).map(([event, { summary, parameters }]) => ({
      event,
      summary,
      parameters,
    }));
  const withCatalogue = (): Readonly<Record<string, ControlEvent>> => ({
    ...events(),
    "system:discover": {
      summary: "All events of this daemon.",
      parameters: {},
      answer: () => ({ daemon, events: described() }),
    },
    "system:help": {
      summary: "What one event does and takes; without `event`, all of them.",
      parameters: { event: "name (optional)" },
      answer: (data) => {
        const { event } = members(data);
        if (event === undefined) return described();
        if (typeof event !== "string") throw new ControlRequestError("event must be a name");
        return described().find((known) => known.event === event) ?? unknownEvent(event);
      },
    },
  });
  const unknownEvent = (event: string): never => {
    const known = Object.keys(withCatalogue());
    const meant = didYouMean(event, known);
    throw new ControlRequestError(
      `${event} is unknown here: ${meant === undefined ? "ask system:discover" : `did you mean ${meant}?`}`,
    );
  };
  return ({ event, data }) => {
    const all = withCatalogue();
    const found = Object.hasOwn(all, event) ? all[event] : undefined;
    return found ? found.answer(data) : unknownEvent(event);
  };
}

async function emitFor({ daemon, node }: StandardEventsOptions, data: unknown): Promise<unknown> {
  const { signal, facts, id, priority } = members(data);
  const open = node();
  if (!open) throw new ControlRequestError(`${daemon} is still starting; try again`);
  if (typeof signal !== "string") throw new ControlRequestError("signal must be the name of a signal");
  const contract = open.contracts.get(signal);
  if (!contract) {
    const meant = didYouMean(signal, open.contracts.names);
    throw new ControlRequestError(
      `${signal} has no contract${meant === undefined ? "" : `: did you mean ${meant}?`}`,
    );
  }
  if (!contract.ingress)
    throw new ControlRequestError(
      `${signal} may not be asked for from outside (its contract has no ingress: true)`,
    );
  if (id !== undefined && typeof id !== "string") throw new ControlRequestError("id must be a UUID");
  if (priority !== undefined && !isPriority(priority))
    throw new ControlRequestError(`priority must be one of ${PRIORITIES.join(", ")}`);
  return open.emit(signal as `Q_${string}`, (facts ?? {}) as Record<string, unknown>, {
    ...(id === undefined ? {} : { id }),
    ...(priority === undefined ? {} : { priority }),
  });
}

function isPriority(value: unknown): value is Priority {
  return PRIORITIES.some((priority) => priority === value);
}

function members(data: unknown): Record<string, unknown> {
  if (data === undefined || data === null) return {};
  if (typeof data !== "object" || Array.isArray(data))
    throw new ControlRequestError("data must be an object");
  return data as Record<string, unknown>;
}
