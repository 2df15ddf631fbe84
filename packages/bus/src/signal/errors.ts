import type { FactsProblem } from "./contract.ts";

/**
 * Every error the project throws on purpose, each with a stable `code`.
 * `docs/errors.md` mirrors this table and a test compares the two.
 */
export class KlorosError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One problem of a contract file. */
export interface ContractFileProblem {
  readonly file: string;
  /** JSON Pointer into the file, `""` for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/**
 * The facts of a signal are not valid under its contract; nothing was emitted.
 * Correct each fact that is named; the contract is `schemas/signals/<NAME>.schema.json`.
 */
export class ContractViolationError extends KlorosError {
  readonly signal: string;
  readonly problems: readonly FactsProblem[];

  constructor(signal: string, problems: readonly FactsProblem[], options?: ErrorOptions) {
    super("E_CONTRACT_VIOLATION", `${signal}: ${told(problems, "facts")}`, options);
    this.signal = signal;
    this.problems = problems;
  }
}

/**
 * No contract has the signal's name.
 * Check the spelling against `docs/signals.md`, or add a contract for your own signal.
 */
export class UnknownSignalError extends KlorosError {
  readonly signal: string;

  constructor(signal: string, message: string) {
    super("E_UNKNOWN_SIGNAL", message);
    this.signal = signal;
  }
}

/**
 * A daemon tried to emit a signal whose contract does not list it as an emitter.
 * Emit it from a listed daemon, or add this one to `emitters` in the contract.
 */
export class EmitRightError extends KlorosError {
  readonly daemon: string;
  readonly signal: string;

  constructor(daemon: string, signal: string, emitters: readonly string[]) {
    super(
      "E_EMIT_RIGHT",
      `${daemon} may not emit ${signal}; its contract allows ${emitters.join(", ") || "nobody"}`,
    );
    this.daemon = daemon;
    this.signal = signal;
  }
}

/**
 * An id that the journal holds already was given again with other content; the journalled signal stands.
 * Use a fresh id for a different signal; repeat an id only with the same signal and facts.
 */
export class IdReusedError extends KlorosError {
  readonly id: string;

  constructor(id: string, signal: string, journalledSignal: string) {
    const other = signal === journalledSignal ? "with other facts" : `as ${journalledSignal}`;
    super("E_ID_REUSED", `${signal}: id ${id} is journalled already, ${other}; use a fresh id`);
    this.id = id;
  }
}

/**
 * A signal is longer than the limit of wire and disk.
 * Put the bulk into a file and its path into the facts.
 */
export class SignalTooLargeError extends KlorosError {
  readonly signal: string;
  readonly bytes: number;
  readonly limitBytes: number;

  constructor(signal: string, bytes: number, limitBytes: number) {
    super(
      "E_SIGNAL_TOO_LARGE",
      `${signal}: ${bytes} bytes, at most ${limitBytes} are allowed; put the bulk into a file and its path into the facts`,
    );
    this.signal = signal;
    this.bytes = bytes;
    this.limitBytes = limitBytes;
  }
}

/**
 * Contract files cannot be used; every problem of every file is named.
 * Correct the files; their form is `schemas/contract.schema.json`.
 */
export class ContractFileError extends KlorosError {
  readonly problems: readonly ContractFileProblem[];

  constructor(problems: readonly ContractFileProblem[], options?: ErrorOptions) {
    super(
      "E_CONTRACT_FILE",
      problems.map((p) => `${p.file}: ${p.path}${p.path && " "}${p.message}`).join("\n"),
      options,
    );
    this.problems = problems;
  }
}

function told(problems: readonly FactsProblem[], whole: string): string {
  return problems
    .map((problem) => `${problem.path === "" ? whole : `${whole}${problem.path}`} ${problem.message}`)
    .join("; ");
}
