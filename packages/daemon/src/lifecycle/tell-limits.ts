import type { Logger } from "pino";
import type { LimitOrigins } from "../settings/limit-origins.ts";

/** Says at the start which limits of the bus are not the defaults, and why; and loudly that a tuned file is no good. */
export function tellLimits(log: Logger, { changed, tuned }: LimitOrigins): void {
  if (tuned.kind === "ignored")
    log.error(
      { path: tuned.path, problem: tuned.problem },
      "The file with tuned limits is ignored, the bus runs with its own; deploy another version or remove it",
    );
  if (Object.keys(changed).length > 0)
    log.info({ limits: changed }, "Limits of the bus differ from the defaults");
}
