/**
 * Asks the node's own ledger socket, as a receptor would, and reads its own journal: what answers this serves others too.
 * At most one question is under way. Its connection is made with the first one and kept (P10: a beat proves progress).
 */
import type { Journal } from "../journal/journal.ts";
import { decodePong, encode } from "../protocol/wire.ts";
import type { ReceptorEnd, Transport } from "../transport/transport.ts";
import { ProbeFailedError } from "./errors.ts";

export interface SelfProbeOptions {
  readonly daemon: string;
  readonly journal: Pick<Journal, "check">;
  readonly transport: Transport;
}

/**
 * The deadline is waited for in so many parts, and the question is asked again with each: a connection that is being made
 * loses the first one, and time in which the event loop stood still counts as one part, however long it was.
 */
const PARTS = 10;

export class SelfProbe {
  readonly #options: SelfProbeOptions;
  #connection: ReceptorEnd | null = null;
  #running: Promise<void> | null = null;
  #asked = 0;
  #onAnswer: (() => void) | null = null;

  constructor(options: SelfProbeOptions) {
    this.#options = options;
  }

  /** Joins the question that is under way. @throws {ProbeFailedError} */
  run(deadlineMs: number): Promise<void> {
    this.#running ??= this.#run(deadlineMs).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(deadlineMs: number): Promise<void> {
    const { daemon, journal } = this.#options;
    try {
      journal.check();
    } catch (cause) {
      throw new ProbeFailedError(daemon, `its journal cannot be read (${String(cause)})`, { cause });
    }
    const frame = encode({ t: "ping", consumer: daemon, req: ++this.#asked });
    for (let part = 0; part < PARTS; part++) {
      this.#connection ??= this.#connect();
      this.#connection.request(frame);
      if (await this.#answered(deadlineMs / PARTS)) return;
    }
    await this.close(); // The next question is asked over a new connection.
    throw new ProbeFailedError(daemon, `its ledger socket gave no answer within ${String(deadlineMs)} ms`);
  }

  #connect(): ReceptorEnd {
    const { daemon, transport } = this.#options;
    return transport.connect(daemon, [], {
      onLive: () => undefined,
      onGarbage: () => undefined,
      onReply: ([frame]) => {
        // What is garbage, or answers an earlier question, is no answer.
        if (frame !== undefined && decodePong(frame)?.req === this.#asked) this.#onAnswer?.();
      },
    });
  }

  #answered(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, withinMs);
      this.#onAnswer = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }
}
