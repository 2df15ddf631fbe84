/** A small mesh of its own: `left` tells `right` (and `far`), `right` answers, everybody may alarm `warden`. */
import { createContracts } from "../../src/signal/contract-set.ts";
import type { Contract, Contracts } from "../../src/signal/contract.ts";

const DAEMONS = ["left", "right", "far", "warden"];

const FACTS = {
  type: "object",
  properties: {
    n: { type: "integer", description: "Which one." },
    key: { type: "string", description: "What it is about." },
    pad: { type: "string", description: "Ballast." },
  },
  required: ["n"],
  additionalProperties: false,
  examples: [{ n: 1 }],
};

const ALERT_FACTS = {
  type: "object",
  properties: { alert_type: { type: "string", description: "What is wrong." } },
  required: ["alert_type"],
  examples: [{ alert_type: "x" }],
};

/** `changes` of the mesh's contracts are for tests in which two daemons disagree. */
export function meshContracts(changes: Record<string, Partial<Contract>> = {}): Contracts {
  return createContracts(...meshContractParts(changes));
}

/** What they are created from: plain data, for processes of their own. */
export function meshContractParts(
  changes: Record<string, Partial<Contract>> = {},
): Parameters<typeof createContracts> {
  const contracts = [
    contract({ name: "Q_TEST_PING", consumers: ["right", "far"] }),
    contract({ name: "Q_TEST_KEYED", ordering_key: "/key" }),
    contract({ name: "Q_TEST_PONG", emitters: ["right", "far"], consumers: ["left"] }),
    contract({ name: "Q_TEST_BRIEF", retention_days: 1 }),
    contract({ name: "Q_TEST_TICK", kind: "telemetry", retention_days: 0 }),
    contract({ name: "Q_HEALTH_ALERT", emitters: ["*"], consumers: ["warden"], schema: ALERT_FACTS }),
  ];
  return [
    contracts.map((one) => ({ ...one, ...changes[one.name] })),
    DAEMONS.map((name, n) => ({ name, package: name, port: 7000 + n, description: name })),
    {},
  ];
}

function contract(own: Partial<Contract> & { readonly name: string }): Contract {
  return {
    title: "A signal",
    description: "Something happened.",
    version: 1,
    kind: "advisory",
    priority: "normal",
    emitters: ["left"],
    consumers: ["right"],
    ordering_key: null,
    expects: null,
    guard: null,
    retention_days: 30,
    ingress: false,
    hash: "0123456789abcdef",
    schema: FACTS,
    ...own,
  };
}
