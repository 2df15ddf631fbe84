/**
 * The daemon's log: JSON lines on stdout, written at once so that nothing is lost at an exit or a crash.
 * Making it pretty is the business of whoever reads it.
 */
import { type Logger, pino, stdTimeFunctions } from "pino";
import type { LogLevel } from "../settings/common-settings.ts";

/** Creates the log; lines carry `daemon`, an RFC 3339 `time` and the level's name. */
export function createLog(daemon: string, level: LogLevel): Logger {
  const destination = pino.destination({ fd: 1, sync: true });
  // Whoever read our lines is gone, or the log's disk is full. That ends the log, not the daemon.
  destination.on("error", () => undefined);
  return pino(
    {
      level,
      base: { daemon },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    destination,
  );
}
