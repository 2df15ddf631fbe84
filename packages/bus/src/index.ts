export type * from "./node/api.ts";
export type { Envelope, Facts, Priority, SignalName } from "./signal/envelope.ts";
export { PRIORITIES } from "./signal/envelope.ts";
export type { Contract, Contracts, DaemonInfo, Expectation, FactsProblem, SignalKind } from "./signal/contract.ts";
export { KlorosError } from "./signal/errors.ts";
