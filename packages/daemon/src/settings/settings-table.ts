/**
 * The settings as documentation: a Markdown table for READMEs, a text for `--help`. Pure.
 * `npm run generate` puts the tables into the documents and checks that they are fresh.
 */
import { flagName } from "./flags.ts";
import { wanted } from "./parse-value.ts";
import { environmentPrefix } from "./resolve.ts";
import { defaultOf, type Setting, type Settings } from "./setting.ts";
import { formatBytes, formatMilliseconds } from "./units.ts";

/**
 * A Markdown table of settings.
 * @param daemon whose variables they are; `limits` for those of the bus; left out: settings that all daemons share.
 */
export function settingsTable(settings: Settings<unknown>, daemon?: string): string {
  const prefix = daemon === undefined ? "KLOROS_" : environmentPrefix(daemon);
  const rows = Object.entries(settings.table).map(([key, setting]) => {
    const cells = [
      `\`${key}\``,
      defaultText(setting),
      wanted(setting),
      setting.description,
      `\`${prefix}${key.toUpperCase()}\``,
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const head = ["| Setting | Default | Value | Meaning | Environment |", "|---|---|---|---|---|"];
  return [...head, ...rows].join("\n");
}

/** The text of `--help`. */
export function settingsHelp(daemon: string, own: Settings<unknown>, common: Settings<unknown>): string {
  const lines = (settings: Settings<unknown>, prefix: string) =>
    Object.entries(settings.table).flatMap(([key, setting]) => [
      `  ${flagName(key)}  (${prefix}${key.toUpperCase()}, default ${defaultText(setting).replaceAll("`", "")})`,
      `      ${setting.description}`,
    ]);
  return [
    `Usage: ${daemon} [options]`,
    "",
    "A daemon of the signal mesh. Runs until SIGTERM. Settings: option > environment > mesh.yaml in the home > default.",
    ...(Object.keys(own.table).length === 0
      ? []
      : ["", "Its own settings:", ...lines(own, environmentPrefix(daemon))]),
    "",
    "Settings of every daemon:",
    ...lines(common, "KLOROS_"),
    "",
    "Exit codes: 0 stopped as asked, 70 internal error, 73 home not writable, 74 disk full or failing,",
    "            75 already running in this home, 78 configuration invalid.",
    "",
  ].join("\n");
}

function defaultText(setting: Setting): string {
  const value = defaultOf(setting);
  if (value === null || (Array.isArray(value) && value.length === 0)) return "none";
  if (setting.type === "duration") return `\`${formatMilliseconds(Number(value))}\``;
  if (setting.type === "bytes") return `\`${formatBytes(Number(value))}\``;
  return `\`${String(value)}\``;
}
