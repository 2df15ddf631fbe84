/**
 * The door to systemd's journal, natively: a datagram of fields for each line, so that `journalctl SIGNAL=Q_DREAM_TRIGGER` and
 * `journalctl CORRELATION_ID=…` work. Lines leave in the order in which they are written. A line that the journal does not
 * take is given back, now or later, and goes to stdout: no line is lost for want of fields.
 */
import { existsSync, fstatSync } from "node:fs";
import type { DgramSocket } from "node-unix-socket";
import type { JournalFields } from "./journal-fields.ts";

const JOURNAL_SOCKET = "/run/systemd/journal/socket";
/** Datagrams that the journal has not taken; the socket's own queue has no end (P5). */
const MAX_PENDING = 1_000;
/** Larger datagrams are refused by the kernel (EMSGSIZE above about 200 KB). */
const MAX_DATAGRAM_BYTES = 150_000;
/** The last lines of a process that ends have this long to reach the journal, in milliseconds. */
const FLUSH_DEADLINE_MS = 200;
/** A socket that broke is opened again so long after, in milliseconds. */
const REOPEN_MS = 1_000;
const STDOUT = 1;
const NEWLINE = 0x0a;

export interface NativeJournal {
  /**
   * False: not taken, write it elsewhere. `onLost` is called when that shows only later.
   */
  write(fields: JournalFields, onLost?: () => void): boolean;
  /** Lines that are on their way. While there are none, what was written has arrived. */
  readonly pending: number;
  close(): Promise<void>;
}

/** The journal, when our stdout is connected to it; else null. */
export async function openJournal(
  environment: Readonly<Record<string, string | undefined>>,
  socketPath = JOURNAL_SOCKET,
): Promise<NativeJournal | null> {
  const { JOURNAL_STREAM } = environment;
  if (JOURNAL_STREAM === undefined || !isStdout(JOURNAL_STREAM) || !existsSync(socketPath)) return null;
  const { DgramSocket: Socket } = await import("node-unix-socket"); // Late: only under systemd.
  return new SocketJournal(() => new Socket(), socketPath);
}

class SocketJournal implements NativeJournal {
  readonly #open: () => DgramSocket;
  readonly #path: string;
  #socket: DgramSocket | null = null;
  #reopenAtMs = 0;
  #pending = 0;
  #onIdle: (() => void) | null = null;

  constructor(open: () => DgramSocket, path: string) {
    this.#open = open;
    this.#path = path;
  }

  get pending(): number {
    return this.#pending;
  }

  write(fields: JournalFields, onLost?: () => void): boolean {
    const datagram = encodeFields(fields);
    if (this.#pending >= MAX_PENDING || datagram.length > MAX_DATAGRAM_BYTES) return false;
    const socket = this.#connected();
    if (socket === null) return false;
    const line = { refused: false, isWaiting: false };
    this.#pending++;
    try {
      socket.sendTo(datagram, 0, datagram.length, this.#path, (error: unknown) => {
        this.#settle();
        if (error === undefined || error === null) return;
        if (line.isWaiting) onLost?.();
        else line.refused = true;
      });
    } catch {
      this.#settle();
      return false;
    }
    line.isWaiting = true; // Or it has arrived already: then nobody calls back again.
    return !line.refused;
  }

  /** The socket closes itself when it breaks; the journal may be back a moment later. */
  #connected(): DgramSocket | null {
    if (this.#socket === null && performance.now() >= this.#reopenAtMs) {
      this.#socket = this.#open();
      this.#socket.on("error", () => {
        this.#socket = null;
        this.#reopenAtMs = performance.now() + REOPEN_MS;
      });
    }
    return this.#socket;
  }

  #settle(): void {
    this.#pending--;
    if (this.#pending === 0) this.#onIdle?.();
  }

  async close(): Promise<void> {
    if (this.#pending > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        setTimeout(resolve, FLUSH_DEADLINE_MS).unref();
      });
    }
    this.#socket?.close();
    this.#socket = null;
    this.#reopenAtMs = Infinity;
  }
}

/** The journal's native form: `NAME=value`, or with the length in front where the value has line breaks. */
export function encodeFields(fields: JournalFields): Buffer {
  const parts = Object.entries(fields).flatMap(([name, text]) => {
    const value = Buffer.from(text);
    if (!value.includes(NEWLINE)) return [Buffer.from(`${name}=`), value, Buffer.from("\n")];
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(value.length));
    return [Buffer.from(`${name}\n`), length, value, Buffer.from("\n")];
  });
  return Buffer.concat(parts);
}

/** `JOURNAL_STREAM` is `<device>:<inode>` of the stream that systemd connected; a redirected stdout is another. */
function isStdout(stream: string): boolean {
  try {
    const { dev, ino } = fstatSync(STDOUT);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
