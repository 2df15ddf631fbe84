/** The door: from a home or a socket to a client. */
import { basename, resolve } from "node:path";
import { homeOf } from "./config.ts";
import { Client, type ClientDefaults } from "./client.ts";
import type { DaemonPlace } from "./errors.ts";
import { DaemonLink, type LinkPolicy } from "./link/daemon-link.ts";
import { MeshClient } from "./mesh-client.ts";
import { placeOf } from "./targets/daemons.ts";

/** Time for one request, unless something else is said, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 5_000;
/** How long a daemon that went away is waited for, in milliseconds: longer than a supervisor's pauses between restarts. */
const DEFAULT_RECONNECT_MS = 300_000;

interface SharedOptions extends Partial<ClientDefaults> {
  /** How long a daemon that went away is waited for, in milliseconds (default 300,000); false: not at all. */
  readonly reconnect?: boolean | { readonly deadlineMs: number };
}

/** One daemon: by name in a home (default `KLOROS_HOME`, else `~/.kloros`), or by the path of its socket. */
export type ConnectOptions = SharedOptions &
  ({ readonly home?: string; readonly daemon: string } | { readonly socketPath: string });

/** Several daemons of a home by name, or all that run. */
export interface ConnectMeshOptions extends SharedOptions {
  readonly home?: string;
  readonly daemons: "all" | readonly string[];
}

/**
 * Connects to one daemon, or prepares to ask several (those are connected to when they are asked).
 * @throws {DaemonUnreachableError} the one daemon does not answer
 */
export async function connect(options: ConnectOptions): Promise<Client>;
export async function connect(options: ConnectMeshOptions): Promise<MeshClient>;
export async function connect(options: ConnectOptions | ConnectMeshOptions): Promise<Client | MeshClient> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, onWarning } = options;
  const defaults = { timeoutMs, onWarning };
  const policy = policyOf(options.reconnect);
  if ("daemons" in options) {
    const place = { home: homeOf(options.home), daemons: options.daemons };
    return new MeshClient(place, defaults, policy);
  }
  const link = new DaemonLink(daemonPlace(options), policy);
  try {
    await link.open(timeoutMs);
  } catch (error) {
    link.close();
    throw error;
  }
  return new Client(link, defaults);
}

function daemonPlace(options: ConnectOptions): DaemonPlace {
  if (!("socketPath" in options)) return placeOf(homeOf(options.home), options.daemon);
  const socketPath = resolve(options.socketPath);
  return { daemon: basename(socketPath, ".sock"), socketPath };
}

function policyOf(reconnect: SharedOptions["reconnect"]): LinkPolicy {
  if (reconnect === false) return { reconnectMs: 0 };
  return {
    reconnectMs: typeof reconnect === "object" ? reconnect.deadlineMs : DEFAULT_RECONNECT_MS,
  };
}
