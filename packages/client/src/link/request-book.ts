/**
 * The requests of one connection: those that wait and those that were sent, both bounded (P5). A request that nobody
 * waits for any more keeps its place among the sent ones until the daemon has answered, because there it still runs.
 */
import type { KlorosError } from "@kloros/bus/error";
import type { ControlReply } from "./reply-line.ts";

/** Requests a daemon runs at once for one connection; it refuses more, so more are not sent. */
const MAX_SENT = 64;
/** Requests that wait for a place. */
export const MAX_WAITING = 1_024;
/** How often a request may be sent again after lost connections. */
const MAX_REPEATS = 5;

export interface BookedRequest {
  readonly id: string;
  readonly event: string;
  readonly line: string;
  /** Carrying it out twice does no harm. */
  readonly repeatable: boolean;
  /** Waits for a daemon that went away to come back. */
  readonly patient: boolean;
  /** Means something on this connection only: lost with it. */
  readonly bound: boolean;
  onResult(reply: ControlReply): void;
  onRefused(error: string, code: string | null): void;
  onFailed(error: KlorosError): void;
}

interface Place {
  readonly request: BookedRequest;
  repeats: number;
  forgotten: boolean;
  /** The last byte of its line has left this process: only then can it have been carried out. */
  left: boolean;
}

/** A request whose answer will not come. */
export interface LostRequest {
  readonly request: BookedRequest;
  readonly mayHaveBeenCarriedOut: boolean;
}

export class RequestBook {
  #waiting: Place[] = [];
  readonly #sent = new Map<string, Place>();

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sent.size === 0;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** False when too many wait. */
  add(request: BookedRequest): boolean {
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#waiting.push({ request, repeats: 0, forgotten: false, left: false });
    return true;
  }

  /** The next one to send, which counts as sent from now on. */
  next(): BookedRequest | null {
    if (this.#sent.size >= MAX_SENT) return null;
    const place = this.#waiting.shift();
    if (!place) return null;
    this.#sent.set(place.request.id, place);
    return place.request;
  }

  /** Its line has left this process. */
  left(id: string): void {
    const place = this.#sent.get(id);
    if (place) place.left = true;
  }

  wasSent(id: string): boolean {
    return this.#sent.has(id);
  }

  /** The request that an answer is for, if anybody still waits for it. */
  answered(id: string): BookedRequest | null {
    const place = this.#sent.get(id);
    this.#sent.delete(id);
    return place && !place.forgotten ? place.request : null;
  }

  /** Nobody waits for it any more. */
  forget(id: string): void {
    const place = this.#sent.get(id);
    if (place) place.forgotten = true;
    else this.#waiting = this.#waiting.filter(({ request }) => request.id !== id);
  }

  /** After a refused connection: nothing that was sent has been read, and it all waits again, first. */
  unsend(): void {
    this.#waitAgain(this.#takeSent());
  }

  /**
   * After a lost connection: what has not left, and what may be repeated, waits again, first; the others are returned.
   */
  lose(mayRepeat: boolean): LostRequest[] {
    const places = this.#takeSent();
    const again = places.filter(
      ({ request, left, repeats }) => repeats < MAX_REPEATS && (!left || (mayRepeat && request.repeatable)),
    );
    for (const place of again) place.repeats++;
    this.#waitAgain(again);
    return places
      .filter((place) => !again.includes(place))
      .map(({ request, left }) => ({ request, mayHaveBeenCarriedOut: left }));
  }

  #takeSent(): Place[] {
    const places = [...this.#sent.values()].filter(({ forgotten }) => !forgotten);
    this.#sent.clear();
    return places;
  }

  #waitAgain(places: readonly Place[]): void {
    for (const place of places) place.left = false;
    this.#waiting.unshift(...places);
  }

  /** Takes out the waiting ones that match. */
  dismiss(matches: (request: BookedRequest) => boolean): BookedRequest[] {
    const dismissed = this.#waiting.filter(({ request }) => matches(request));
    this.#waiting = this.#waiting.filter((place) => !dismissed.includes(place));
    return dismissed.map(({ request }) => request);
  }
}
