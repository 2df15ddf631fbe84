/**
 * Loaded before the daemon: dies by SIGKILL right before the n-th step that touches the cycle's folder or starts a program
 * (`KILL_AT`, from 1), and writes down each step that it reaches (`STEP_LOG`).
 */
import childProcess from "node:child_process";
import { appendFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const killAt = Number(process.env["KILL_AT"]);
const stepLog = process.env["STEP_LOG"];
const PATH = Symbol("path");
let steps = 0;

function step(what) {
  steps++;
  appendFileSync(stepLog, `${what}\n`);
  if (steps === killAt) process.kill(process.pid, "SIGKILL");
}

function before(target, name, describe) {
  const original = Reflect.get(target, name);
  Reflect.set(target, name, function (...args) {
    const what = describe(this, args);
    if (what !== undefined) step(`${name} ${what}`);
    return original.apply(this, args);
  });
}

const inCycle = (path) =>
  typeof path === "string" ? path.split("/dream_lab/cycles/")[1]?.replace(/^[^/]*\//, "") : undefined;

for (const name of ["readFile", "mkdir", "rm", "writeFile"])
  before(fs, name, (_self, [path]) => inCycle(path));

// What follows the last removal is the commit of the outcome.
const { rm } = fs;
fs.rm = async (path, options) => {
  await rm(path, options);
  const what = inCycle(path);
  if (what !== undefined) step(`after rm ${what}`);
};

const handle = await fs.open("/dev/null");
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ["write", "datasync"]) before(prototype, name, (self) => inCycle(Reflect.get(self, PATH)));

const { open } = fs;
fs.open = async (path, ...rest) => Object.assign(await open(path, ...rest), { [PATH]: path });

before(childProcess, "spawn", (_self, [, args]) =>
  String(args).includes("evaluator.sh") ? "evaluator" : undefined,
);
syncBuiltinESMExports();
