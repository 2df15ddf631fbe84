/**
 * A thousand clients of one control socket, most of them bad, for as long as stdin is open. Says `stormy` on stdout when all
 * are connected and have begun; at the end what it saw, as JSON. Who is disconnected comes again.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { clearInterval, setInterval, setTimeout } from "node:timers";

const [, , socketPath] = process.argv;

/** How many clients of each kind; a thousand in all. */
const CLIENTS = { idle: 600, slowReader: 100, halfLine: 100, garbage: 100, hugeLine: 50, flooder: 50 };
const HUGE_LINE = Buffer.from(`${"x".repeat(10_000_000)}\n`);
const COME_AGAIN_MS = 100;
/** Between two bursts of one client, in milliseconds. */
const PAUSE_MS = 20;
const FLOOD = Buffer.from('{"event":"system:health"}\n{"event":"system:discover"}\n'.repeat(200));

const seen = { connected: 0, most: 0, disconnected: 0, refusals: {} };
const begun = new Set();
let ended = false;

/** What each kind does once it is connected. */
const KINDS = {
  idle: () => undefined,
  slowReader(socket) {
    socket.pause();
    socket.write('{"event":"signal:subscribe"}\n{"event":"monitor:subscribe"}\n');
    every(socket, () => socket.read(16)); // A few bytes now and then.
  },
  halfLine(socket) {
    socket.write('{"event":"system:health","data":{"');
    every(socket, () => socket.write("x"));
  },
  garbage(socket) {
    every(socket, () => send(socket, randomBytes(4096)));
  },
  hugeLine(socket) {
    every(socket, () => send(socket, HUGE_LINE));
  },
  flooder(socket) {
    socket.pause();
    every(socket, () => send(socket, FLOOD));
  },
};

/** Writes when what was written before has left: a flood is bounded by the reader, as it is in real life. */
function send(socket, bytes) {
  if (socket.writableLength === 0) socket.write(bytes);
}

function every(socket, act) {
  const timer = setInterval(act, PAUSE_MS);
  socket.once("close", () => clearInterval(timer));
}

function client(kind, number) {
  if (ended) return;
  const socket = connect(socketPath);
  socket.on("error", () => undefined);
  let text = "";
  if (kind === "garbage" || kind === "hugeLine" || kind === "idle")
    socket.on("data", (chunk) => {
      if (text.length < 512) text = (text + chunk.toString("latin1")).slice(0, 512);
    });
  let counted = false;
  socket.once("connect", () => {
    counted = true;
    seen.connected++;
    seen.most = Math.max(seen.most, seen.connected);
    KINDS[kind](socket);
    begun.add(`${kind} ${number}`);
    if (begun.size === 1_000) process.stdout.write("stormy\n", () => undefined);
  });
  socket.once("close", () => {
    if (counted) {
      seen.connected--;
      seen.disconnected++;
    }
    if (text !== "") seen.refusals[kind] = text.split("\n")[0];
    setTimeout(() => client(kind, number), COME_AGAIN_MS);
  });
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
}

const sockets = new Set();
for (const [kind, count] of Object.entries(CLIENTS))
  for (let number = 0; number < count; number++) client(kind, number);

process.stdin.resume();
process.stdin.on("end", () => {
  ended = true;
  for (const socket of sockets) socket.destroy();
  setTimeout(() => {
    process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));
  }, COME_AGAIN_MS);
});
