/**
 * The transport that the settings of a home ask for; daemons and commands alike get theirs here.
 *
 * T1 Plain TCP never leaves the machine: without CURVE the host has to be loopback, whatever it is called.
 * T2 TCP with CURVE needs an identity that is let in; without one nothing is bound and nothing is connected.
 */
import type { BusLimits } from "../protocol/limits.ts";
import type { Contracts } from "../signal/contract.ts";
import { ipcAddresses, portsOf, tcpAddresses } from "./addresses.ts";
import { TransportRefusedError } from "./errors.ts";
import { KeyRing } from "./keys/key-ring.ts";
import { resolveHost } from "./loopback.ts";
import { Protection } from "./protection.ts";
import type { Transport } from "./transport.ts";
import { zeroMqTransport } from "./zeromq.ts";

export interface TransportSettings {
  readonly transport: "ipc" | "tcp";
  /** Address or name to bind to, with tcp. */
  readonly tcp_host: string;
  /** Added to each port of the roster, with tcp. */
  readonly tcp_port_offset: number;
  /** CURVE, with tcp. */
  readonly curve: boolean;
}

export interface MeshTransportOptions {
  readonly home: string;
  readonly limits: BusLimits;
  readonly contracts: Contracts;
  /** Whose keys are used: a daemon, or `chem_bus` for commands. */
  readonly daemon: string;
  readonly settings: TransportSettings;
  /** Keys that cannot be read any more, a port that was taken: to be logged. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Nothing is bound yet when it resolves.
 * @throws {TransportRefusedError} the settings are unsafe or contradict each other
 * @throws {KeysMissingError} {@link TransportSettings.curve} is on and this identity has no key
 * @throws {KeyFileError} a key file can be read by others, or is damaged
 */
export async function meshTransport(options: MeshTransportOptions): Promise<Transport> {
  const { home, limits, contracts, daemon, settings } = options;
  if (settings.transport === "ipc") return ipcTransport(home, limits);
  const host = await resolveHost(settings.tcp_host);
  if (!settings.curve && !host.loopback)
    throw new TransportRefusedError(
      `tcp_host: ${settings.tcp_host} can be reached from other machines, and curve: false would let everybody in: set curve: true, or tcp_host: 127.0.0.1`,
    ); // T1
  const onTrouble = options.onTrouble ?? noop;
  const ports = portsOf(contracts.daemons, settings.tcp_port_offset);
  const protection = settings.curve
    ? { protection: new Protection(new KeyRing({ home, identity: daemon, onTrouble })) } // T2
    : {};
  return zeroMqTransport({
    addresses: tcpAddresses(host.nearby, ports),
    bindAddresses: tcpAddresses(host.address, ports),
    ...socketLimits(limits),
    ...protection,
    ipv6: host.family === 6,
    watchPeers: true,
    onTrouble,
  });
}

/** ZeroMQ over Unix sockets in the home. */
export function ipcTransport(home: string, limits: BusLimits): Transport {
  return zeroMqTransport({ addresses: ipcAddresses(home), ...socketLimits(limits) });
}

/** Frames may be as large as the largest commit or batch, plus one signal that came over the limit. */
export function socketLimits(limits: BusLimits) {
  const { publishHighWaterMark, maxPublishQueue, maxCommitBytes, maxFetchBytes, maxSignalBytes } = limits;
  return {
    publishHighWaterMark,
    maxPublishQueue,
    maxFrameBytes: 2 * Math.max(maxCommitBytes, maxFetchBytes) + maxSignalBytes,
  };
}

function noop(): void {
  // Whoever does not ask is not told.
}
