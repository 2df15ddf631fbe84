/** One signal as one line for people. Pure. */
import type { Contracts, Envelope, SignalKind } from "@kloros/bus";
import { abbreviate } from "../program/abbreviate.ts";
import { clockTime } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { hueOf } from "../program/paint.ts";

const TIME_WIDTH = 12;
const MIN_FACTS_WIDTH = 24;
/** Widest daemon name of the roster; longer ones push the rest aside. */
const SOURCE_WIDTH = 30;

/** Time, emitter, name (coloured by its kind), facts, id; the facts are cut so that the line is `width` wide. */
export function describeEnvelope(
  envelope: Envelope,
  contracts: Contracts,
  paint: Paint,
  width: number,
): string {
  const { signal, source, priority, facts, id } = envelope;
  const kind = contracts.get(signal)?.kind;
  const urgent = priority === "critical" || priority === "high" ? `[${priority}] ` : "";
  const taken = TIME_WIDTH + SOURCE_WIDTH + urgent.length + signal.length + id.length + 4 * 2;
  return [
    paint.dim(clockTime(new Date(envelope.timestamp))),
    hueOf(paint, source)(source.padEnd(SOURCE_WIDTH)),
    paint.bold(urgent) + kindPaint(kind, paint)(signal),
    abbreviate(facts, Math.max(MIN_FACTS_WIDTH, width - taken)),
    paint.dim(id),
  ].join("  ");
}

function kindPaint(kind: SignalKind | undefined, paint: Paint): (text: string) => string {
  if (kind === "error") return paint.red;
  if (kind === "completion") return paint.green;
  if (kind === "telemetry") return paint.dim;
  return kind === "trigger" ? paint.cyan : paint.bold;
}
