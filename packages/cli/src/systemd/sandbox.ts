/**
 * The sandbox that all units share, and how much of the network each may reach. What Node and ZeroMQ need is left
 * open with its reason; docs/adr/0013-systemd-installation.md has the measurements.
 */
import type { DaemonInfo } from "@kloros/bus";

export type Network = NonNullable<DaemonInfo["network"]>;

/** Lines of `[Service]` that are the same for every daemon. */
export const SANDBOX: readonly string[] = [
  "ProtectSystem=strict",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "DevicePolicy=closed",
  "PrivateMounts=yes",
  "PrivateUsers=yes",
  "PrivateIPC=yes",
  "RemoveIPC=yes",
  "KeyringMode=private",
  "# Not ProcSubset=pid: clocks, load and memory are read from /proc",
  "ProtectProc=invisible",
  "ProtectClock=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectControlGroups=yes",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "NoNewPrivileges=yes",
  "CapabilityBoundingSet=",
  "AmbientCapabilities=",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
  "# libzmq sets SCHED_OTHER for its thread and aborts when refused: 0 answers that it is done, and does nothing",
  "SystemCallFilter=~sched_setscheduler:0",
  "# setpriv, which ties children to their daemon, sets the capabilities that it has: none",
  "SystemCallFilter=~capset:0",
  "# EPERM, not SIGSYS: Node 20 tries pkey_alloc and goes on without it",
  "SystemCallErrorNumber=EPERM",
  "# Not MemoryDenyWriteExecute: V8 compiles",
];

const NETWORKS: Readonly<Record<Network, readonly string[]>> = {
  none: ["PrivateNetwork=yes", "IPAddressDeny=any", "RestrictAddressFamilies=AF_UNIX"],
  loopback: [
    "IPAddressDeny=any",
    "IPAddressAllow=localhost",
    "# AF_NETLINK: libzmq lists the interfaces when it binds",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  ],
  any: ["RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"],
};

/** Lines of `[Service]` for whichever reaches further: what the daemon needs, or what the bus does. */
export function networkLines(daemons: Network, bus: Network): readonly string[] {
  const reach: readonly Network[] = ["none", "loopback", "any"];
  return NETWORKS[reach.indexOf(daemons) > reach.indexOf(bus) ? daemons : bus];
}
