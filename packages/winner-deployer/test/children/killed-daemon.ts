/**
 * The real daemon, in a process that dies by SIGKILL right after the change number `KILL_AT` (from 1): a change of the files in
 * `deployed/`, or a commit of its state. Between two changes nothing durable happens, so this is every step there is.
 * Prints `change <n> <what>` for each, so that a test sees how many there are.
 */
import { writeSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type { Node } from "@kloros/bus";

const killAt = Number(process.env["KILL_AT"] ?? 0);
let changes = 0;

type AnyFunction = (...args: unknown[]) => unknown;
const wrapped = fs as unknown as Record<string, AnyFunction>;

for (const name of ["mkdir", "rename", "rm", "symlink", "copyFile", "writeFile", "open"]) {
  const original = wrapped[name];
  if (!original) throw new Error(`no ${name}`);
  wrapped[name] = async (...args) => {
    const result = await original(...args);
    if (isChange(name, args)) changed(`${name} ${args.map(String).join(" ")}`);
    return result;
  };
}
syncBuiltinESMExports();

function isChange(name: string, args: readonly unknown[]): boolean {
  const isDeployed = args.some((arg) => typeof arg === "string" && arg.includes("/deployed/"));
  return isDeployed && (name !== "open" || (args[1] !== "r" && args[1] !== undefined));
}

function changed(what: string): void {
  changes++;
  writeSync(1, `change ${String(changes)} ${what}\n`);
  if (changes === killAt) process.kill(process.pid, "SIGKILL");
}

function watched(node: Node): Node {
  return new Proxy(node, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "transact") return value.bind(target) as unknown;
      return async (body: Parameters<Node["transact"]>[0]) => {
        const result = await target.transact(body);
        changed("commit");
        return result;
      };
    },
  });
}

const { runDaemon } = await import("@kloros/daemon");
const { settings, winnerDeployer } = await import("../../src/index.ts");
await runDaemon(
  "winner_deployer_daemon",
  (context) => winnerDeployer({ ...context, node: watched(context.node) }),
  { settings },
);
