/**
 * What one event of a control socket is: its words for people, the schema of what it takes, its answer.
 * No code here; `catalogue.ts` finds and checks, `connection.ts` sends.
 */
import type { ParametersSchema } from "./parameters.ts";

/** One event that a control socket answers. */
export interface ControlEvent {
  /** One sentence for lists. */
  readonly summary: string;
  /** What else a user should know: what happens twice, what survives a restart, which errors to expect. */
  readonly description?: string;
  /** JSON Schema of the members of `data`; others are refused. Left out: `data` is handed on as it comes. */
  readonly parameters?: ParametersSchema;
  /** Values of `data` that can be sent as they stand. */
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
  /**
   * `data` is valid under `parameters`, with their defaults filled in. An array is an answer of many, anything else of one;
   * an error's message is the answer. Longer than 30 s is answered with an error.
   */
  answer(data: Readonly<Record<string, unknown>>, connection: ControlConnection): unknown;
}

/** The client that asks, as an event sees it. */
export interface ControlConnection {
  /** The same for all requests of one connection, never given again. */
  readonly id: number;
  /**
   * Opens a stream of lines to this client under the request's correlation_id. They follow the answer to the request,
   * whenever they are sent. `onClose` is called once, when the stream or the connection ends.
   * @throws {ControlRequestError} too many streams are open
   */
  openStream(onClose?: () => void): ControlStream;
  /** Closes one of this connection's streams; false when it has none of that id. */
  closeStream(id: string): boolean;
}

/** A bounded stream to one client; when it reads too slowly, lines are dropped and the client is told how many. */
export interface ControlStream {
  /** The `subscription` of its lines. */
  readonly id: string;
  /** Never blocks and never throws. `json` is the text of the line's `data`. */
  send(event: string, json: string): void;
  close(): void;
}
