/** The gate that facts pass on their way out: known signal, valid facts, encodable, not too deep, not too large (P8). */
import type { Contracts } from "./contract.ts";
import { unknownSignal } from "./contract-set.ts";
import { MAX_JSON_DEPTH, MAX_SIGNAL_BYTES } from "./envelope-fields.ts";
import { ContractViolationError, SignalTooLargeError, UnknownSignalError } from "./errors.ts";
import { isDeeperThan } from "./json-depth.ts";

/** Room for the envelope around the facts, in bytes: twice what the longest legal fields need. */
const ENVELOPE_BYTES = 2048;

/**
 * The facts as JSON text, checked strictly. `maxBytes` bounds the whole signal.
 * @throws {UnknownSignalError}, {ContractViolationError}, {SignalTooLargeError}
 */
export function encodeFacts(
  contracts: Contracts,
  signal: string,
  facts: unknown,
  maxBytes: number = MAX_SIGNAL_BYTES,
): string {
  const problems = contracts.problemsOut(signal, facts);
  if (problems.length > 0) {
    if (contracts.get(signal) === undefined)
      throw new UnknownSignalError(signal, unknownSignal(signal, contracts.names));
    throw new ContractViolationError(signal, problems);
  }
  const text = encoded(signal, facts);
  const limitBytes = maxBytes - ENVELOPE_BYTES;
  if (text.length * 3 > limitBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > limitBytes) throw new SignalTooLargeError(signal, bytes + ENVELOPE_BYTES, maxBytes);
  }
  // The envelope's own braces are the level above the facts.
  if (isDeeperThan(text, MAX_JSON_DEPTH - 1)) {
    throw new ContractViolationError(signal, [
      { path: "", message: `nest deeper than ${MAX_JSON_DEPTH - 1} levels` },
    ]);
  }
  return text;
}

function encoded(signal: string, facts: unknown): string {
  try {
    return JSON.stringify(facts);
  } catch (cause) {
    const message = `cannot be written as JSON: ${(cause as Error).message}`;
    throw new ContractViolationError(signal, [{ path: "", message }], { cause });
  }
}
