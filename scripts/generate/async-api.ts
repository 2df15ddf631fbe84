/** `docs/asyncapi.json`: the catalogue as an AsyncAPI 3 document, for tools. */
import { readFileSync } from "node:fs";
import type { Contract, DaemonInfo } from "../../packages/bus/src/signal/contract.ts";
import { watchersByName } from "../../packages/bus/src/signal/watchers.ts";
import type { Catalogue } from "./catalogue.ts";
import { ROOT } from "./root.ts";

/** The document as a value. */
export function asyncApi({ contracts, daemons }: Catalogue): unknown {
  const { version, description } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as Record<
    string,
    string
  >;
  const watching = watchersByName(contracts);
  return {
    asyncapi: "3.0.0",
    info: { title: "KLoROS signal mesh", version, description },
    defaultContentType: "application/json",
    servers: Object.fromEntries(daemons.map((daemon) => [daemon.name, server(daemon)])),
    channels: Object.fromEntries(contracts.map((contract) => [contract.name, channel(contract, daemons)])),
    operations: Object.fromEntries(
      contracts.flatMap((contract) =>
        operations(contract, watching.get(contract.name) ?? new Set(), daemons),
      ),
    ),
    components: {
      messages: Object.fromEntries(contracts.map((contract) => [contract.name, message(contract)])),
      schemas: { Envelope: envelope() },
    },
  };
}

function server(daemon: DaemonInfo): unknown {
  return {
    host: `127.0.0.1:${daemon.port}`,
    protocol: "zeromq",
    title: `PUB socket of ${daemon.name}`,
    description: `${daemon.description} By default an ipc socket below the home's run/ is used instead.`,
  };
}

function channel({ name, title, description, emitters }: Contract, daemons: readonly DaemonInfo[]): unknown {
  return {
    address: name,
    title,
    description,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    servers: expanded(emitters, daemons).map((daemon) => ({ $ref: `#/servers/${daemon}` })),
  };
}

/** Who sends and who receives, each as one operation with the daemon as its tag; who only watches has the tag `watchdog`, too. */
function operations(
  { name, emitters, consumers }: Contract,
  watchers: ReadonlySet<string>,
  daemons: readonly DaemonInfo[],
): [string, unknown][] {
  const operation = (action: "send" | "receive", daemon: string, more: string[] = []): [string, unknown] => [
    `${daemon}.${action}.${name}`,
    {
      action,
      channel: { $ref: `#/channels/${name}` },
      tags: [daemon, ...more].map((tag) => ({ name: tag })),
    },
  ];
  const receivers = expanded(consumers, daemons);
  return [
    ...expanded(emitters, daemons).map((daemon) => operation("send", daemon)),
    ...receivers.map((daemon) => operation("receive", daemon)),
    ...[...watchers]
      .filter((daemon) => !receivers.includes(daemon))
      .map((daemon) => operation("receive", daemon, ["watchdog"])),
  ];
}

function message({ name, title, description, schema, ...contract }: Contract): unknown {
  const { $id: _id, $schema: _dialect, examples, ...facts } = schema;
  const { version, kind, priority, ordering_key, expects, retention_days, ingress, hash } = contract;
  return {
    name,
    title,
    summary: description,
    contentType: "application/json",
    correlationId: { location: "$message.payload#/correlation_id" },
    payload: {
      allOf: [
        { $ref: "#/components/schemas/Envelope" },
        { type: "object", properties: { signal: { const: name }, facts } },
      ],
    },
    "x-signal": { version, kind, priority, ordering_key, expects, retention_days, ingress, hash },
    "x-facts-examples": examples,
  };
}

function envelope(): unknown {
  const uuid = { type: "string", format: "uuid" };
  const position = { type: "integer", minimum: 0 };
  const properties = {
    signal: { type: "string", pattern: "^Q_[A-Z0-9]+(?:_[A-Z0-9]+)+$", description: "Name of the signal." },
    id: { ...uuid, description: "UUIDv7; the idempotency key." },
    timestamp: {
      type: "string",
      format: "date-time",
      description: "When it was emitted, UTC with milliseconds.",
    },
    source: { type: "string", description: "Daemon that emitted it." },
    facts: { type: "object", description: "What the contract describes." },
    version: { type: "integer", minimum: 1, description: "Version of the contract." },
    priority: {
      type: "string",
      enum: ["critical", "high", "normal", "low"],
      description: "Higher ones may overtake.",
    },
    correlation_id: { ...uuid, description: "Id of the first signal of the story." },
    causation_id: {
      type: ["string", "null"],
      format: "uuid",
      description: "Id of the signal that caused this one.",
    },
    traceparent: { type: "string", description: "W3C Trace Context." },
    epoch: { type: "string", description: "Identity of the emitter's journal." },
    seq: { ...position, description: "Position in the emitter's journal; 0 when volatile." },
    prev: {
      ...position,
      description: "Position of the emitter's previous signal of this name; 0 when there is none.",
    },
  };
  return { type: "object", properties, required: Object.keys(properties) };
}

function expanded(list: readonly string[], daemons: readonly DaemonInfo[]): readonly string[] {
  return list.includes("*") ? daemons.map((daemon) => daemon.name) : list;
}
