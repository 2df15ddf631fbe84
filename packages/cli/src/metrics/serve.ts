/**
 * The mesh's metrics over HTTP: `GET /metrics`, `GET /-/healthy`, nothing else. Reads only; answers are made anew for each
 * scrape. Clients, requests and their time are bounded, and what a request says is ignored but its first line (P5, P10).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { chmodSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { CommandError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import type { ListenAddress } from "./listen-address.ts";
import { type MeshScraper, renderScrape } from "./scrape.ts";

/** Clients at once: some scrapers, and a curious person. */
const MAX_CONNECTIONS = 32;
/** A request must have come whole within this time, in milliseconds. */
const REQUEST_DEADLINE_MS = 5_000;
/** A connection that is kept alive but says nothing is closed after this time, in milliseconds. */
const IDLE_MS = 65_000;
/** A client that does not read its answer is let go after this time, in milliseconds. */
const ANSWER_DEADLINE_MS = 20_000;
/** Header bytes of a request. */
const MAX_HEADER_BYTES = 8 * 1024;

const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

export interface MetricsServer {
  /** Where it really listens: port 0 has become a port. */
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** @throws {CommandError} 69 when the address is taken or cannot be listened on */
export async function serveMetrics(address: ListenAddress, scraper: MeshScraper): Promise<MetricsServer> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: REQUEST_DEADLINE_MS,
      headersTimeout: REQUEST_DEADLINE_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void answer(scraper, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(Math.max(IDLE_MS, ANSWER_DEADLINE_MS), (socket) => socket.destroy());
  await listening(server, address);
  return {
    address: realAddress(server, address),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      if (address.kind === "unix") rmSync(address.path, { force: true });
    },
  };
}

async function answer(
  scraper: MeshScraper,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "", url = "" } = request;
  const path = url.split("?", 1)[0];
  // A body has no meaning here; whoever sends one is not waited for.
  if (
    request.headers["transfer-encoding"] !== undefined ||
    Number(request.headers["content-length"] ?? 0) > 0
  )
    return end(response.setHeader("Connection", "close"), 413, "no body is taken\n");
  if (method !== "GET" && method !== "HEAD")
    return end(response.setHeader("Allow", "GET, HEAD"), 405, "only GET and HEAD\n");
  if (path === "/-/healthy") return end(response, 200, "ok\n");
  if (path !== "/metrics") return end(response, 404, "there is /metrics and /-/healthy\n");
  try {
    const text = renderScrape(await scraper.scrape());
    end(response, 200, text, TEXT_FORMAT);
  } catch (error) {
    end(response, 503, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.setTimeout(ANSWER_DEADLINE_MS, () => response.destroy());
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
}

async function listening(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === "unix") await clearDeadSocket(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cannotListen(cause)));
    const done = () => {
      server.removeAllListeners("error").on("error", () => undefined); // Refusals of single connections.
      resolve();
    };
    if (address.kind === "tcp") server.listen({ host: address.host, port: address.port }, done);
    else {
      const umask = process.umask(0o177); // Never reachable for others, not even for a moment.
      server.listen(address.path, done);
      process.umask(umask);
    }
  });
  if (address.kind === "unix") chmodSync(address.path, 0o600);
}

function cannotListen(cause: Error): CommandError {
  return new CommandError(EXIT.unreachable, `cannot listen: ${cause.message}`, { cause });
}

/** A socket file at which nobody listens is left over from a killed process. */
async function clearDeadSocket(path: string): Promise<void> {
  const dead = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
  if (dead) rmSync(path, { force: true });
}

function realAddress(server: Server, address: ListenAddress): ListenAddress {
  if (address.kind === "unix") return address;
  return { ...address, port: (server.address() as AddressInfo).port };
}
