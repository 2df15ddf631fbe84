/**
 * The control socket of one daemon: `$HOME/run/<daemon>.sock`, 0600. To be opened only while the daemon's lock
 * is held: then a socket file that exists is a dead process's, and is removed (no PID files, no races).
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { type Answer, type Connection, serveConnection } from "./connection.ts";
import { errorReply } from "./protocol.ts";

/** Clients at once. When all places are taken, the client that has been idle longest makes room. */
export const MAX_CONNECTIONS = 64;
/** Requests of all clients that run at once: with one line each in memory they stay below 256 MiB. */
export const MAX_RUNNING_REQUESTS = 256;
/** Longest path of a socket, in bytes: `sun_path` of Linux without its final zero. */
export const MAX_SOCKET_PATH_BYTES = 107;

export interface ControlServer {
  /** Stops listening, sends what is buffered, removes the socket file. */
  close(): Promise<void>;
}

/**
 * Listens on `path` and answers requests with `answer`, whose error messages are sent to the client.
 * @throws the system error when the socket cannot be created
 */
export async function openControlServer(
  path: string,
  answer: Answer,
  now: () => number = Date.now,
): Promise<ControlServer> {
  const connections = new Set<Connection>();
  const limited = limitedTo(MAX_RUNNING_REQUESTS, answer);
  const server = createServer((socket) => {
    if (connections.size >= MAX_CONNECTIONS && !makeRoom(connections)) {
      socket.on("error", () => socket.destroy());
      socket.end(
        `${JSON.stringify(errorReply({ event: "", correlation_id: null }, "too many connections; try again", now()))}\n`,
      );
      socket.resume();
      return;
    }
    const connection = serveConnection(socket, limited, now);
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
  });
  rmSync(path, { force: true });
  await listening(server, path);
  chmodSync(path, 0o600);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.end();
      await closed;
      rmSync(path, { force: true });
    },
  };
}

function limitedTo(limit: number, answer: Answer): Answer {
  let running = 0;
  return async (request) => {
    if (running >= limit) throw new Error(`more than ${limit} requests at once; try again`);
    running++;
    try {
      return await answer(request);
    } finally {
      running--;
    }
  };
}

function makeRoom(connections: Set<Connection>): boolean {
  const idle = [...connections].filter((connection) => connection.idle());
  const oldest = idle.sort((a, b) => a.lastActiveAt - b.lastActiveAt)[0];
  if (!oldest) return false;
  connections.delete(oldest);
  oldest.end();
  return true;
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      server.on("error", () => undefined); // Refusals of single connections (EMFILE); the next one may work.
      resolve();
    });
  });
}
