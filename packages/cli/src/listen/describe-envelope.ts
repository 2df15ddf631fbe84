/** One signal as one line for people. Pure. */
import type { Contracts, Envelope, SignalKind } from "@kloros/bus";
import { abbreviate } from "../program/abbreviate.ts";
import { clockTime } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { hueOf } from "../program/paint.ts";

const MAX_FACTS_CHARS = 140;
/** Widest daemon name of the roster; longer ones push the rest aside. */
const SOURCE_WIDTH = 30;

/** Time, emitter, name (coloured by its kind), facts, id. */
export function describeEnvelope(envelope: Envelope, contracts: Contracts, paint: Paint): string {
  const { signal, source, priority, facts, id } = envelope;
  const kind = contracts.get(signal)?.kind;
  const urgent = priority === "critical" || priority === "high" ? paint.bold(`[${priority}] `) : "";
  return [
    paint.dim(clockTime(new Date(envelope.timestamp))),
    hueOf(paint, source)(source.padEnd(SOURCE_WIDTH)),
    urgent + kindPaint(kind, paint)(signal),
    abbreviate(facts, MAX_FACTS_CHARS),
    paint.dim(id),
  ].join("  ");
}

function kindPaint(kind: SignalKind | undefined, paint: Paint): (text: string) => string {
  if (kind === "error") return paint.red;
  if (kind === "completion") return paint.green;
  if (kind === "telemetry") return paint.dim;
  return kind === "trigger" ? paint.cyan : paint.bold;
}
