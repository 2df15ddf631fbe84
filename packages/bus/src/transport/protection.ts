/**
 * CURVE for the sockets of one process. An emitter's sockets prove that they are that emitter's, and let in whom the keys
 * allow; a receptor's speak only to who has the emitter's secret. So a `source` is believed for the key behind it.
 */
import { Context } from "zeromq";
import type { KeyChange, KeyRing } from "./keys/key-ring.ts";
import { fingerprintOf, encodeKey } from "./keys/z85.ts";
import type { Refusal } from "./transport.ts";
import { openZapHandler, type ZapHandler, type ZapRequest } from "./zap.ts";

/** Options of an emitter's sockets. */
export interface ServerKeys {
  readonly context: Context;
  readonly curveServer: true;
  readonly curveSecretKey: string;
  readonly zapDomain: string;
  readonly zapEnforceDomain: true;
}

/** Options of a receptor's sockets. */
export interface ClientKeys {
  readonly context: Context;
  readonly curvePublicKey: string;
  readonly curveSecretKey: string;
  readonly curveServerKey: string;
}

export class Protection {
  readonly #ring: KeyRing;
  /** Of its own: a ZAP handler judges for all sockets of a context. */
  readonly #context = new Context({ blocky: false });
  readonly #doors = new Map<string, (refusal: Refusal) => void>();
  #handler: Promise<ZapHandler> | null = null;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** Stands at the emitter's door until the returned function is called. */
  async guard(emitter: string, onRefused: (refusal: Refusal) => void): Promise<() => Promise<void>> {
    this.#doors.set(emitter, onRefused);
    this.#handler ??= openZapHandler(this.#context, (request) => this.#judge(request));
    await this.#handler;
    return async () => {
      this.#doors.delete(emitter);
      if (this.#doors.size > 0) return;
      const handler = this.#handler;
      this.#handler = null;
      (await handler)?.close();
    };
  }

  serverKeys(emitter: string): ServerKeys {
    return {
      context: this.#context,
      curveServer: true,
      curveSecretKey: this.#ring.own.secret_key,
      zapDomain: emitter,
      zapEnforceDomain: true,
    };
  }

  /** Null while the emitter has no key that is let in: nobody could be believed. */
  clientKeys(emitter: string): ClientKeys | null {
    const curveServerKey = this.#ring.publicKeyOf(emitter);
    if (curveServerKey === null) return null;
    const { public_key, secret_key } = this.#ring.own;
    return {
      context: this.#context,
      curvePublicKey: public_key,
      curveSecretKey: secret_key,
      curveServerKey,
    };
  }

  onChange(listener: (change: KeyChange) => void): () => void {
    return this.#ring.watch(listener);
  }

  #judge({ domain, address, publicKey }: ZapRequest): boolean {
    const judgement = this.#ring.judge(publicKey);
    if (judgement.kind === "allowed") return true;
    this.#doors.get(domain)?.({
      reason: judgement.kind === "revoked" ? "revoked_key" : "unknown_key",
      address,
      key: fingerprintOf(encodeKey(publicKey)),
      name: judgement.kind === "revoked" ? judgement.name : null,
    });
    return false;
  }
}
