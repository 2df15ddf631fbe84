/**
 * The wish to stop, wherever it comes from: SIGTERM, SIGINT, the supervisor's end (EOF on stdin),
 * `system:shutdown` and `system:restart`. The first one stops in order; a second signal ends the process at once, which is safe
 * because everything acknowledged is on disk already (P2) and unfinished handlings begin again (P3).
 */

export interface StopRequest {
  /** Aborted with the first wish; its reason is a text: `SIGTERM`, `supervisor gone`. */
  readonly signal: AbortSignal;
  request(reason: string): void;
  /** Asks for the same orderly end, after which the supervisor is to start the daemon again. */
  requestRestart(reason: string): void;
  /** The first wish was one for a restart. */
  readonly isRestart: boolean;
  /** Resolves with the reason. */
  readonly requested: Promise<string>;
}

export interface StopSources {
  /** Read stdin and stop at its end. */
  readonly supervised: boolean;
  /** Called before a second signal ends the process. */
  readonly onImpatience: (signal: NodeJS.Signals) => void;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Listens to all sources from now on. */
export function listenForStop({ supervised, onImpatience }: StopSources): StopRequest {
  const controller = new AbortController();
  const requested = new Promise<string>((resolve) => {
    controller.signal.addEventListener("abort", () => resolve(String(controller.signal.reason)), {
      once: true,
    });
  });
  let isRestart = false;
  const request = (reason: string) => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
  };
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (!controller.signal.aborted) return request(name);
      onImpatience(name);
      dieOf(name);
    });
  }
  if (supervised) {
    const gone = () => request("supervisor gone");
    process.stdin.on("end", gone).on("close", gone).on("error", gone).resume();
  }
  return {
    signal: controller.signal,
    request,
    requestRestart(reason) {
      isRestart ||= !controller.signal.aborted;
      request(reason);
    },
    get isRestart() {
      return isRestart;
    },
    requested,
  };
}

/** Ends by the signal itself, so that systemd, shells and supervisors see what happened. */
function dieOf(name: NodeJS.Signals): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}
