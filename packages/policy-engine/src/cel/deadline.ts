/**
 * Stops an expression that runs long. `vm` interrupts whatever JavaScript runs below it when the time is over, regular
 * expressions included, so neither nested loops over facts nor a `matches()` can hold the daemon.
 */
import { createContext, Script } from "node:vm";

/** An expression was stopped. */
export class EvaluationTooLongError extends Error {
  constructor(deadlineMs: number) {
    super(`it ran longer than ${deadlineMs} ms and was stopped`);
    this.name = "EvaluationTooLongError";
  }
}

/** Runs `work` for at most a time. @throws {EvaluationTooLongError}, and what `work` throws */
export type Deadline = <T>(work: () => T) => T;

const sandbox: { work: () => void } = { work: () => undefined };
const context = createContext(sandbox);
const script = new Script("work()");

/** Below this share of the time on a processor it was the machine that was busy, not the expression. */
const BUSY_SHARE = 0.5;
const TRIES = 3;

/** @param deadlineMs for one expression, in milliseconds */
export function evaluationDeadline(deadlineMs: number): Deadline {
  const once = <T>(work: () => T): { value: T } | { tookCpuMs: number } => {
    let value!: T;
    sandbox.work = () => {
      value = work();
    };
    const before = process.cpuUsage();
    try {
      script.runInContext(context, { timeout: deadlineMs });
      return { value };
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
      const { user, system } = process.cpuUsage(before);
      return { tookCpuMs: (user + system) / 1_000 };
    } finally {
      sandbox.work = () => undefined;
    }
  };
  return (work) => {
    for (let attempt = 1; ; attempt++) {
      const result = once(work);
      if ("value" in result) return result.value;
      if (result.tookCpuMs >= BUSY_SHARE * deadlineMs || attempt === TRIES)
        throw new EvaluationTooLongError(deadlineMs);
    }
  };
}
