/** What the bus complains of belongs to whoever reads the figures; the rest would only cost. */
import { inspect } from "node:util";
import type { BusLog } from "@kloros/bus";

export const stderrLog: BusLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: tell,
  error: tell,
};

function tell(fields: object, message: string): void {
  process.stderr.write(`${message} ${inspect(fields, { breakLength: Infinity })}\n`);
}
