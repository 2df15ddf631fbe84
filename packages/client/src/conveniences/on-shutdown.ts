/** Taking part in a daemon's stop: registered, told when it begins, and waited for until it is acknowledged. */
import { KlorosError } from "@kloros/bus/error";
import { isRecord } from "../answers/results.ts";
import { ClientClosedError, ShutdownHandlerError } from "../errors.ts";
import type { DaemonLink } from "../link/daemon-link.ts";
import type { LinkStream } from "../link/link-streams.ts";

/** Time for the acknowledgement, in milliseconds; the daemon waits for it no longer than its own deadline. */
const ACKNOWLEDGE_MS = 5_000;

/** What a daemon says when its stop begins. */
export interface ShutdownBegun {
  readonly reason: string;
  /** How long it waits, in seconds; null when it did not say. */
  readonly deadlineSeconds: number | null;
}

export interface ShutdownOptions {
  /** How long the daemon is asked to wait; default: what the daemon allows. */
  readonly withinSeconds?: number;
  /** The handler failed (it is then not acknowledged: the daemon waits until its deadline), or the registration is lost for good. */
  readonly onFailure?: (error: KlorosError) => void;
}

/** Ends with `close`: the daemon waits for this service no more. */
export interface ShutdownRegistration extends Disposable {
  close(): void;
}

export function registerForShutdown(
  link: DaemonLink,
  service: string,
  handler: (begun: ShutdownBegun) => unknown,
  { withinSeconds, onFailure = () => undefined }: ShutdownOptions,
): Promise<ShutdownRegistration> {
  const acknowledge = async (data: unknown) => {
    try {
      await handler(begunOf(data));
      await link.request({
        event: "shutdown:acknowledge",
        data: { service },
        timeoutMs: ACKNOWLEDGE_MS,
        repeatable: false,
        patient: false,
      });
    } catch (cause) {
      onFailure(cause instanceof KlorosError ? cause : new ShutdownHandlerError(service, { cause }));
    }
  };
  return new Promise((resolve, reject) => {
    let registered = false;
    const stream: LinkStream = {
      event: "shutdown:register",
      data: { service, ...(withinSeconds === undefined ? {} : { within_s: withinSeconds }) },
      onBegun() {
        registered = true;
        const close = () => link.detach(stream);
        resolve({ close, [Symbol.dispose]: close });
      },
      onLine: (line) => {
        if (line.event === "shutdown:begin") void acknowledge(line.data);
      },
      onEnded: (error) => {
        if (!registered) reject(error);
        else if (!(error instanceof ClientClosedError)) onFailure(error); // Closing is how a program leaves.
      },
    };
    link.attach(stream);
  });
}

function begunOf(data: unknown): ShutdownBegun {
  const { reason, deadline_s } = isRecord(data) ? data : {};
  return {
    reason: typeof reason === "string" ? reason : "",
    deadlineSeconds: typeof deadline_s === "number" ? deadline_s : null,
  };
}
