/** The frame of a shipped experiment's program: what it is given, what it answers, how it complains. */
import { readFileSync } from "node:fs";

export type GivenParams = Readonly<Record<string, number | string | boolean>>;

/** What an evaluator measured. */
export interface Measured {
  readonly fitness: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** What is wrong can be told in one line; it goes to standard error, and the program ends with 1. */
export class ComplaintError extends Error {}

const STDIN = 0;

/** The parameters that the mesh writes to standard input. */
export function paramsOfStdin(): GivenParams {
  return parseParams(readFileSync(STDIN, "utf8"), "standard input");
}

/** The parameters of a `params.json`. */
export function paramsOfFile(path: string): GivenParams {
  return parseParams(readFileSync(path, "utf8"), path);
}

/** Runs an evaluator: its answer is the last line of standard output. */
export async function evaluator(run: () => Measured | Promise<Measured>): Promise<void> {
  await program(async () => {
    process.stdout.write(`${JSON.stringify(await run())}\n`);
  });
}

/** Runs a program that says yes (exit 0) or no (exit 1, and why). */
export async function program(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    const text = error instanceof ComplaintError ? error.message : String((error as Error).stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}

function parseParams(text: string, place: string): GivenParams {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ComplaintError(`${place} holds no JSON: ${String(cause)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ComplaintError(`${place} must hold one JSON object of parameters`);
  return value as GivenParams;
}
