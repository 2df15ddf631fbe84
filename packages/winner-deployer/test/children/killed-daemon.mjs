/**
 * The real daemon, in a process that dies by SIGKILL right after the change number `KILL_AT` (from 1): a change of the files in
 * `deployed/`, or a commit of its state. Between two changes nothing durable happens, so this is every step there is.
 * Prints `change <n> <what>` for each, so that a test sees how many there are.
 */
import { writeSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const killAt = Number(process.env["KILL_AT"] ?? 0);
let changes = 0;

for (const name of ["mkdir", "rename", "rm", "symlink", "copyFile", "writeFile", "open"]) {
  const original = fs[name];
  fs[name] = async (...args) => {
    const result = await original(...args);
    if (isChange(name, args)) changed(`${name} ${args.map(String).join(" ")}`);
    return result;
  };
}
syncBuiltinESMExports();

function isChange(name, args) {
  const isDeployed = args.some((arg) => typeof arg === "string" && arg.includes("/deployed/"));
  return isDeployed && (name !== "open" || (args[1] !== "r" && args[1] !== undefined));
}

function changed(what) {
  changes++;
  writeSync(1, `change ${String(changes)} ${what}\n`);
  if (changes === killAt) process.kill(process.pid, "SIGKILL");
}

function watched(node) {
  return new Proxy(node, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "transact") return value.bind(target);
      return async (body) => {
        const result = await target.transact(body);
        changed("commit");
        return result;
      };
    },
  });
}

const { runDaemon } = await import("@kloros/daemon");
const { settings, winnerDeployer } = await import("@kloros/winner-deployer");
await runDaemon(
  "winner_deployer_daemon",
  (context) => winnerDeployer({ ...context, node: watched(context.node) }),
  { settings },
);
