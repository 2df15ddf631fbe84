/** `signal:pause`, `signal:resume`, `signal:paused`: handling of one signal, stopped and continued by hand. */
import type { Node } from "@kloros/bus";
import type { ControlEvents } from "../catalogue.ts";
import { ControlRequestError } from "../errors.ts";
import { didYouMean } from "../../settings/did-you-mean.ts";

const SIGNAL = { type: "string", description: "Name of a signal that this daemon handles." } as const;
/** Longest pause with an end, in seconds: a month. */
const MAX_FOR_S = 31 * 86_400;

export function pauseEvents(node: () => Node): ControlEvents {
  return {
    "signal:pause": {
      summary: "Pauses the handling of one signal; durable when answered, and across restarts.",
      description:
        "Attempts that run are let finish; nothing new and no retry begins. What arrives meanwhile is kept and shows as pending in `chem-bus audit`; other signals are handled as ever. Nothing is lost or handled twice.",
      parameters: {
        properties: {
          signal: SIGNAL,
          for_s: {
            type: "number",
            minimum: 0.1,
            maximum: MAX_FOR_S,
            description: "Goes on by itself after so many seconds; left out, only signal:resume ends it.",
          },
        },
        required: ["signal"],
      },
      examples: [{ signal: "Q_DREAM_TRIGGER", for_s: 600 }],
      answer: async ({ signal, for_s }) => {
        const name = known(node(), signal as string);
        const untilMs = for_s === undefined ? null : Date.now() + Number(for_s) * 1000;
        await node().pause(name, untilMs === null ? {} : { untilMs });
        return node().pausedByHand.find((pause) => pause.signal === name) ?? { signal: name };
      },
    },
    "signal:resume": {
      summary: "Goes on with a paused signal at once; `resumed` is false when it was not paused.",
      parameters: { properties: { signal: SIGNAL }, required: ["signal"] },
      examples: [{ signal: "Q_DREAM_TRIGGER" }],
      answer: async ({ signal }) => ({ signal, resumed: await node().resume(signal as string) }),
    },
    "signal:paused": {
      summary:
        "What is paused by hand, since when and until when; and what the bus paused after a flood of failures.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => ({ paused: node().pausedByHand, paused_by_failures: node().stats().paused }),
    },
  };
}

/** @throws {ControlRequestError} */
function known({ contracts, daemon }: Node, signal: string): string {
  const handled = contracts.consumedBy(daemon);
  if (handled.includes(signal)) return signal;
  const meant = didYouMean(signal, handled);
  const hint = meant === undefined ? `it handles ${handled.join(", ") || "none"}` : `did you mean ${meant}?`;
  throw new ControlRequestError(`${daemon} does not handle ${signal}: ${hint}`);
}
