/** docs/writing-a-daemon.md as a program: its commands, files and insertions, by the marks that stand before them. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ROOT } from "../mesh/commands.ts";

const PAGE = readFileSync(`${ROOT}docs/writing-a-daemon.md`, "utf8");
/** Longest run of one listing, in milliseconds. */
const DEADLINE_MS = 60_000;

/** The listing behind `<!-- mark -->`. @throws Error when the page has none */
export function listing(mark: string): string {
  const at = PAGE.indexOf(`<!-- ${mark} -->`);
  const found = at < 0 ? null : /```\w+\n([\s\S]*?)```/.exec(PAGE.slice(at));
  if (found === null) throw new Error(`docs/writing-a-daemon.md has no listing behind <!-- ${mark} -->`);
  return found[1]!;
}

/** Marks of one kind, in their order. */
export function marks(kind: string): string[] {
  return [...PAGE.matchAll(new RegExp(`<!-- ${kind}: (\\S+) -->`, "g"))].map((match) => match[1]!);
}

/** Environment in which the guide's commands are found. */
export function guideEnvironment(home: string): NodeJS.ProcessEnv {
  const { PATH = "" } = process.env;
  return {
    ...process.env,
    PATH: `${ROOT}node_modules/.bin:${PATH}`,
    KLOROS_HOME: home,
    npm_config_offline: "true",
  };
}

/** Runs a listing in a shell that ends with its first failure. @throws Error with all that was said */
export async function runListing(mark: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", listing(mark)], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    said += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the listing "${mark}" ended with ${String(code)}:\n${said}`);
  return stdout;
}

/** Writes a listing to the file that its mark names. */
export async function writeListing(file: string, folder: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), listing(`file: ${file}`));
}

/** Puts the facts of a listing into a contract, as the guide says: those members are replaced. */
export async function replaceFacts(signal: string, folder: string): Promise<void> {
  const file = join(folder, `contracts/signals/${signal}.schema.json`);
  const contract = JSON.parse(await readFile(file, "utf8")) as object;
  const facts = JSON.parse(listing(`facts: ${signal}`)) as object;
  await writeFile(file, JSON.stringify({ ...contract, ...facts }, null, 2));
}

/** The import of the listing goes before the first import of the daemon's own, its call before the line with `anchor`. */
export async function insertListing(file: string, folder: string, anchor: string): Promise<void> {
  const [imported = "", ...call] = listing(`insert: ${file}`).trimEnd().split("\n");
  const lines = (await readFile(join(folder, file), "utf8")).split("\n");
  lines.splice(
    lines.findIndex((line) => line.includes(anchor)),
    0,
    ...call,
  );
  lines.splice(
    lines.findIndex((line) => /from "\.\//.test(line)),
    0,
    imported,
  );
  await writeFile(join(folder, file), lines.join("\n"));
}
