/** `log:level`: more or less lines, now and for a while. */
import type { Logger } from "pino";
import { LOG_LEVELS, type LogLevel } from "../../settings/common-settings.ts";
import type { ControlEvents } from "../catalogue.ts";

/** Longest time of another level, in seconds: a day. */
const MAX_FOR_S = 86_400;

export function logLevelEvents(log: Logger): ControlEvents {
  const configured = log.level;
  let back: NodeJS.Timeout | undefined;
  let until: number | null = null;
  const set = (level: string, for_s: number | undefined) => {
    clearTimeout(back);
    until = null;
    log.level = level;
    if (for_s === undefined) return;
    until = Date.now() / 1000 + for_s;
    back = setTimeout(() => {
      log.level = configured;
      until = null;
    }, for_s * 1000).unref();
  };
  return {
    "log:level": {
      summary: "Reads the log level, or sets it: until the next start, or for a while.",
      parameters: {
        properties: {
          level: { enum: LOG_LEVELS, description: "The new level; left out, it is only read." },
          for_s: {
            type: "number",
            minimum: 1,
            maximum: MAX_FOR_S,
            description: "Back to the configured level after so many seconds.",
          },
        },
      },
      examples: [{ level: "debug", for_s: 600 }, {}],
      answer: (data) => {
        const { level, for_s } = data as { level?: LogLevel; for_s?: number };
        const previous = log.level;
        if (level !== undefined) set(level, for_s);
        return { level: log.level, previous, configured, until };
      },
    },
  };
}
