#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { capabilityIntegrator } from "./capability-integrator.ts";
import { settings } from "./config.ts";

await runDaemon("capability_integrator_daemon", capabilityIntegrator, { settings });
