/** Another user of the machine, for real: a process with a uid of its own that tries what it can. Needs root and setpriv. */
import { spawn, spawnSync } from "node:child_process";

/** nobody */
const OTHER_UID = "65534";
const BECOME = ["--reuid", OTHER_UID, "--regid", OTHER_UID, "--clear-groups"];

/** Why there is no other user here, or null. */
export function otherUserMissing(): string | null {
  if (process.getuid?.() !== 0) return "another user of the machine can be tried as root only";
  const tried = spawnSync("setpriv", [...BECOME, process.execPath, "-e", "0"]);
  return tried.status === 0 ? null : "setpriv (util-linux) is missing, or other users cannot run node";
}

export interface Attempts {
  readonly list?: readonly string[];
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  /** Paths of Unix sockets. */
  readonly connect?: readonly string[];
  /** Ports on the loopback interface, greeted as a ZeroMQ subscriber without keys would. */
  readonly subscribe?: readonly number[];
}

/** By attempt, such as `read /path`: the errno, or what came of it. */
export type Outcomes = Readonly<Record<string, string>>;

/** Tries all of it as nobody, or as oneself: then it has to succeed, or the attempts prove nothing. */
export async function attempt(who: "another user" | "the owner", attempts: Attempts): Promise<Outcomes> {
  const node = [process.execPath, "--input-type=module", "-e", INTRUDER];
  const [command = "", ...args] = who === "the owner" ? node : ["setpriv", ...BECOME, ...node];
  const child = spawn(command, [...args, JSON.stringify(attempts)], {
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  return JSON.parse(output) as Outcomes;
}

/** Reads nothing of this project: another user may not even see where it is. */
const INTRUDER = `
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
const attempts = JSON.parse(process.argv.at(-1));
const outcomes = { uid: String(process.getuid()) };
const note = (what, run) => {
  try { run(); outcomes[what] = "done"; } catch (error) { outcomes[what] = error.code; }
};
for (const path of attempts.list ?? []) note("list " + path, () => readdirSync(path));
for (const path of attempts.read ?? []) note("read " + path, () => readFileSync(path));
for (const path of attempts.write ?? []) note("write " + path, () => appendFileSync(path, "\\n"));
const reach = (what, options, words) => new Promise((resolve) => {
  let bytes = 0;
  const socket = connect(options, () => socket.write(words));
  const finish = (how) => { outcomes[what] = how; socket.destroy(); resolve(); };
  socket.on("data", (chunk) => { bytes += chunk.length; });
  socket.on("error", (error) => finish(error.code === "ECONNRESET" ? "closed after " + bytes + " bytes" : error.code));
  socket.on("close", () => finish("closed after " + bytes + " bytes"));
  setTimeout(() => finish("open after " + bytes + " bytes"), 1_000);
});
const greeting = Buffer.concat([Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 1, 127, 3, 0]), Buffer.from("NULL".padEnd(52, "\\0"))]);
const ready = Buffer.concat([Buffer.from([4, 25, 5]), Buffer.from("READY"), Buffer.from([11]), Buffer.from("Socket-Type"), Buffer.from([0, 0, 0, 3]), Buffer.from("SUB")]);
const subscription = Buffer.from([0, 1, 1]);
await Promise.all([
  ...(attempts.connect ?? []).map((path) => reach("connect " + path, { path }, '{"event":"system:health","data":{}}\\n')),
  ...(attempts.subscribe ?? []).map((port) => reach("subscribe " + port, { port, host: "127.0.0.1" }, Buffer.concat([greeting, ready, subscription]))),
]);
process.stdout.write(JSON.stringify(outcomes));
`;
