/**
 * Asks for a signal from outside the mesh. What the contract forbids is said here already, whether or not a daemon
 * runs; the daemon checks again (P8).
 */
import { join } from "node:path";
import { type Contract, type Contracts, loadContracts, type Receipt } from "@kloros/bus";
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import { didYouMean } from "@kloros/daemon";
import { answerNo, type CommandError, unreachable } from "../program/errors.ts";
import { contractDirs } from "../program/contract-dirs.ts";

export interface EmitRequest {
  readonly signal: string;
  readonly facts: unknown;
  readonly id?: string;
  readonly priority?: string;
}

/** Longest wait for the receipt, in milliseconds; a daemon that is busy syncing answers within it. */
const RECEIPT_MS = 15_000;

/** Resolves when the signal is on disk. @throws {CommandError} 1: refused, with each field; 69: nobody emits it now */
export async function requestEmit(home: string, request: EmitRequest): Promise<Receipt> {
  const contracts = loadContracts({ extraDirs: await contractDirs(home) });
  const contract = contractFor(contracts, request.signal);
  const problems = contracts.problemsOut(contract.name, request.facts);
  if (problems.length > 0) {
    const lines = problems.map(
      ({ path, message }) => `  ${path === "" ? "the facts" : path.slice(1)}: ${message}`,
    );
    throw answerNo(`${contract.name}: these facts are not valid under its contract\n${lines.join("\n")}`);
  }
  return askEmitters(home, contracts.emittersOf(contract.name), request);
}

function contractFor(contracts: Contracts, signal: string): Contract {
  const contract = contracts.get(signal);
  const open = contracts.names.filter((name) => contracts.get(name)?.ingress === true);
  if (!contract) {
    const meant = didYouMean(signal, contracts.names);
    throw answerNo(`${signal} has no contract${meant === undefined ? "" : `; did you mean ${meant}?`}`);
  }
  if (contract.ingress) return contract;
  const emitters = contracts.emittersOf(signal).join(", ");
  throw answerNo(
    `${signal} cannot be asked for from outside: its contract has no ingress, only ${emitters} may emit it. ` +
      `Open to requests are: ${open.join(", ")}`,
  );
}

async function askEmitters(
  home: string,
  emitters: readonly string[],
  request: EmitRequest,
): Promise<Receipt> {
  for (const emitter of emitters) {
    try {
      const socket = join(home, "run", `${emitter}.sock`);
      return await askDaemon<Receipt>(socket, "signal:emit", request, { timeoutMs: RECEIPT_MS });
    } catch (cause) {
      if (cause instanceof EventError) throw refused(cause);
      if (!(cause instanceof DaemonUnreachableError)) throw cause;
    }
  }
  const who =
    emitters.length === 1
      ? `${String(emitters[0])}, its only emitter, does`
      : `none of its emitters (${emitters.join(", ")}) does`;
  throw unreachable(
    `${request.signal}: ${who} not answer on ${home}; start the mesh with: kloros up --home ${home}`,
  );
}

function refused(cause: EventError): CommandError {
  return answerNo(cause.message.replace(/^signal:emit: /u, ""), { cause });
}
