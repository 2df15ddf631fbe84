/**
 * One client of the control socket. Requests run concurrently and are answered as they finish; a bad line is answered with
 * an error. A client that sends too much at once or reads too slowly is made to wait, never waited for; one that leaves a
 * line unfinished is shown the door (P5, P10).
 *
 * K1  Nothing is read while something read is not looked at, and nothing is begun while answers wait to be read.
 * K2  What a client causes is done in its turns (`work-turns.ts`): lines are parsed there, answers and streams written.
 * K3  What it holds is told to the budget, which may take it away.
 * K4  A client that has closed its side still gets all its answers.
 */
import type { Socket } from "node:net";
import { type ByteBudget, type Holder, MAX_HELD_BYTES } from "./byte-budget.ts";
import type { ControlConnection } from "./event.ts";
import { ControlRequestError } from "./errors.ts";
import { LineDeadline } from "./line-deadline.ts";
import { LineReader } from "./line-reader.ts";
import {
  type ControlRequest,
  errorReply,
  MAX_REQUEST_BYTES,
  parseRequest,
  replyLine,
  resultReply,
} from "./protocol.ts";
import { isPromise, withinDeadline } from "./request-deadline.ts";
import type { RequestGate } from "./request-gate.ts";
import { Asker, type StreamCount, StreamTable } from "./stream-table.ts";
import type { Skimmed, SkimQueue } from "./skim-queue.ts";
import type { Worker, WorkTurns } from "./work-turns.ts";

/** Answers that a client has not read, in characters; a client further behind is disconnected. */
export const MAX_UNREAD_CHARACTERS = 8 * 1024 * 1024;
/** A line must be finished this soon after it began, in milliseconds; time in which nobody reads does not count. */
export const LINE_DEADLINE_MS = 10_000;
/**
 * A client that has closed its side and still follows a stream may be gone altogether; only a write tells. It is sent a
 * blank line this often, in milliseconds.
 */
const PULSE_MS = 5_000;
/** What is buffered for a client that is disconnected has this long to leave, in milliseconds. */
const FAREWELL_MS = 500;
/** What reading costs before a turn begins, in milliseconds: the system call, the buffer and its collection. */
const READ_MS = 0.04;
/** Written at once, in characters: what a socket takes without waiting. */
const WRITE_CHARACTERS = 64 * 1024;
const NOBODY = { event: "", correlation_id: null };

/** What answers a request: the result, or a promise of it; thrown errors are answers too. */
export type Answer = (request: ControlRequest, connection: ControlConnection) => unknown;

/** What all clients of one socket share. */
export interface ConnectionParts {
  readonly answer: Answer;
  readonly turns: WorkTurns;
  readonly gate: RequestGate;
  readonly budget: ByteBudget;
  readonly skims: SkimQueue;
  readonly streams: StreamCount;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

export class Connection implements Worker, Holder, Skimmed {
  readonly #id: number;
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #reader = new LineReader();
  readonly #streams: StreamTable;
  readonly #lineDeadline: LineDeadline;
  /** Read and not begun yet. */
  #line: string | null = null;
  readonly #outgoing: string[] = [];
  #outgoingCharacters = 0;
  #pending = 0;
  #isEnded = false;
  #pulse: NodeJS.Timeout | undefined;
  lastActiveAt: number;

