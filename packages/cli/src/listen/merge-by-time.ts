/** Several streams, each in its order, as one by time. Holds one envelope of each in memory. Pure. */
import type { Envelope } from "@kloros/bus";

export function* mergeByTime(sources: readonly Iterable<Envelope>[]): Generator<Envelope> {
  const heads: { readonly rest: Iterator<Envelope>; envelope: Envelope }[] = [];
  for (const source of sources) {
    const rest = source[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true) heads.push({ rest, envelope: first.value });
  }
  while (heads.length > 0) {
    const earliest = heads.reduce((best, head) =>
      head.envelope.timestamp < best.envelope.timestamp ? head : best,
    );
    yield earliest.envelope;
    const next = earliest.rest.next();
    if (next.done === true) heads.splice(heads.indexOf(earliest), 1);
    else earliest.envelope = next.value;
  }
}
