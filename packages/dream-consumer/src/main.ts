#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { dreamConsumer } from "./dream-consumer.ts";

await runDaemon("dream_consumer_daemon", dreamConsumer, { settings });
