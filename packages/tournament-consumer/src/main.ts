#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { tournamentConsumer } from "./tournament-consumer.ts";

await runDaemon("tournament_consumer_daemon", tournamentConsumer, { settings });
