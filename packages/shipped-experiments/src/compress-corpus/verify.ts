import { ComplaintError } from "../run-experiment.ts";
import type { Codec } from "./codec.ts";

/** What is unpacked is what was packed, byte for byte. @throws {ComplaintError} it is not */
export function verify(codec: Codec, packed: Buffer, data: Buffer): void {
  const unpacked = codec.decompress(packed, data.length + 1);
  if (!unpacked.equals(data))
    throw new ComplaintError(
      `unpacked, the corpus differs: ${unpacked.length} bytes instead of ${data.length}`,
    );
}
