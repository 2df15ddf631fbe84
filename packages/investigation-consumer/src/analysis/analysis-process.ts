/**
 * One process that analyses, seen from the daemon. A process, not a thread: what WebAssembly and its compiler took
 * goes back to the system when it ends (a thread leaves 16 MB behind), and not even a native crash reaches the daemon.
 */
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import type { AnalysisReply } from "./analysis-main.ts";
import type { InvestigationOutcome } from "./findings.ts";
import type { InvestigationRequest } from "./investigate.ts";

/** Characters of the process's last words that are kept for the reason of a crash. */
const MAX_STDERR_CHARS = 2_000;
/** Makes the kernel end the child when the daemon is killed; without it the child notices after the file at hand. */
const LEASH = ["--pdeathsig", "KILL"];

let leash: string | null | undefined;

export interface AnalysisProcessOptions {
  readonly file: URL;
  /** In MiB. */
  readonly maxHeapMebibytes: number;
}

interface Running {
  resolve(outcome: InvestigationOutcome): void;
  reject(cause: Error): void;
}

export class AnalysisProcess {
  readonly #child: ChildProcess;
  #running: Running | undefined;
  #lastWords = "";
  #hasEnded = false;

  constructor({ file, maxHeapMebibytes }: AnalysisProcessOptions) {
    const nodeArguments = [`--max-old-space-size=${maxHeapMebibytes}`];
    const child = fork(file, { ...leashed(nodeArguments), stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-MAX_STDERR_CHARS);
    });
    child.on("message", (reply: AnalysisReply) => {
      if (reply.kind === "outcome") this.#running?.resolve(reply.outcome);
      else this.#running?.reject(new Error(reply.message));
    });
    child.on("error", (cause) => this.#onEnded(cause));
    child.on("exit", (code, killedBy) => this.#onEnded(new Error(this.#obituary(code, killedBy))));
    this.#rest();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /**
   * One request at a time. Aborting kills the process.
   * @throws {Error} the process ended, or the analysis threw
   */
  async run(request: InvestigationRequest, signal: AbortSignal): Promise<InvestigationOutcome> {
    this.#child.ref();
    this.#child.channel?.ref();
    const kill = () => this.end();
    signal.addEventListener("abort", kill, { once: true });
    try {
      return await new Promise<InvestigationOutcome>((resolve, reject) => {
        this.#running = { resolve, reject };
        this.#child.send(request, (cause) => cause && this.#onEnded(cause));
      });
    } finally {
      signal.removeEventListener("abort", kill);
      this.#running = undefined;
      this.#rest();
    }
  }

  /** At once; it holds nothing that is worth keeping. */
  end(): void {
    this.#hasEnded = true;
    this.#child.kill("SIGKILL");
  }

  #onEnded(cause: Error): void {
    this.#hasEnded = true;
    this.#running?.reject(cause);
  }

  /** An idle process does not keep the daemon from ending. */
  #rest(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #obituary(code: number | null, killedBy: NodeJS.Signals | null): string {
    const how = killedBy === null ? `with code ${code}` : `by ${killedBy}`;
    const fatal = /FATAL ERROR: .*|\w*Error: .*/.exec(this.#lastWords)?.[0];
    return `its process ended ${how}${fatal === undefined ? "" : ` (${fatal})`}`;
  }
}

function leashed(nodeArguments: readonly string[]): { execPath: string; execArgv: string[] } {
  leash ??= leashThatWorks();
  return leash === null
    ? { execPath: process.execPath, execArgv: [...nodeArguments] }
    : { execPath: leash, execArgv: [...LEASH, process.execPath, ...nodeArguments] };
}

/** `setpriv` of util-linux, tried once; null where it is missing or not allowed. */
function leashThatWorks(): string | null {
  try {
    execFileSync("setpriv", [...LEASH, "true"], { stdio: "ignore", timeout: 2_000 });
    return "setpriv";
  } catch {
    return null;
  }
}
