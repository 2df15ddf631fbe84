/**
 * The ZAP handler (ZeroMQ RFC 27) of one context: libzmq asks it for every connection whether its key may come in. It is
 * bound before any socket of an emitter, and the sockets insist on it: without an answer nobody comes in.
 */
import { Router, type Context } from "zeromq";
import { SendQueue } from "./send-queue.ts";

export interface ZapRequest {
  /** Which emitter's sockets: each has a domain of its own. */
  readonly domain: string;
  /** IP address of the peer. */
  readonly address: string;
  /** 32 bytes, the peer's public key: CURVE has proved already that it has the secret. */
  readonly publicKey: Uint8Array;
}

export interface ZapHandler {
  close(): void;
}

const ENDPOINT = "inproc://zeromq.zap.01";
const VERSION = "1.0";
const CURVE = "CURVE";
const KEY_BYTES = 32;
/** Answers that wait for libzmq to take them; who gets none comes again. */
const MAX_ANSWERS = 1_024;
const EMPTY = Buffer.alloc(0);

/** Answers every request with `judge`: true lets the peer in. */
export async function openZapHandler(
  context: Context,
  judge: (request: ZapRequest) => boolean,
): Promise<ZapHandler> {
  const socket = new Router({ context, linger: 0 });
  await socket.bind(ENDPOINT);
  const answers = new SendQueue((frames) => socket.send(frames as Buffer[]), MAX_ANSWERS);
  void answerAll(socket, (frames) => {
    const [peer, delimiter, , id, domain, address, , mechanism, credentials] = frames;
    if (!peer || !delimiter || !id || !domain || !address) return;
    const publicKey =
      mechanism?.toString() === CURVE && credentials?.length === KEY_BYTES ? credentials : null;
    const ok =
      publicKey !== null && judge({ domain: domain.toString(), address: address.toString(), publicKey });
    const [code, text] = ok ? ["200", "OK"] : ["400", "not let in"];
    answers.push([peer, delimiter, VERSION, id, code, text, EMPTY, EMPTY]);
  });
  return {
    close: () => {
      socket.close();
    },
  };
}

async function answerAll(socket: Router, answer: (frames: Buffer[]) => void): Promise<void> {
  try {
    for await (const frames of socket) answer(frames);
  } catch (error) {
    if (!socket.closed) throw error;
  }
}
