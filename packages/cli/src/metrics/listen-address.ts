/** Where `kloros metrics serve` listens. Pure. */
import { isIPv6 } from "node:net";
import { usageError } from "../program/errors.ts";

export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly loopback: boolean }
  | { readonly kind: "unix"; readonly path: string };

/** Longest path of a socket, in bytes: `sun_path` of Linux without its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;

/** `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`, `unix:/path`. @throws {CommandError} 64 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (!path.startsWith("/")) throw usageError(`--listen ${text}: the path of a socket begins with /`);
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES)
      throw usageError(`--listen ${text}: the path is longer than ${String(MAX_SOCKET_PATH_BYTES)} bytes`);
    return { kind: "unix", path };
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/u.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  const misplaced = match?.[1] !== undefined && !isIPv6(match[1]);
  if (host === undefined || misplaced || port > 65_535)
    throw usageError(`--listen ${text}: write it as 127.0.0.1:9464, [::1]:9464 or unix:/path/to/socket`);
  return { kind: "tcp", host, port, loopback: isLoopback(host) };
}

/** Names are not asked for: what a resolver answers today may be another address tomorrow. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/u.test(host);
}

export function shownAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `http://${isIPv6(address.host) ? `[${address.host}]` : address.host}:${String(address.port)}`;
}
