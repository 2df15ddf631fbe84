/**
 * Under systemd the lines about signals go to the journal natively, with fields of their own, so that
 * `journalctl SIGNAL=Q_DREAM_TRIGGER` and `journalctl CORRELATION_ID=…` work. All other lines, and all lines
 * elsewhere, go to stdout. What the journal cannot take goes to stdout too: no line is lost for want of fields.
 */
import { existsSync, fstatSync } from "node:fs";

const JOURNAL_SOCKET = "/run/systemd/journal/socket";
/** Datagrams that the journal has not taken; the socket's own queue has no end (P5). */
const MAX_PENDING = 1_000;
/** Larger datagrams are refused by the kernel (EMSGSIZE above about 200 KB). */
const MAX_DATAGRAM_BYTES = 150_000;
/** The last lines of a process that ends have this long to reach the journal, in milliseconds. */
const FLUSH_DEADLINE_MS = 200;
const STDOUT = 1;
const NEWLINE = 0x0a;

export interface NativeJournal {
  /** False: not taken, write it elsewhere. */
  write(fields: Readonly<Record<string, string>>): boolean;
  close(): Promise<void>;
}

/** The journal, when our stdout is connected to it; else null. */
export async function openJournal(
  environment: Readonly<Record<string, string | undefined>>,
  socketPath = JOURNAL_SOCKET,
): Promise<NativeJournal | null> {
  const { JOURNAL_STREAM } = environment;
  if (JOURNAL_STREAM === undefined || !isStdout(JOURNAL_STREAM) || !existsSync(socketPath)) return null;
  const { DgramSocket } = await import("node-unix-socket"); // Late: only under systemd.
  const socket = new DgramSocket();
  socket.on("error", () => undefined); // The journal restarts: lines go to stdout until it is back.
  let pending = 0;
  let onIdle: (() => void) | undefined;
  return {
    write(fields) {
      const datagram = encodeFields(fields);
      if (pending >= MAX_PENDING || datagram.length > MAX_DATAGRAM_BYTES) return false;
      try {
        pending++;
        socket.sendTo(datagram, 0, datagram.length, socketPath, () => {
          pending--;
          if (pending === 0) onIdle?.();
        });
        return true;
      } catch {
        pending--;
        return false;
      }
    },
    async close() {
      if (pending > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
          setTimeout(resolve, FLUSH_DEADLINE_MS).unref();
        });
      }
      socket.close();
    },
  };
}

/** The journal's native form: `NAME=value`, or with the length in front where the value has line breaks. */
export function encodeFields(fields: Readonly<Record<string, string>>): Buffer {
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
