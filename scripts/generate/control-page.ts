/**
 * The events of docs/control-socket.md, between its markers: from the definitions that a daemon checks its requests with, so
 * that the page, `system:help` and the checks cannot drift apart.
 */
import { readFileSync } from "node:fs";
import { catalogueEvents, type ControlEvents } from "../../packages/daemon/src/control/catalogue.ts";
import type { ControlEvent } from "../../packages/daemon/src/control/event.ts";
import { EventLog } from "../../packages/daemon/src/control/event-log.ts";
import type { ParameterSchema } from "../../packages/daemon/src/control/parameters.ts";
import { ShutdownBarrier } from "../../packages/daemon/src/control/shutdown-barrier.ts";
import { SignalFeed } from "../../packages/daemon/src/control/signal-feed.ts";
import { standardEvents } from "../../packages/daemon/src/control/standard-events.ts";
import { openStore } from "../../packages/daemon/src/control/store/store.ts";
import { restartEvent } from "../../packages/daemon/src/lifecycle/restart-event.ts";
import { createLog } from "../../packages/daemon/src/log/create-log.ts";
import { metricsEvents } from "../../packages/daemon/src/metrics/metrics-events.ts";
import { ROOT } from "./root.ts";
import { withTable } from "./settings-tables.ts";

const FILE = `${ROOT}docs/control-socket.md`;
const NAME = "intent_router";

export function controlPage(): { readonly file: string; readonly text: string } {
  const sections = Object.entries(events()).map(([name, event]) => section(name, event));
  return { file: FILE, text: withTable(readFileSync(FILE, "utf8"), "events", sections.join("\n\n")) };
}

/** What a daemon answers, without a daemon: none of it is asked. */
function events(): ControlEvents {
  const nobody = (): never => {
    throw new Error("only the words of the events are needed here");
  };
  const options = {
    daemon: NAME,
    home: "",
    log: createLog(NAME, "silent"),
    health: nobody,
    node: nobody,
    shutdown: nobody,
  };
  const parts = {
    feed: new SignalFeed(),
    events: new EventLog(Date.now),
    barrier: new ShutdownBarrier(),
    store: openStore(nobody),
  };
  const own = {
    ...standardEvents(options, parts),
    ...metricsEvents({ text: nobody }),
    ...restartEvent(NAME, "systemd", nobody),
  };
  const all: ControlEvents = { ...own, ...catalogueEvents(NAME, () => own) };
  return Object.fromEntries(
    Object.entries(all).sort(([a], [b]) => (group(a) === group(b) ? 0 : group(a) < group(b) ? -1 : 1)),
  );
}

const group = (event: string): string => event.split(":")[0] ?? "";

function section(name: string, event: ControlEvent): string {
  const rows = Object.entries(event.parameters?.properties ?? {}).map(([member, schema]) =>
    row(member, schema, event.parameters?.required?.includes(member) === true),
  );
  const table = rows.length === 0 ? [] : ["", "| member | value | meaning |", "| --- | --- | --- |", ...rows];
  const examples = (event.examples ?? []).map((data) => JSON.stringify({ event: name, data }));
  return [
    `### \`${name}\``,
    "",
    event.summary,
    ...(event.description === undefined ? [] : ["", event.description]),
    ...table,
    "",
    "```json",
    ...examples,
    "```",
  ].join("\n");
}

function row(member: string, schema: ParameterSchema, isRequired: boolean): string {
  const name = isRequired ? `**\`${member}\`**` : `\`${member}\``;
  const fallback = schema.default === undefined ? "" : `; default \`${JSON.stringify(schema.default)}\``;
  return `| ${name} | ${kindOf(schema)}${fallback} | ${schema.description ?? ""} |`.replaceAll(
    /(?<=\S)\|(?=\S)/g,
    "\\|",
  );
}

function kindOf(schema: ParameterSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`;
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["any"]);
  const bounds = [
    schema.minimum === undefined ? [] : [`at least ${schema.minimum}`],
    schema.maximum === undefined ? [] : [`at most ${schema.maximum}`],
  ].flat();
  return [types.join(" or "), ...bounds].join(", ");
}
