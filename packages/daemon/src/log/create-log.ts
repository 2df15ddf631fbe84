/**
 * The daemon's log: under systemd each line natively to the journal, with fields; elsewhere JSON lines on stdout, written at
 * once so that nothing is lost at an exit or a crash. Making it pretty is the business of whoever reads it.
 */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import type { LogLevel } from "../settings/common-settings.ts";
import { journalFields, type LogRecord, priorityOf } from "./journal-fields.ts";
import type { NativeJournal } from "./journal.ts";

/** Creates the log; lines carry `daemon`, an RFC 3339 `time` and the level's name. */
export function createLog(daemon: string, level: LogLevel, journal: NativeJournal | null = null): Logger {
  const stdout = pino.destination({ fd: 1, sync: true });
  // Whoever read our lines is gone, or the log's disk is full. That ends the log, not the daemon.
  stdout.on("error", () => undefined);
  return pino(
    {
      level,
      base: { daemon },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    journal === null ? stdout : journalDestination(daemon, journal, stdout),
  );
}

/** What the journal does not take goes to stdout, which systemd brings there as text; `<3>` in front is its priority. */
export function journalDestination(
  daemon: string,
  journal: NativeJournal,
  stdout: DestinationStream,
): DestinationStream {
  return {
    write(line) {
      const record = JSON.parse(line) as LogRecord;
      const asText = () => {
        stdout.write(`<${priorityOf(record)}>${line}`);
      };
      if (!journal.write(journalFields(daemon, record), asText)) asText();
      // The process ends now: what is still on its way would end with it.
      else if (record["level"] === "fatal" && journal.pending > 0) asText();
    },
  };
}
