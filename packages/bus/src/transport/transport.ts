/**
 * What the bus needs of a transport, and all it may assume: live frames may be lost, late or repeated, requests may be
 * lost; nothing is torn. Two implementations: ZeroMQ, and an in-memory one for tests; one conformance suite runs over both.
 */

/** The emitter's end. */
export interface EmitterEnd {
  /** Sends one live frame to whoever listens. Never waits: a full queue drops the frame (healed from the ledger, P4). Returns whether it was queued. */
  publish(topic: string, payload: Buffer): boolean;
  /** Answers a receptor; `peer` is what `onRequest` gave. Never waits; a peer that does not read loses its answer and asks again. */
  reply(peer: Uint8Array, frames: readonly Buffer[]): void;
  readonly dropped: number;
  close(): Promise<void>;
}

export interface EmitterHandlers {
  onRequest(peer: Uint8Array, frames: readonly Uint8Array[]): void;
  /** Somebody has just begun to listen; a heartbeat now closes the gap of what it missed while joining. */
  onSubscription(): void;
  /** Somebody was not let in. */
  onRefused?(refusal: Refusal): void;
}

/** A connection that was refused before anything was exchanged. */
export interface Refusal {
  /**
   * `unknown_key`: not in the list; `revoked_key`: not any more; `no_key`: it speaks ZeroMQ without CURVE, or was told
   * another key of this emitter; `no_zeromq`: it speaks something else, or said nothing in time.
   */
  readonly reason: "unknown_key" | "revoked_key" | "no_key" | "no_zeromq";
  /** IP address of the peer; null when it could not be told. */
  readonly address: string | null;
  /** Fingerprint of its public key; null: it showed none. */
  readonly key: string | null;
  /** Whose key it was before it was revoked. */
  readonly name: string | null;
}

/** A receptor's end of the connection to one emitter. */
export interface ReceptorEnd {
  /** Sends one request. Never waits; false when the emitter is not connected. */
  request(frame: Buffer): boolean;
  close(): Promise<void>;
}

export interface ReceptorHandlers {
  /** A promise holds back further live frames of this connection until it resolves; what does not fit meanwhile may be dropped. */
  onLive(topic: string, payload: Uint8Array): void | Promise<void>;
  onReply(frames: readonly Uint8Array[]): void;
  /** A frame that has not even the right number of parts. */
  onGarbage(): void;
  /** Again and again, what answers at the emitter's address does not have the emitter's key. */
  onImpostor?(address: string): void;
}

export interface Transport {
  /** @throws {AddressError} the address cannot be bound */
  openEmitter(emitter: string, handlers: EmitterHandlers): Promise<EmitterEnd>;
  /** Topics are matched exactly by the receptor, whatever the transport does. Emitters that are not there yet are waited for. */
  connect(emitter: string, topics: readonly string[], handlers: ReceptorHandlers): ReceptorEnd;
}
