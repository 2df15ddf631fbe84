import { type Contracts, meshTransport, type Transport } from "@kloros/bus";
import type { Logger } from "pino";
import type { LoadedConfig } from "../settings/load-config.ts";

/** The transport that the settings ask for, with the daemon's own keys. @throws {TransportRefusedError}, {KeysMissingError}, {KeyFileError} */
export function openTransport(
  { common, limits }: LoadedConfig<unknown>,
  daemon: string,
  contracts: Contracts,
  log: Logger,
): Promise<Transport> {
  const onTrouble = (error: Error) => {
    log.error({ err: error }, "The transport is in trouble");
  };
  return meshTransport({ home: common.home, limits, contracts, daemon, settings: common, onTrouble });
}
