#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { policyEngine } from "./policy-engine.ts";

await runDaemon("kloros_policy_engine", policyEngine, { settings });
