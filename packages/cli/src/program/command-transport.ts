/** How a command reaches the emitters of a home: as the home's settings say, with the commands' own keys. */
import { COMMAND_IDENTITY, type Contracts, meshTransport, type Transport } from "@kloros/bus";
import { ConfigError, defineSettings, loadConfig, type LoadedConfig } from "@kloros/daemon";
import { remark } from "./output.ts";

const NO_SETTINGS = defineSettings({});

/**
 * @throws {ConfigError} the settings of the home are wrong
 * @throws {TransportRefusedError} {KeysMissingError} {KeyFileError} with them nobody can be reached
 */
export async function commandTransport(home: string, contracts: Contracts): Promise<Transport> {
  const { common, limits } = await settingsOf(home);
  const onTrouble = (error: Error) => {
    remark(error.message);
  };
  return meshTransport({ home, limits, contracts, daemon: COMMAND_IDENTITY, settings: common, onTrouble });
}

/** The settings of a home that every daemon shares. @throws {ConfigError} */
export async function settingsOf(home: string): Promise<LoadedConfig<unknown>> {
  const places = { argv: ["--home", home], environment: process.env, cwd: process.cwd() };
  const result = await loadConfig(COMMAND_IDENTITY, NO_SETTINGS, places);
  if (result.kind === "loaded") return result.loaded;
  throw new ConfigError(result.kind === "invalid" ? result.problems : []);
}
