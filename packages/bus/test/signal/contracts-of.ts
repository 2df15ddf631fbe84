import { createContracts } from "../../src/signal/contract-set.ts";
import type { Contract, Contracts } from "../../src/signal/contract.ts";

export type ContractChanges = Partial<Contract> & { readonly name: string };

/** A small mesh: daemons `a` and `b`; each contract goes from `a` to `b` unless it says otherwise. */
export function contractsOf(...contracts: readonly ContractChanges[]): Contracts {
  const daemons = ["a", "b"].map((name, n) => ({ name, package: name, port: 7000 + n, description: name }));
  return createContracts(contracts.map(contractOf), daemons, {});
}

function contractOf(changes: ContractChanges): Contract {
  return {
    title: "A signal",
    description: "Something happened.",
    version: 1,
    kind: "advisory",
    priority: "normal",
    emitters: ["a"],
    consumers: ["b"],
    ordering_key: null,
    expects: null,
    guard: null,
    retention_days: 30,
    ingress: false,
    hash: "0123456789abcdef",
    schema: {
      type: "object",
      properties: { key: { type: "string", description: "A key." } },
      required: ["key"],
      additionalProperties: false,
      examples: [{ key: "x" }],
    },
    ...changes,
  };
}
