/**
 * A daemon's settings as one table: from it come names in mesh.yaml, in the environment and on the command
 * line, their checks, and the README's table. Keys are snake_case and stay so in code.
 */
import { toMilliseconds, toBytes } from "./units.ts";

interface Described {
  /** One sentence for the README: what it decides, not how. */
  readonly description: string;
}

export interface NumberSetting extends Described {
  readonly type: "integer" | "number";
  readonly default: number | null;
  /** For the table, e.g. `signals`, `%`. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
}

/** A time span. Its value is in milliseconds; it is written with a unit (`500ms`, `30s`, `5m`, `2h`, `30d`). */
export interface DurationSetting extends Described {
  readonly type: "duration";
  readonly default: number | string | null;
  readonly min?: number | string;
  readonly max?: number | string;
}

/** An amount of bytes. Its value is in bytes; it is written bare or with a unit (`512KiB`, `1MiB`, `2GiB`). */
export interface BytesSetting extends Described {
  readonly type: "bytes";
  readonly default: number | string | null;
  readonly min?: number | string;
  readonly max?: number | string;
}

export interface BooleanSetting extends Described {
  readonly type: "boolean";
  readonly default: boolean;
}

export interface StringSetting extends Described {
  readonly type: "string";
  readonly default: string | null;
  readonly pattern?: RegExp;
}

export interface EnumSetting extends Described {
  readonly type: "enum";
  readonly values: readonly string[];
  readonly default: string | null;
}

/** Several strings: a YAML list, or separated by commas in the environment and on the command line. */
export interface ListSetting extends Described {
  readonly type: "list";
  readonly default: readonly string[];
}

/** One row of the table. `default: null`: not set unless somebody sets it. */
export type Setting =
  NumberSetting | DurationSetting | BytesSetting | BooleanSetting | StringSetting | EnumSetting | ListSetting;

export type SettingsTable = Readonly<Record<string, Setting>>;

type Plain<D extends Setting> = D extends NumberSetting | DurationSetting | BytesSetting
  ? number
  : D extends BooleanSetting
    ? boolean
    : D extends ListSetting
      ? readonly string[]
      : D extends { readonly values: readonly (infer V)[] }
        ? V
        : string;

/** The type of a setting's value: durations and bytes are numbers; null only where the default is null. */
export type ValueOf<D extends Setting> = Plain<D> | (D extends { readonly default: null } ? null : never);

/** A checked table; `S` is the config object that a daemon gets. */
export interface Settings<S> {
  readonly table: SettingsTable;
  /** The config when nobody sets anything: for tests and for documentation. */
  defaults(): S;
}

const KEY = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/**
 * Declares the settings of a daemon.
 * @throws {TypeError} a key is not snake_case, or a default is outside its own bounds
 * @example
 * const settings = defineSettings({
 *   max_intent_bytes: { type: "bytes", default: "1MiB", min: 1, description: "Largest intent file; larger ones are rejected." },
 *   settle: { type: "duration", default: "200ms", description: "How long a file must be quiet before it is read." },
 * });
 */
export function defineSettings<const T extends SettingsTable>(
  table: T,
): Settings<{ readonly [K in keyof T]: ValueOf<T[K]> }> {
  for (const [key, setting] of Object.entries(table)) {
    if (!KEY.test(key)) throw new TypeError(`setting ${key}: the name must be snake_case`);
    const value = defaultOf(setting);
    if (typeof value !== "number") continue;
    const { min, max } = boundsOf(setting);
    if (value < min || value > max)
      throw new TypeError(`setting ${key}: its default is outside its own bounds`);
  }
  return {
    table,
    defaults: () => {
      const entries = Object.entries(table).map(([key, setting]) => [key, defaultOf(setting)]);
      return Object.fromEntries(entries) as { readonly [K in keyof T]: ValueOf<T[K]> };
    },
  };
}

export type SettingValue = number | boolean | string | readonly string[] | null;

/** The default as the value that code sees: milliseconds, bytes. */
export function defaultOf(setting: Setting): SettingValue {
  if (setting.default === null) return null;
  return setting.type === "duration" || setting.type === "bytes"
    ? amount(setting, setting.default)
    : setting.default;
}

/** The inclusive bounds of a numeric setting, in its value's unit; infinite where none is set. */
export function boundsOf(setting: Setting): { min: number; max: number } {
  switch (setting.type) {
    case "integer":
    case "number":
      return { min: setting.min ?? -Infinity, max: setting.max ?? Infinity };
    case "duration":
    case "bytes":
      return { min: amount(setting, setting.min ?? 0), max: amount(setting, setting.max ?? Infinity) };
    default:
      return { min: -Infinity, max: Infinity };
  }
}

function amount(setting: DurationSetting | BytesSetting, written: number | string): number {
  if (typeof written === "number") return written;
  const value = setting.type === "duration" ? toMilliseconds(written) : toBytes(written);
  if (value === undefined)
    throw new TypeError(`"${written}" is no ${setting.type} (in: ${setting.description})`);
  return value;
}
