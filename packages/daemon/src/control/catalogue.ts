/**
 * All events of one control socket: finds the one that is asked for, checks what it is given, and tells what there is
 * (`system:discover`, `system:help`), from the same definitions that are checked.
 */
import { didYouMean } from "../settings/did-you-mean.ts";
import { ControlRequestError } from "./errors.ts";
import type { ControlConnection, ControlEvent } from "./event.ts";
import { checkData } from "./parameters.ts";
import type { ControlRequest } from "./protocol.ts";

export type ControlEvents = Readonly<Record<string, ControlEvent>>;
/** As a daemon's author writes them. */
export type OwnEvents = Readonly<Record<string, ControlEvent | ((data: unknown) => unknown)>>;

/** Answers requests over `events`, to which `system:discover` and `system:help` are added. */
export function answerer(
  daemon: string,
  events: () => ControlEvents,
): (request: ControlRequest, connection: ControlConnection) => unknown {
  const all = (): ControlEvents => ({ ...events(), ...catalogueEvents(daemon, all) });
  return ({ event, data }, connection) => {
    const found = find(all(), event);
    return found.answer(checked(event, found, data), connection);
  };
}

/** @throws {ControlRequestError} */
function find(events: ControlEvents, event: string): ControlEvent {
  const found = Object.hasOwn(events, event) ? events[event] : undefined;
  if (found !== undefined) return found;
  const meant = didYouMean(event, Object.keys(events));
  const hint = meant === undefined ? "ask system:discover" : `did you mean ${meant}?`;
  throw new ControlRequestError(`${event} is unknown here: ${hint}`);
}

/** @throws {ControlRequestError} names every member that is wrong */
function checked(
  event: string,
  { parameters }: ControlEvent,
  data: unknown,
): Readonly<Record<string, unknown>> {
  if (parameters === undefined) return data as Readonly<Record<string, unknown>>;
  const result = checkData(parameters, data);
  if (result.kind === "valid") return result.data;
  throw new ControlRequestError(`${event}: ${result.problems.join("; ")}`);
}

/** `system:discover` and `system:help` over `events`, which includes them. */
export function catalogueEvents(daemon: string, events: () => ControlEvents): ControlEvents {
  return {
    "system:discover": {
      summary: "All events of this daemon, with what they take.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => ({
        daemon,
        events: Object.entries(events()).map(([name, event]) => listed(name, event)),
      }),
    },
    "system:help": {
      summary: "What one event does and takes, with examples; without `event`, all of them.",
      parameters: { properties: { event: { type: "string", description: "Name of an event." } } },
      examples: [{ event: "state:set" }, {}],
      answer: ({ event }) => {
        const known = events();
        if (event === undefined) return Object.entries(known).map(([name, of]) => explained(name, of));
        return explained(event as string, find(known, event as string));
      },
    },
  };
}

function listed(event: string, { summary, parameters }: ControlEvent): Record<string, unknown> {
  return { event, summary, parameters: parameters?.properties ?? {}, required: parameters?.required ?? [] };
}

/** One event for people; the requests can be sent as they stand. */
function explained(event: string, of: ControlEvent): Record<string, unknown> {
  return {
    ...listed(event, of),
    ...(of.description === undefined ? {} : { description: of.description }),
    examples: (of.examples ?? []).map((data) => ({ event, data })),
  };
}

/** The events that a daemon adds. A plain function is an event that checks its data itself. */
export function ownEvents(own: OwnEvents = {}): ControlEvents {
  const entries = Object.entries(own).map(([event, of]): [string, ControlEvent] => [
    event,
    typeof of === "function" ? { summary: "Own event of this daemon.", answer: (data) => of(data) } : of,
  ]);
  return Object.fromEntries(entries);
}
