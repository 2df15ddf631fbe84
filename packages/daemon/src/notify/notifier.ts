/**
 * Tells whoever supervises this process how it is: `READY=1`, `STATUS=…`, `WATCHDOG=1`, `STOPPING=1`.
 * To systemd by datagram (`NOTIFY_SOCKET`), to `kloros up` by lines in a pipe (`KLOROS_NOTIFY_FD`), to both,
 * or to nobody. Never blocks the event loop, never fails the daemon, never queues without bound (P5).
 */
import { fstatSync, write } from "node:fs";

/** Messages that a channel has not taken yet; more are dropped, a later beat tells more. */
const MAX_PENDING = 16;
/** The supervisor's end of the pipe is asked for this much patience when the process ends, in milliseconds. */
const FLUSH_DEADLINE_MS = 200;

export interface Notifier {
  /** Milliseconds between watchdog beats that somebody waits for; null: nobody does. */
  readonly watchdogIntervalMs: number | null;
  /** Silence after which whoever listens ends this process, in milliseconds; null: nobody does. */
  readonly watchdogLimitMs: number | null;
  /** systemd may be asked for more time. */
  readonly isSystemd: boolean;
  /** One or more `KEY=value` states. */
  send(...states: string[]): void;
  /** Waits shortly for what was sent, and lets go of the event loop. */
  close(): Promise<void>;
}

interface Channel {
  send(text: string, done: () => void): void;
  close(): void;
}

type Environment = Record<string, string | undefined>;

/** `kloros up` wants a beat each second, and ends who is silent for ten. */
const PIPE_WATCHDOG_MS = 1_000;
const PIPE_LIMIT_MS = 10_000;
/** systemd asks for beats at half its limit; more often than this would only cost. */
const LONGEST_WATCHDOG_MS = 5_000;

/**
 * Opens the channels that the environment names, and removes the names, so that child processes do not speak
 * for this one.
 */
export async function openNotifier(environment: Environment): Promise<Notifier> {
  const { NOTIFY_SOCKET: socketPath, KLOROS_NOTIFY_FD: fdText } = environment;
  const limitMs = systemdLimitMs(environment);
  for (const name of ["NOTIFY_SOCKET", "KLOROS_NOTIFY_FD", "WATCHDOG_USEC", "WATCHDOG_PID"])
    delete environment[name];
  const channels: Channel[] = [];
  if (socketPath?.startsWith("/") === true) channels.push(await datagramChannel(socketPath));
  const pipe = fdText === undefined ? undefined : pipeChannel(Number(fdText));
  if (pipe) channels.push(pipe);
  const beats = [
    ...(pipe ? [{ watchdogIntervalMs: PIPE_WATCHDOG_MS, watchdogLimitMs: PIPE_LIMIT_MS }] : []),
    ...(limitMs === undefined
      ? []
      : [{ watchdogIntervalMs: Math.min(limitMs / 2, LONGEST_WATCHDOG_MS), watchdogLimitMs: limitMs }]),
  ];
  const [first] = beats.sort((a, b) => a.watchdogLimitMs - b.watchdogLimitMs);
  const nobody = { watchdogIntervalMs: null, watchdogLimitMs: null };
  return notifierOver(channels, { ...(first ?? nobody), isSystemd: socketPath !== undefined });
}

function notifierOver(
  channels: readonly Channel[],
  listeners: Pick<Notifier, "watchdogIntervalMs" | "watchdogLimitMs" | "isSystemd">,
): Notifier {
  const pending = new Map(channels.map((channel) => [channel, 0]));
  const total = () => [...pending.values()].reduce((sum, count) => sum + count, 0);
  let onIdle: (() => void) | undefined;
  return {
    ...listeners,
    send(...states) {
      const text = states.map((state) => `${state.replaceAll("\n", " ")}\n`).join("");
      for (const [channel, count] of pending) {
        if (count >= MAX_PENDING) continue;
        pending.set(channel, count + 1);
        channel.send(text, () => {
          pending.set(channel, (pending.get(channel) ?? 1) - 1);
          if (total() === 0) onIdle?.();
        });
      }
    },
    async close() {
      if (total() > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
          setTimeout(resolve, FLUSH_DEADLINE_MS).unref();
        });
      }
      for (const channel of channels) channel.close();
    },
  };
}

/** systemd's limit is for this process only when WATCHDOG_PID says so. */
function systemdLimitMs({ NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | undefined {
  const limitMs = Number(WATCHDOG_USEC) / 1000;
  if (NOTIFY_SOCKET === undefined || !(limitMs > 0)) return undefined;
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined;
  return limitMs;
}

async function datagramChannel(path: string): Promise<Channel> {
  const { DgramSocket } = await import("node-unix-socket"); // Late: only under systemd.
  const socket = new DgramSocket();
  socket.on("error", () => undefined); // systemd gone or restarting: the next beat tries again.
  return {
    send(text, done) {
      const bytes = Buffer.from(text);
      try {
        socket.sendTo(bytes, 0, bytes.length, path, done);
      } catch {
        done();
      }
    },
    close: () => socket.close(),
  };
}

/** One write at a time: a supervisor that stopped reading may occupy one thread of the pool, not all. */
function pipeChannel(fd: number): Channel | undefined {
  try {
    fstatSync(fd);
  } catch {
    return undefined; // Not given to us after all.
  }
  const waiting: { text: string; done: () => void }[] = [];
  let writing = false;
  const next = () => {
    const message = waiting.shift();
    writing = message !== undefined;
    if (message) {
      write(fd, message.text, () => {
        message.done(); // A broken pipe: nobody listens, nothing to do.
        next();
      });
    }
  };
  return {
    send(text, done) {
      waiting.push({ text, done });
      if (!writing) next();
    },
    close: () => undefined, // The descriptor is the supervisor's; it ends with the process.
  };
}
