/**
 * A stream of lines from one daemon or several, as an async iterable. It goes on after a lost connection, and says that
 * something was missed: nothing is left out silently (P4), and nothing piles up (P5).
 */
import type { KlorosError } from "@kloros/bus/error";
import type { DaemonLink } from "../link/daemon-link.ts";
import type { LinkStream } from "../link/link-streams.ts";
import { isRecord } from "../answers/results.ts";
import { DEFAULT_BUFFER_ITEMS, ItemBuffer } from "./item-buffer.ts";

/** Something is missing here. */
export interface Missed {
  readonly kind: "missed";
  readonly daemon: string;
  /** The connection was lost, or the daemon restarted: how much is missing nobody knows. */
  readonly gap: boolean;
  /** Lines that were dropped because they were read too slowly; null after a gap. */
  readonly dropped: number | null;
}

/** One line of a stream. */
export interface StreamEvent {
  readonly kind: "event";
  readonly daemon: string;
  readonly event: string;
  readonly data: unknown;
}

export interface StreamOptions {
  /** Items that wait for the reader; further ones are dropped, and that is told. Default 1,024. */
  readonly bufferItems?: number;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

/** An async iterable that can be closed; leaving a `for await` closes it too. */
export interface Stream<Item> extends AsyncIterable<Item>, AsyncDisposable {
  /** Resolves when every daemon has begun it: what is emitted from then on is seen. Rejects when one cannot. */
  readonly ready: Promise<void>;
  close(): void;
}

type Item = StreamEvent | Missed;

/** Begins `event` at every link and reads what comes, as `read` makes it out; `read` gives null for what is not told. */
export function openStream<Told>(
  links: readonly DaemonLink[],
  event: string,
  data: unknown,
  read: (item: Item) => Told | null,
  { bufferItems = DEFAULT_BUFFER_ITEMS, signal }: StreamOptions = {},
): Stream<Told | Missed> {
  const dropped = (daemon: string, count: number): Told | Missed => ({
    kind: "missed",
    daemon,
    gap: false,
    dropped: count,
  });
  const buffer = new ItemBuffer<Told | Missed>(bufferItems, dropped);
  const parts: { readonly link: DaemonLink; readonly stream: LinkStream }[] = [];
  const close = (error?: Error) => {
    signal?.removeEventListener("abort", onAbort);
    for (const { link, stream } of parts.splice(0)) link.detach(stream);
    buffer.end(error);
  };
  const onAbort = () => close(signal?.reason as Error);
  const begun = links.map(
    (link) =>
      new Promise<void>((resolve, reject) => {
        const onEnded = (error: KlorosError) => {
          reject(error);
          close(error);
        };
        const push = (item: Item) => {
          const told = item.kind === "missed" ? item : read(item);
          if (told !== null) buffer.push(link.place.daemon, told);
        };
        parts.push({ link, stream: linkStream(link.place.daemon, event, data, push, resolve, onEnded) });
      }),
  );
  const ready = Promise.all(begun).then(() => undefined);
  ready.catch(() => undefined); // Told by the iteration too; nobody has to wait for `ready`.
  for (const { link, stream } of [...parts]) link.attach(stream);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return {
    ready,
    close: () => close(),
    [Symbol.asyncIterator]: () => iterate(buffer, close),
    [Symbol.asyncDispose]: () => Promise.resolve(close()),
  };
}

function linkStream(
  daemon: string,
  event: string,
  data: unknown,
  push: (item: Item) => void,
  onReady: () => void,
  onEnded: (error: KlorosError) => void,
): LinkStream {
  return {
    event,
    data,
    onBegun: (_answer, again) => {
      if (again) push({ kind: "missed", daemon, gap: true, dropped: null });
      onReady();
    },
    onLine: (line) => {
      if (line.event !== "stream:dropped")
        return push({ kind: "event", daemon, event: line.event, data: line.data });
      const count = isRecord(line.data) ? Number(line.data["count"]) : NaN;
      push({ kind: "missed", daemon, gap: false, dropped: count });
    },
    onEnded,
  };
}

function iterate<T>(buffer: ItemBuffer<T>, close: () => void): AsyncIterator<T, undefined> {
  return {
    async next() {
      const value = await buffer.next();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
