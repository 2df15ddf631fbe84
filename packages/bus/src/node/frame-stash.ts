/** Live frames that arrived while the ledger was asked for what lies before them; bounded in bytes, whole frames only. */

export interface StashedFrame {
  readonly name: string;
  readonly payload: Uint8Array;
}

export class FrameStash {
  readonly #maxBytes: number;
  #frames: StashedFrame[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False: no room; the ledger will have to give this one too. */
  keep(name: string, payload: Uint8Array): boolean {
    if (this.#bytes + payload.length > this.#maxBytes) return false;
    this.#frames.push({ name, payload });
    this.#bytes += payload.length;
    return true;
  }

  takeAll(): readonly StashedFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
