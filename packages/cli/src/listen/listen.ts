/**
 * The sniffer: signals as they come, and with `sinceMs` those from before, each once. It is no consumer: nothing is
 * acknowledged, no daemon waits for it. What the live stream loses (a subscription that is not there yet, an overflow)
 * comes from the journals, soon after.
 */
import { type Contracts, type Envelope, openTap, type Transport } from "@kloros/bus";
import { ListenedJournals, type Wants } from "./journals.ts";
import { Turns } from "./turns.ts";

/** How often the journals are looked at, in milliseconds. */
const SWEEP_MS = 250;

export interface ListenOptions {
  readonly home: string;
  readonly contracts: Contracts;
  readonly transport: Transport;
  /** Exact names. */
  readonly signals: readonly string[];
  readonly emitters: readonly string[];
  /** Unix milliseconds; null: only from now on. */
  readonly sinceMs: number | null;
  /** Ends the listening when aborted. */
  readonly stop: AbortSignal;
  /** Called for one signal after the other; not after `stop`. */
  onSignal(envelope: Envelope): Promise<void>;
}

/** Resolves when `stop` is aborted. */
export async function listen(options: ListenOptions): Promise<void> {
  const { home, contracts, transport, signals, emitters, sinceMs, stop } = options;
  const tap = openTap({ home, contracts, signals, emitters, transport });
  const journals = new ListenedJournals(home, wants(signals, emitters));
  const turns = new Turns((error) => {
    failure ??= { error };
    void tap.close();
  });
  let failure: { readonly error: unknown } | null = null;
  const tell = async (envelopes: Iterable<Envelope>): Promise<void> => {
    for (const envelope of envelopes) {
      if (stop.aborted) return;
      await options.onSignal(envelope);
    }
  };
  const sweep = setInterval(() => {
    if (turns.idle) void turns.take(async () => tell(await journals.sweep()));
  }, SWEEP_MS);
  stop.addEventListener("abort", () => void tap.close(), { once: true });
  if (sinceMs !== null) void turns.take(() => tell(journals.since(sinceMs)));
  if (!stop.aborted)
    for await (const envelope of tap) await turns.take(async () => tell(await journals.live(envelope)));
  clearInterval(sweep);
  await turns.take(() => journals.close());
  await tap.close();
  rethrow(failure);
}

function rethrow(failure: { readonly error: unknown } | null): void {
  if (failure) throw failure.error;
}

function wants(signals: readonly string[], emitters: readonly string[]): Wants {
  const names = new Set(signals);
  const sources = new Set(emitters);
  return (signal, source) => names.has(signal) && sources.has(source);
}
