#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { DAEMON, intentRouter } from "./intent-router.ts";

await runDaemon(DAEMON, intentRouter, { settings });
