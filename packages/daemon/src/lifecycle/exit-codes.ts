/** How a daemon's process ends, in the numbers of sysexits.h. */
import {
  AddressError,
  ContractFileError,
  HomeNotPrivateError,
  KeyFileError,
  KeysMissingError,
  TransportRefusedError,
} from "@kloros/bus";
import { ConfigError } from "../settings/problem.ts";
import { HomePathTooLongError, NoSpaceToStartError, TwinRunningError } from "./errors.ts";
import { HomeLostError } from "./guard-home.ts";

export const EXIT = {
  /** Stopped as asked. */
  ok: 0,
  /** Stopped as asked, and to be started again: `system:restart` under `kloros up`. systemd restarts after a 0, too. */
  restart: 79,
  /** An error outside a handler: a bug, or a disk that failed under the journal. Restart. */
  internal: 70,
  /** The home cannot be created or written: permissions, a read-only disk. A person has to act. */
  cannotCreate: 73,
  /** The disk is full or failing at the start, a port is taken, or the home was deleted under the daemon. Restart later. */
  inputOutput: 74,
  /** The same daemon already runs in this home. */
  twin: 75,
  /** The configuration is invalid. A person has to act. */
  config: 78,
} as const;

const UNWRITABLE = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT", "ENAMETOOLONG", "ELOOP"];
const FAILING_DISK = ["ENOSPC", "EDQUOT", "EIO"];

/** What only a person can put right. */
const CONFIGURATION = [
  ConfigError,
  ContractFileError,
  HomePathTooLongError,
  HomeNotPrivateError,
  TransportRefusedError,
  KeysMissingError,
  KeyFileError,
];

/** The exit code for an error that kept a daemon from starting. */
export function exitCodeFor(error: unknown): number {
  if (CONFIGURATION.some((kind) => error instanceof kind)) return EXIT.config;
  if (error instanceof HomeLostError || error instanceof NoSpaceToStartError) return EXIT.inputOutput;
  if (error instanceof TwinRunningError) return EXIT.twin;
  const codes = errnosOf(error);
  if (error instanceof AddressError && codes.includes("EADDRINUSE")) return EXIT.inputOutput;
  if (codes.some((code) => FAILING_DISK.includes(code) || code === "E_DISK_FULL")) return EXIT.inputOutput;
  if (codes.some((code) => UNWRITABLE.includes(code))) return EXIT.cannotCreate;
  return EXIT.internal;
}

/** Error codes of the error and of its causes; system errors hide some levels down. */
function errnosOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") codes.push(cause.code);
  }
  return codes;
}
