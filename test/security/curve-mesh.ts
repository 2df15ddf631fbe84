/** Nodes of one process over tcp with CURVE, in a home of their own, and strangers that knock at their ports. */
import { join } from "node:path";
import {
  COMMAND_IDENTITY,
  DEFAULT_LIMITS,
  type EmittedSignal,
  type Envelope,
  initKeys,
  loadContracts,
  meshTransport,
  type Node,
  openNode,
  portsOf,
  readKeys,
  tcpAddresses,
  type Transport,
} from "@kloros/bus";
import { freePortOffset } from "@kloros/bus/testing";
import { onTestFinished } from "vitest";
import { Dealer, Subscriber } from "zeromq";
import { eventually } from "../mesh/eventually.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

export const contracts = loadContracts();
export const EMITTER = "intent_router";
export const CONSUMER = "investigation_consumer_daemon";
export const SIGNAL = "Q_CURIOSITY_INVESTIGATE";
/** Heals soon, so that tests are short. */
const LIMITS = { heartbeatBusyMs: 50, heartbeatIdleMs: 300, ledgerDeadlineMs: 200 };

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface WatchedNode extends Node {
  readonly lines: LogLine[];
  readonly alerts: EmittedSignal[];
  readonly heard: Envelope[];
  readonly transport: Transport;
}

/** Keys of a stranger: Z85. */
export interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

export async function curveMesh() {
  const home = join(await tempFolder(), "home");
  await initKeys(
    home,
    contracts.daemons.map(({ name }) => name),
  );
  const tcp_port_offset = await freePortOffset(contracts.daemons);
  const settings = { transport: "tcp", tcp_host: "127.0.0.1", tcp_port_offset, curve: true } as const;
  const addresses = tcpAddresses("127.0.0.1", portsOf(contracts.daemons, tcp_port_offset));
  const limits = { ...DEFAULT_LIMITS, ...LIMITS };
  const transportOf = async (daemon: string): Promise<Transport> =>
    meshTransport({ home, limits, contracts, daemon, settings });
  return {
    home,
    settings,
    addresses,
    transportOf,
    commandTransport: async () => transportOf(COMMAND_IDENTITY),
    publicKeyOf: (name: string) => readKeys(home).allowed.find((key) => key.name === name)?.public_key ?? "",
    /** A running node; a consumer hears the signal of these tests. */
    async node(daemon: string): Promise<WatchedNode> {
      const [lines, alerts, heard]: [LogLine[], EmittedSignal[], Envelope[]] = [[], [], []];
      const note = (level: string) => (fields: object, message: string) => {
        lines.push({ ...fields, level, message });
      };
      const transport = await transportOf(daemon);
      const node = await openNode({
        daemon,
        home,
        contracts,
        transport,
        limits: LIMITS,
        log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
        hooks: {
          onEmitted: (signal) => {
            if (signal.signal === "Q_HEALTH_ALERT") alerts.push(signal);
          },
        },
      });
      onTestFinished(() => node.close());
      if (daemon === CONSUMER) node.on(SIGNAL, (signal) => void heard.push(signal as unknown as Envelope));
      await node.start();
      return Object.assign(node, { lines, alerts, heard, transport });
    },
  };
}

export type CurveMesh = Awaited<ReturnType<typeof curveMesh>>;

/** Emits one signal of these tests. */
export async function ask(node: Node, question_id: string): Promise<string> {
  const facts = { question: "What is it?", question_id, priority: "normal", evidence: [] } as const;
  return (await node.emit(SIGNAL, facts as never)).id;
}

/** Somebody who listens to everything and asks the ledger for everything, and keeps what it gets. */
export function stranger(mesh: CurveMesh, keys: object, emitter = EMITTER) {
  const got: string[] = [];
  const failures: string[] = [];
  const { live, ledger } = mesh.addresses(emitter);
  const common = { linger: 0, reconnectInterval: 20, reconnectMaxInterval: 100, ...keys };
  const sockets = [
    new Subscriber(common),
    new Dealer({ ...common, immediate: true, sendTimeout: 0 }),
  ] as const;
  const [subscriber, dealer] = sockets;
  for (const socket of sockets) {
    for (const event of [
      "handshake:error:auth",
      "handshake:error:protocol",
      "handshake:error:other",
    ] as const)
      socket.events.on(event, () => void failures.push(event));
    void read(socket, got);
  }
  subscriber.subscribe();
  subscriber.connect(live);
  dealer.connect(ledger);
  const asking = setInterval(() => {
    const hello = { t: "hello", v: 1, consumer: "stranger", names: {}, epoch: null, cursors: {} };
    dealer.send(JSON.stringify(hello)).catch(() => undefined);
  }, 50);
  const leave = () => {
    clearInterval(asking);
    for (const socket of sockets) socket.close();
  };
  onTestFinished(leave);
  return { got, failures, leave };
}

async function read(socket: Subscriber | Dealer, got: string[]): Promise<void> {
  try {
    for await (const frames of socket) got.push(frames.map(String).join(" "));
  } catch {
    // Closed.
  }
}

/** Listens as soon as the emitter lets these keys in: ZeroMQ itself does not knock twice. */
export async function letIn(mesh: CurveMesh, keys: KeyPair) {
  return eventually("it is let in", async () => {
    const trying = stranger(mesh, withKeys(keys, mesh.publicKeyOf(EMITTER)));
    const heard = () => trying.got.length > 0 || trying.failures.length > 0;
    await eventually("it is answered", heard);
    if (trying.got.length > 0) return trying;
    trying.leave();
    return null;
  });
}

export function withKeys({ publicKey, secretKey }: KeyPair, serverKey: string): object {
  return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: serverKey };
}
