/** `signal:subscribe` and `signal:unsubscribe`: signals as they happen, as lines on the same connection. */
import type { Node } from "@kloros/bus";
import { didYouMean } from "../../settings/did-you-mean.ts";
import type { ControlEvents } from "../catalogue.ts";
import { ControlRequestError } from "../errors.ts";
import { MAX_GLOB_CHARACTERS } from "../glob.ts";
import { type FeedRequest, matchesNothing, SIGNAL_KINDS, type SignalFeed } from "../signal-feed.ts";

/** Patterns of one subscription. */
const MAX_PATTERNS = 64;

export function subscribeEvents(feed: SignalFeed, node: () => Node): ControlEvents {
  return {
    "signal:subscribe": {
      summary: "Streams signals of this daemon as they happen: `signal:emitted` and `signal:received` lines.",
      description:
        "Each line carries the envelope as `data`, and the `subscription`. A client that reads too slowly loses lines and is told how many (`stream:dropped`); it never delays the daemon. What must not be missed is in the journal: `chem-bus listen --since`.",
      parameters: {
        properties: {
          signals: {
            type: "array",
            items: { type: "string", minLength: 1, maxLength: MAX_GLOB_CHARACTERS },
            minItems: 1,
            maxItems: MAX_PATTERNS,
            default: ["*"],
            description: "Names or globs (`*`, `?`).",
          },
          kinds: {
            type: "array",
            items: { enum: SIGNAL_KINDS },
            minItems: 1,
            maxItems: SIGNAL_KINDS.length,
            default: SIGNAL_KINDS,
            description: "Emitted by this daemon, received by it, or both.",
          },
          facts: { type: "boolean", default: true, description: "false: envelopes without their facts." },
        },
      },
      examples: [{ signals: ["Q_DREAM_*"], kinds: ["emitted"] }, {}],
      answer: (data, connection) => {
        const request = data as unknown as FeedRequest;
        const { contracts } = node();
        const [stranger] = matchesNothing(contracts, request.signals);
        if (stranger !== undefined && !request.signals.includes("*")) {
          const meant = didYouMean(stranger, contracts.names);
          const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
          throw new ControlRequestError(`signals: ${stranger} matches no signal${hint}`);
        }
        const stream = feed.subscribe(request, connection);
        return { subscription: stream.id, ...request };
      },
    },
    "signal:unsubscribe": {
      summary:
        "Ends a stream of this connection: of signals, of `monitor:subscribe`, of `shutdown:register`.",
      parameters: {
        properties: { subscription: { type: "string", description: "As the answer that began it has it." } },
        required: ["subscription"],
      },
      examples: [{ subscription: "0b7e…" }],
      answer: ({ subscription }, connection) => {
        if (!connection.closeStream(String(subscription)))
          throw new ControlRequestError(`subscription ${String(subscription)} is none of this connection's`);
        return { subscription, unsubscribed: true };
      },
    },
  };
}
