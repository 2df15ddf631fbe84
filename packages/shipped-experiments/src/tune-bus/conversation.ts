/** What an evaluator and its two daemons' processes say to each other, and the child's side of it. */
import { ComplaintError } from "../run-experiment.ts";

export interface Question {
  readonly number: number;
  readonly question: string;
  readonly data: object;
}

export interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

// Each question has data of its own; who asks and who answers are read side by side.
type Answers = Record<string, (data: never) => unknown>;

/** What the parent passed when it started this process. */
export function optionsOf<T>(): T {
  return JSON.parse(process.argv[2] ?? "{}") as T;
}

/** Answers the parent's questions until it is gone, however it went. */
export function serve(answers: Answers, close: () => unknown): void {
  process.on("message", (message) => void reply(message as Question, answers));
  process.on("disconnect", () => void Promise.resolve(close()).finally(() => process.exit(0)));
}

/** A clock that all processes of this machine share, in nanoseconds. */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

/** The most memory that this process ever had resident, in bytes. */
export function peakMemoryBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function reply({ number, question, data }: Question, answers: Answers): Promise<void> {
  const send = (answer: Answer) => process.connected && process.send?.(answer);
  try {
    const answer = answers[question];
    if (!answer) throw new ComplaintError(`nobody answers ${question}`);
    send({ number, value: await answer(data as never) });
  } catch (error) {
    send({ number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
