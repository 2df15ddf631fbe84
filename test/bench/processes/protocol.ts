/** What parent and child say to each other, and the child's side of it. */

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

/** Answers the parent's questions until it is gone; `close` runs before the end. */
export function serve(answers: Answers, close: () => unknown = () => undefined): void {
  process.on("message", (message) => void reply(message as Question, answers));
  process.on("disconnect", () => void Promise.resolve(close()).then(() => process.exit(0)));
  process.on("SIGINT", () => undefined); // The parent gets it too, and ends this process by leaving.
}

/** CPU time of this process and its threads so far, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** A clock that all processes of this machine share, in nanoseconds. */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}

async function reply({ number, question, data }: Question, answers: Answers): Promise<void> {
  try {
    const answer = answers[question];
    if (!answer) throw new Error(`nobody answers ${question}`);
    process.send?.({ number, value: await answer(data as never) } satisfies Answer);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ number, error: text } satisfies Answer);
  }
}
