/** A control socket that answers as the test says, and breaks when the test says so. */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineSplitter } from "@kloros/client";
import { onTestFinished } from "vitest";

export interface FakeRequest {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly correlation_id: string;
}

/** Data of the answer; an Error is answered as one; `SILENCE`: no answer. */
export type FakeAnswer = (request: FakeRequest, socket: Socket) => unknown;
export const SILENCE = Symbol("silence");

export class FakeDaemon {
  readonly home: string;
  readonly name: string;
  /** All requests so far, over all connections. */
  readonly requests: FakeRequest[] = [];
  readonly sockets = new Set<Socket>();
  connections = 0;
  answer: FakeAnswer;
  /** Called for each new connection; true: it has dealt with it. */
  onConnection: (socket: Socket) => boolean = () => false;
  #server: Server | null = null;

  constructor(home: string, name: string, answer: FakeAnswer) {
    this.home = home;
    this.name = name;
    this.answer = answer;
  }

  get socketPath(): string {
    return join(this.home, "run", `${this.name}.sock`);
  }

  async start(): Promise<void> {
    await mkdir(join(this.home, "run"), { recursive: true });
    rmSync(this.socketPath, { force: true });
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve));
  }

  /** Gone as after kill -9: connections broken, nobody listens. */
  async crash(): Promise<void> {
    this.breakConnections();
    const server = this.#server;
    this.#server = null;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  breakConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** A line to all connections. */
  say(line: object): void {
    for (const socket of this.sockets) socket.write(`${JSON.stringify(line)}\n`);
  }

  asked(event: string): FakeRequest[] {
    return this.requests.filter((request) => request.event === event);
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.sockets.delete(socket));
    if (this.onConnection(socket)) return;
    const splitter = new LineSplitter(4 * 1024 * 1024);
    socket.on("data", (chunk: Buffer) => {
      for (const split of splitter.push(chunk))
        if (split.kind === "line") void this.#onRequest(JSON.parse(split.text) as FakeRequest, socket);
    });
  }

  async #onRequest(request: FakeRequest, socket: Socket): Promise<void> {
    this.requests.push(request);
    const { event, correlation_id } = request;
    const data = await this.answer(request, socket);
    if (data === SILENCE || socket.destroyed) return;
    const told =
      data instanceof Error
        ? { error: data.message, ...("code" in data ? { code: data.code } : {}) }
        : { data, count: 1 };
    socket.write(`${JSON.stringify({ event, ...told, correlation_id, timestamp: Date.now() / 1000 })}\n`);
  }
}

export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "kc-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Listens until the end of the test. */
export async function fakeDaemon(
  answer: FakeAnswer,
  { home = newHome(), name = "fake_daemon" } = {},
): Promise<FakeDaemon> {
  const daemon = new FakeDaemon(home, name, answer);
  await daemon.start();
  onTestFinished(() => daemon.crash());
  return daemon;
}
