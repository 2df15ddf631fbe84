#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { checkFile } from "./check-file.ts";
import { settings } from "./config.ts";
import { policyEngine } from "./policy-engine.ts";

const [command, file, ...contractDirs] = process.argv.slice(2);
if (command === "check" && file !== undefined)
  process.stdout.write(`${JSON.stringify(checkFile(file, contractDirs))}\n`);
else await runDaemon("kloros_policy_engine", policyEngine, { settings });
