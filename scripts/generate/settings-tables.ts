/**
 * Settings as tables: each daemon's and the supervisor's in its README, those of every daemon and the bounds of the bus in docs/operations.md.
 * A document says where by a pair of markers; one without markers is left alone.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { commonSettings, limitSettings, settingsTable, type Settings } from "@kloros/daemon";
import type { DaemonInfo } from "../../packages/bus/src/signal/contract.ts";
import { ROOT } from "./root.ts";

interface Document {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** The documents that hold a table, with the text they should have. */
export async function settingsDocuments(daemons: readonly DaemonInfo[]): Promise<readonly Document[]> {
  const operations = `${ROOT}docs/operations.md`;
  const text = withTable(readFileSync(operations, "utf8"), "settings", settingsTable(commonSettings));
  return [
    { file: operations, text: withTable(text, "limits", settingsTable(limitSettings, "limits")) },
    await supervisorReadme(),
    ...(await daemonReadmes(daemons)),
  ];
}

/** `kloros up` is no daemon, but its settings are read by the same rules. */
async function supervisorReadme(): Promise<Document> {
  const home = `${ROOT}packages/cli`;
  const { supervisorSettings } = (await import(`${home}/src/up/config.ts`)) as {
    supervisorSettings: Settings<unknown>;
  };
  const readme = readFileSync(`${home}/README.md`, "utf8");
  return {
    file: `${home}/README.md`,
    text: withTable(readme, "settings", settingsTable(supervisorSettings, "supervisor")),
  };
}

async function daemonReadmes(daemons: readonly DaemonInfo[]): Promise<Document[]> {
  const built = readdirSync(`${ROOT}packages`);
  const documents = daemons
    .filter(
      (daemon) => built.includes(daemon.package) && existsSync(`${ROOT}packages/${daemon.package}/README.md`),
    )
    .map(async (daemon) => {
      const home = `${ROOT}packages/${daemon.package}`;
      const { settings } = (await import(`${home}/src/config.ts`)) as { settings: Settings<unknown> };
      const readme = readFileSync(`${home}/README.md`, "utf8");
      return {
        file: `${home}/README.md`,
        text: withTable(readme, "settings", settingsTable(settings, daemon.name)),
      };
    });
  return Promise.all(documents);
}

/** The document with what stands between `<!-- name:start -->` and `<!-- name:end -->` replaced. */
export function withTable(document: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from === -1 || to < from) return document;
  return `${document.slice(0, from + start.length)}\n\n${table}\n\n${document.slice(to)}`;
}
