/** Parameters of a candidate to limits of the bus: the same names in snake_case, as in `mesh.yaml`. */
import type { BusLimits } from "@kloros/bus";
import { ComplaintError, type GivenParams } from "../run-experiment.ts";

/**
 * What may be tuned, with bounds that the daemons hold too. Limits of bytes that two daemons must agree on (commit, fetch, signal)
 * are not among them: one that has restarted with other limits would send what one that has not cannot take.
 */
const TUNABLE: Readonly<
  Record<string, { readonly limit: keyof BusLimits; readonly min: number; readonly max: number }>
> = {
  max_commit_signals: { limit: "maxCommitSignals", min: 64, max: 8_192 },
  max_frame_signals: { limit: "maxFrameSignals", min: 16, max: 2_048 },
  max_inbox_signals: { limit: "maxInboxSignals", min: 512, max: 65_536 },
  max_inbox_bytes: { limit: "maxInboxBytes", min: 2 ** 20, max: 2 ** 25 },
  max_fetch_signals: { limit: "maxFetchSignals", min: 256, max: 16_384 },
  max_scan_bytes: { limit: "maxScanBytes", min: 2 ** 20, max: 2 ** 26 },
  publish_high_water_mark: { limit: "publishHighWaterMark", min: 16, max: 2_048 },
  max_publish_queue: { limit: "maxPublishQueue", min: 256, max: 16_384 },
};

/** @throws {ComplaintError} a parameter is no such limit, or out of bounds */
export function limitsOf(params: GivenParams): Partial<BusLimits> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const tunable = Object.hasOwn(TUNABLE, name) ? TUNABLE[name] : undefined;
      if (!tunable)
        throw new ComplaintError(
          `${name} is no limit that can be tuned; ${Object.keys(TUNABLE).join(", ")} are`,
        );
      const { limit, min, max } = tunable;
      if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max)
        throw new ComplaintError(
          `${name} must be a whole number from ${min} to ${max} (got ${JSON.stringify(value)})`,
        );
      return [limit, value];
    }),
  );
}
