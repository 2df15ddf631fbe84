import { KlorosError } from "@kloros/bus";

/**
 * What a test of a daemon waited for did not happen in time.
 * The message says what did happen: what was emitted, what became a dead letter, what was logged last.
 */
export class TestDeadlineError extends KlorosError {
  constructor(what: string, deadlineMs: number, account: string) {
    super("E_TEST_DEADLINE", `${what} did not happen within ${String(deadlineMs)} ms\n${account}`);
  }
}

/** A control event opened a stream, and nobody is there to read it: try it on a real socket. */
export class NoStreamsError extends KlorosError {
  constructor() {
    super("E_NO_STREAMS", "askParts has no client for a stream; run the daemon and ask its control socket");
  }
}
