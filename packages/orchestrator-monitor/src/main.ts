#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { orchestratorMonitor } from "./orchestrator-monitor.ts";

await runDaemon("orchestrator_monitor", orchestratorMonitor, { settings });
