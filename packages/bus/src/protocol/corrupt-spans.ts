/** Destroyed stretches of an emitter's journal, as one batch reports them: passed over in their place, so that each is counted once. */
import type { NameStream } from "./name-stream.ts";
import type { ReceptorAction } from "./receptor-actions.ts";
import type { CorruptSpan } from "./wire.ts";

export class CorruptSpans {
  readonly lost: ReceptorAction[] = [];
  readonly #spans: CorruptSpan[];
  readonly #asked: readonly NameStream[];

  /** `asked`: the names that the batch is about; of others it leaves out more than what is destroyed. */
  constructor(spans: readonly CorruptSpan[], asked: readonly NameStream[]) {
    this.#spans = [...spans].sort((a, b) => a.first - b.first);
    this.#asked = asked;
  }

  /** Everything before `seq` was given, or lies in one of these stretches. */
  passBelow(seq: number): void {
    for (let span = this.#spans[0]; span !== undefined && span.first < seq; span = this.#spans[0]) {
      this.#spans.shift();
      for (const stream of this.#asked) this.#pass(span, stream);
    }
  }

  #pass({ first, names }: CorruptSpan, stream: NameStream): void {
    const part = names === null ? null : names[stream.name];
    if (part === undefined) return;
    const count = part === null ? null : stream.skip(part.last, part.count);
    if (count === 0) return;
    const reason = `the emitter's journal is damaged at position ${String(first)}`;
    this.lost.push({ kind: "lost", signal: stream.name, count, reason });
  }
}
