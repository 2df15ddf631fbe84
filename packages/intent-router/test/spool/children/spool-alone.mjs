/**
 * A spool in a process of its own. Arguments: home, settings as JSON, and optionally a step and how often it is to be
 * reached before the process kills itself with -9. Prints the counts on SIGTERM.
 */
import { createHash } from "node:crypto";
import { ensureHome, loadContracts, openNode } from "@kloros/bus";
import { Spool } from "../../../dist/spool/spool.js";
import { spoolFolders } from "../../../dist/spool/spool-folders.js";

const [, , home = "", settings = "{}", killAt, times = "1"] = process.argv;
let left = Number(times);
const logged = [];
const say = (level) => (fields, message) => void logged.push({ level, message, fields });

await ensureHome(home);
const contracts = loadContracts();
const node = await openNode({ daemon: "intent_router", home, contracts });
await node.start();
const spool = new Spool({
  folders: spoolFolders(home),
  node,
  rules: {
    daemon: "intent_router",
    contracts,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
  },
  settings: JSON.parse(settings),
  log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
  now: Date.now,
  reached: (step) => {
    if (step !== killAt) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  },
});
await spool.start();
process.on("SIGTERM", () => {
  void spool
    .stop()
    .then(() => node.close())
    .then(() => {
      const errors = logged.filter(({ level }) => level === "error");
      console.log(JSON.stringify({ counts: spool.counts(), logged: errors }));
      process.exit(0);
    });
});
console.log("started");
