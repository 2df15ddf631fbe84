/** What `kloros up` shows: the daemons' lines, the supervisor's words, in readable form or as JSON lines. */
import type { Paint } from "../program/paint.ts";
import { paintFor, widthOf } from "../program/paint.ts";
import type { OutputStream } from "../supervisor/child-process.ts";
import type { Report } from "../supervisor/supervise.ts";
import { LineOutput, type LineOutputEvents } from "./line-output.ts";
import { nonBlocking } from "./non-blocking.ts";
import { formatLogRecord, type LineStyle, parseLogLine } from "./log-line.ts";

/** The name under which the supervisor itself speaks. */
export const SUPERVISOR_NAME = "kloros_up";
const LEVELS = { info: 30, warn: 40, error: 50 } as const;
/** Longest wait for the last lines, in milliseconds. */
const FLUSH_MS = 2_000;

export type Level = keyof typeof LEVELS;

export interface MeshConsoleOptions {
  readonly json: boolean;
  /** Names that will speak, for a column of the right width. */
  readonly names: readonly string[];
  readonly flow: Omit<LineOutputEvents, "droppedNotice">;
}

export class MeshConsole {
  readonly #json: boolean;
  readonly #paint: Paint = paintFor(process.stdout);
  readonly #nameWidth: number;
  readonly #output: LineOutput;

  constructor({ json, names, flow }: MeshConsoleOptions) {
    this.#json = json;
    this.#nameWidth = Math.max(...[SUPERVISOR_NAME, ...names].map((name) => name.length));
    const droppedNotice = (count: number): string =>
      this.#own("warn", SUPERVISOR_NAME, "Nobody read the output; lines were dropped", { lines: count });
    this.#output = new LineOutput(nonBlocking(process.stdout.fd), { ...flow, droppedNotice });
  }

  /** A line of a daemon: log records pass through with `--json`, other text is wrapped. */
  childLine(name: string, stream: OutputStream, line: string): void {
    const level: Level = stream === "stderr" ? "warn" : "info";
    if (!this.#json) {
      this.#output.line(formatLogRecord(parseLogLine(line, new Date(), LEVELS[level]), name, this.#style()));
    } else if (line.startsWith("{")) this.#output.line(line);
    else this.#output.line(this.#own(level, name, line, { stream }));
  }

  /** What the supervisor says about a child. */
  report({ name, level, message, fields }: Report): void {
    this.#output.line(this.#own(level, name, message, fields));
  }

  /** What the supervisor says about itself. */
  say(level: Level, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#output.line(this.#own(level, SUPERVISOR_NAME, message, fields));
  }

  /** Lines for a person; `--json` leaves them out. */
  hint(lines: readonly string[]): void {
    if (this.#json) return;
    for (const line of lines) this.#output.line(line);
  }

  /** Lines are for programs. */
  get isJson(): boolean {
    return this.#json;
  }

  get paint(): Paint {
    return this.#paint;
  }

  async flush(): Promise<void> {
    return this.#output.flush(FLUSH_MS);
  }

  #style(): LineStyle {
    return { paint: this.#paint, nameWidth: this.#nameWidth, width: widthOf() };
  }

  #own(level: Level, name: string, message: string, fields: Readonly<Record<string, unknown>>): string {
    const time = new Date();
    if (this.#json)
      return JSON.stringify({ level, time: time.toISOString(), daemon: name, ...fields, msg: message });
    return formatLogRecord({ time, level: LEVELS[level], message, fields }, name, this.#style());
  }
}
