/** What a decision needs to know of the world, and what it comes to. */
import type { Contracts, Priority } from "@kloros/bus";
import type { Problem } from "../problem.ts";

export interface IntentRules {
  /** Name of this daemon; a signal can be asked for only if this daemon may emit it. */
  readonly daemon: string;
  readonly contracts: Contracts;
  /** Lower-case hex SHA-256 of the text's UTF-8 bytes. */
  readonly sha256: (text: string) => string;
}

/** The signal that an intent asks for. */
export interface SignalRequest {
  readonly signal: `Q_${string}`;
  readonly facts: Record<string, unknown>;
  readonly priority: Priority;
  readonly correlation_id?: string;
}

/** One file's verdict. `incomplete`: it cannot be parsed (yet); its problems hold if it never changes again. */
export type Decision =
  | Routed
  | {
      readonly kind: "rejected";
      readonly problems: readonly Problem[];
      /** The document as plain JSON, when it could be read without loss. */
      readonly document?: unknown;
    }
  | { readonly kind: "incomplete"; readonly problems: readonly Problem[] };

export interface Routed extends SignalRequest {
  readonly kind: "route";
  /** The intent's own `id`, else the SHA-256 of its canonical content. */
  readonly content_id: string;
  /** SHA-256 of the canonical content without `sha256`: tells a repetition from an id that was reused. */
  readonly content_hash: string;
}
