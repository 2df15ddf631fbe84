#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { winnerDeployer } from "./winner-deployer.ts";

await runDaemon("winner_deployer_daemon", winnerDeployer, { settings });
