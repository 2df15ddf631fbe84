/** What `system:discover` and `system:help` tell, as text. Pure. */
import { didYouMean } from "@kloros/daemon";
import type { Paint } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";

/** A member of an event's data, as JSON Schema. */
interface Member {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

/** One event as a daemon describes it. */
export interface EventWords {
  readonly event: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, Member | string>>;
  readonly required?: readonly string[];
  readonly examples?: readonly { readonly data?: unknown }[];
}

/** Which daemon knows which events. */
export interface KnownEvents {
  readonly daemon: string;
  readonly events: readonly EventWords[];
}

/** One line for each event; with several daemons also whose it is. */
export function drawEvents(known: readonly KnownEvents[], paint: Paint): string[] {
  const rows = new Map<string, { summary: string; daemons: string[] }>();
  for (const { daemon, events } of known)
    for (const { event, summary } of events) {
      const row = rows.get(event) ?? { summary, daemons: [] };
      row.daemons.push(daemon);
      rows.set(event, row);
    }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const one = known.length === 1;
  return drawTable(
    one ? ["EVENT", "WHAT IT DOES"] : ["EVENT", "DAEMONS", "WHAT IT DOES"],
    sorted.map(([event, { summary, daemons }]) => {
      const whose = daemons.length === known.length ? "all" : daemons.join(", ");
      return one ? [event, summary] : [event, whose, summary];
    }),
    paint,
  );
}

/** What one event does and takes, with examples that can be typed as they stand. */
export function explainEvent(daemon: string, words: EventWords, paint: Paint): string[] {
  const { event, summary, description, parameters = {}, required = [], examples = [] } = words;
  const members = Object.entries(parameters).map(([name, member]) => memberRow(name, member, required));
  return [
    `${event}: ${summary}`,
    ...(description === undefined ? [] : ["", description]),
    "",
    ...(members.length === 0
      ? ["It takes no data."]
      : drawTable(["MEMBER", "TYPE", "", "WHAT IT IS"], members, paint)),
    ...(examples.length === 0 ? [] : ["", "Examples:"]),
    ...examples.map(({ data }) => `  kloros ask ${daemon} ${event} '${JSON.stringify(data ?? {})}'`),
  ];
}

function memberRow(name: string, member: Member | string, required: readonly string[]): string[] {
  if (typeof member === "string") return [name, "", "", member];
  const type = member.enum?.map(String).join("|") ?? typeOf(member);
  const need = required.includes(name)
    ? "required"
    : member.default === undefined
      ? ""
      : `default ${JSON.stringify(member.default)}`;
  return [name, type, need, member.description ?? ""];
}

function typeOf({ type }: Member): string {
  if (Array.isArray(type)) return type.join("|");
  return typeof type === "string" ? type : "any";
}

/** What to say to a name that nobody has. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known);
  return `there is no ${kind} called ${name}${meant === undefined ? `; there are ${known.join(", ") || "none"}` : `: did you mean ${meant}?`}`;
}
