/** Knows whether the user is there: asks the command from time to time, or looks at the file each time. Never waits in a decision. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type BoundedOutcome, runBounded } from "@kloros/bounded-process";
import type { Presence } from "../gates/gate.ts";
import type { PresenceProbe } from "./presence.ts";

/** What a probe may print; nobody reads it. */
const OUTPUT_BYTES = 65_536;

export class PresenceWatch {
  readonly #home: string;
  readonly #onChange: () => void;
  readonly #onUnknown: (why: string) => void;
  /** Why it could not be told the last time; null: it could. */
  #trouble: string | null = null;
  #probe: PresenceProbe | null = null;
  #seen: Presence = "unknown";
  #timer: NodeJS.Timeout | undefined;
  #running: AbortController | null = null;

  /** @param onUnknown told once for each reason for which a program cannot tell */
  constructor(home: string, onChange: () => void, onUnknown: (why: string) => void) {
    this.#home = home;
    this.#onChange = onChange;
    this.#onUnknown = onUnknown;
  }

  now(): Presence {
    return this.#probe?.kind === "file" ? this.#fileSays(this.#probe) : this.#seen;
  }

  /** Goes on with this probe; null: nobody asks for presence. */
  use(probe: PresenceProbe | null): void {
    if (JSON.stringify(probe) === JSON.stringify(this.#probe)) return;
    this.stop();
    this.#probe = probe;
    this.#seen = "unknown";
    this.#trouble = null;
    if (probe?.kind === "command") this.#ask(probe);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = null;
    this.#probe = null;
  }

  #ask(probe: Extract<PresenceProbe, { kind: "command" }>): void {
    const running = new AbortController();
    this.#running = running;
    const again = (seen: Presence, trouble: string | null): void => {
      if (running.signal.aborted) return;
      if (trouble !== null && trouble !== this.#trouble) this.#onUnknown(trouble);
      this.#trouble = trouble;
      const changed = seen !== this.#seen;
      this.#seen = seen;
      if (changed) this.#onChange();
      this.#timer = setTimeout(() => this.#ask(probe), probe.intervalMs);
      this.#timer.unref();
    };
    runBounded({
      command: probe.command,
      cwd: this.#home,
      timeoutMs: probe.timeoutMs,
      outputBytes: OUTPUT_BYTES,
      signal: running.signal,
      label: "policy-engine/presence",
    }).then(
      (outcome) => {
        if (outcome.kind !== "exited") again("unknown", `${probe.command[0] ?? ""} ${ending(outcome)}`);
        else again(outcome.code === probe.presentExit ? "present" : "absent", null);
      },
      (cause: unknown) => again("unknown", cause instanceof Error ? cause.message : String(cause)),
    );
  }

  /** A file dated in the future was touched before the clock was set back: just now. */
  #fileSays({ path, maxAgeMs }: Extract<PresenceProbe, { kind: "file" }>): Presence {
    try {
      return Date.now() - statSync(resolve(this.#home, path)).mtimeMs <= maxAgeMs ? "present" : "absent";
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === "ENOENT" ? "absent" : "unknown";
    }
  }
}

function ending(outcome: Exclude<BoundedOutcome, { kind: "exited" }>): string {
  switch (outcome.kind) {
    case "cannot-start":
      return `cannot be started: ${outcome.message}`;
    case "signalled":
      return `was ended by ${outcome.signal}`;
    case "timeout":
      return "did not end in time";
    default:
      return `was stopped: ${outcome.kind}`;
  }
}
