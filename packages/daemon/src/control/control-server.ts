/**
 * The control socket of one daemon: `$HOME/run/<daemon>.sock`, 0600. To be opened only while the daemon's lock
 * is held: then a socket file that exists is a dead process's, and is removed (no PID files, no races).
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { ByteBudget } from "./byte-budget.ts";
import { type Answer, Connection } from "./connection.ts";
import { TooManyConnectionsError } from "./errors.ts";
import { connectionPlaces } from "./places.ts";
import { errorReply, replyLine } from "./protocol.ts";
import { RequestGate } from "./request-gate.ts";
import { SkimQueue } from "./skim-queue.ts";
import { WorkTurns } from "./work-turns.ts";

/** Clients that may knock at the same moment; the kernel takes less where `net.core.somaxconn` is lower. */
const BACKLOG = 4_096;
/** Longest path of a socket, in bytes: `sun_path` of Linux without its final zero. */
export const MAX_SOCKET_PATH_BYTES = 107;

export interface ControlServer {
  /** Stops listening, sends what is buffered, removes the socket file. */
  close(): Promise<void>;
  /** Clients connected now. */
  readonly connections: number;
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
  const turns = new WorkTurns();
  const gate = new RequestGate(turns);
  const parts = {
    answer,
    turns,
    gate,
    budget: new ByteBudget(),
    skims: new SkimQueue(),
    streams: { open: 0 },
    now,
  };
  const places = connectionPlaces();
  /** What a client without a place is told: its code says that asking again does no harm. */
  const noRoom = () =>
    replyLine(errorReply({ event: "", correlation_id: null }, new TooManyConnectionsError(places), now()));
  let lastId = 0;
  // A client may close its side and still wait for its answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= places && !makeRoom(connections, noRoom)) return turnAway(socket, noRoom());
    const connection = new Connection(++lastId, socket, parts);
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
  });
  rmSync(path, { force: true });
  await listening(server, path);
  chmodSync(path, 0o600);
  return {
    get connections() {
      return connections.size;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.end();
      await closed;
      rmSync(path, { force: true });
    },
  };
}

function turnAway(socket: Socket, farewell: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(farewell, () => socket.destroySoon());
  socket.resume();
}

function makeRoom(connections: Set<Connection>, noRoom: () => string): boolean {
  let oldest: Connection | undefined;
  for (const connection of connections)
    if (connection.isIdle && connection.lastActiveAt < (oldest?.lastActiveAt ?? Infinity))
      oldest = connection;
  if (oldest === undefined) return false;
  connections.delete(oldest);
  oldest.end(noRoom());
  return true;
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.off("error", reject);
      server.on("error", () => undefined); // Refusals of single connections (EMFILE); the next one may work.
      resolve();
    });
  });
}