  constructor(id: number, socket: Socket, parts: ConnectionParts) {
    this.#id = id;
    this.#socket = socket;
    this.#parts = parts;
    this.lastActiveAt = parts.now();
    this.#streams = new StreamTable(parts.streams, parts.now, () => parts.turns.add(this));
    this.#lineDeadline = new LineDeadline(LINE_DEADLINE_MS, () => {
      this.#refuse(`the line was not finished within ${LINE_DEADLINE_MS} ms`);
      this.end();
    });
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onEnd());
    socket.on("drain", () => parts.turns.add(this));
    socket.on("error", () => socket.destroy()); // The client is gone; its errors are not ours.
    socket.on("close", () => this.#onClose());
  }

  /** Nothing runs for this client; it may be disconnected when places are rare. */
  get isIdle(): boolean {
    return this.#pending === 0 && this.#streams.size === 0;
  }

  #onData(chunk: Buffer): void {
    this.#socket.pause(); // K1
    this.#lineDeadline.stop();
    this.lastActiveAt = this.#parts.now();
    this.#reader.feed(chunk);
    this.#parts.turns.charge(READ_MS);
    this.#parts.turns.add(this);
  }

  #onEnd(): void {
    this.#isEnded = true; // K4
    this.#lineDeadline.stop();
    if (this.#reader.inLine) this.#reader.feed(Buffer.from("\n")); // The last line of `echo -n`.
    this.#parts.turns.add(this);
  }

  #onClose(): void {
    this.#lineDeadline.stop();
    clearInterval(this.#pulse);
    this.#streams.closeAll();
    this.#parts.gate.forget(this);
    this.#parts.turns.remove(this);
    this.#parts.skims.remove(this);
    this.#parts.budget.set(this, 0);
  }

  /** K2 */
  step(): boolean {
    if (this.#socket.destroyed || this.#socket.writableEnded) return false; // Begins nothing that it could not answer.
    const worked = !this.#socket.writableNeedDrain && (this.#write() || this.#begin());
    if (!worked) this.#rest();
    this.#account();
    return worked;
  }

  #write(): boolean {
    let text = "";
    if (this.#outgoing.length > 0) {
      let count = 0;
      while (count < this.#outgoing.length && text.length < WRITE_CHARACTERS)
        text += this.#outgoing[count++]!;
      this.#outgoing.splice(0, count);
      this.#outgoingCharacters -= text.length;
    }
    if (text.length < WRITE_CHARACTERS) text += this.#streams.take(WRITE_CHARACTERS - text.length);
    if (text !== "") this.#socket.write(text);
    return text !== "";
  }

  /** Begins the next request, or looks at one more piece of what was read. */
  #begin(): boolean {
    if (this.#line === null) {
      if (this.#reader.isEmpty) return false;
      const line = this.#reader.next();
      if (line === null) return true;
      this.#lineDeadline.reset();
      if (line.kind === "too-long") this.#refuse(`the line is longer than ${MAX_REQUEST_BYTES} bytes`);
      else this.#line = line.text;
      return true;
    }
    const line = this.#line;
    if (!this.#parts.gate.enter(this, this.#pending, line.length)) return false;
    this.#line = null;
    this.#pending++;
    this.#run(line);
    return true;
  }

  #run(line: string): void {
    const parsed = parseRequest(line);
    if (parsed.kind === "bad") {
      this.#done(
        line.length,
        replyLine(errorReply(parsed, new ControlRequestError(parsed.error), this.#parts.now())),
      );
      return;
    }
    const { request } = parsed;
    const asker = new Asker(this.#id, request.correlation_id, this.#streams);
    const answered = (data: unknown) => {
      this.#done(line.length, replyLine(resultReply(request, data, this.#parts.now())));
      asker.onAnswered("answered");
    };
    const failed = (cause: unknown) => {
      this.#done(line.length, replyLine(errorReply(request, cause, this.#parts.now())));
      asker.onAnswered("failed");
    };
    try {
      const result = this.#parts.answer(request, asker);
      if (isPromise(result)) withinDeadline(result).then(answered, failed);
      else answered(result);
    } catch (cause) {
      failed(cause);
    }
  }

  #done(bytes: number, text: string): void {
    this.#parts.gate.leave(this, this.#pending--, bytes);
    this.#send(text);
  }

  #refuse(error: string): void {
    this.#send(replyLine(errorReply(NOBODY, new ControlRequestError(error), this.#parts.now())));
  }

  #send(text: string): void {
    if (this.#socket.destroyed) return;
    this.#outgoing.push(text);
    this.#outgoingCharacters += text.length;
    if (this.#unread > MAX_UNREAD_CHARACTERS) this.#socket.destroy();
    else this.#parts.turns.add(this);
  }

  get #unread(): number {
    return this.#outgoingCharacters + this.#socket.writableLength;
  }

  /** Nothing can be done for now: reads on, or ends when all is said. */
  #rest(): void {
    if (this.#line !== null || !this.#reader.isEmpty || this.#socket.writableNeedDrain) return;
    if (!this.#isEnded) {
      if (this.#reader.isSkipping) this.#parts.skims.add(this);
      else this.readOn();
    } else if (this.isIdle && this.#outgoing.length === 0) {
      this.#socket.end(); // However long it takes to read the last answers.
    } else if (this.#streams.size > 0 && this.#pulse === undefined) {
      this.#pulse = setInterval(() => this.#send("\n"), PULSE_MS).unref();
      this.#send("\n");
    }
  }

  readOn(): void {
    if (this.#reader.inLine) this.#lineDeadline.start();
    this.#socket.resume();
  }

  /** K3 */
  #account(): void {
    if (this.#socket.destroyed) return;
    const line = this.#reader.lineBytes + (this.#line?.length ?? 0);
    this.#parts.budget.set(this, line + this.#unread + this.#streams.characters);
  }

  shed(): void {
    if (this.#reader.lineBytes <= this.#unread + this.#streams.characters) {
      this.#socket.destroy();
      return;
    }
    this.#reader.skipLine();
    this.#refuse(
      `the line is dropped: all connections together hold more than ${MAX_HELD_BYTES} bytes; send it again later`,
    );
  }

  /** Sends what is there to be sent, then `farewell`, and closes. What was not begun is not begun any more. */
  end(farewell = ""): void {
    if (!this.#socket.writableEnded) {
      let text = this.#outgoing.splice(0).join("");
      for (let more = "-"; more !== ""; text += more) more = this.#streams.take(Infinity);
      this.#socket.end(text + farewell);
    }
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref();
  }
}
