#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { investigationConsumer } from "./investigation-consumer.ts";

await runDaemon("investigation_consumer_daemon", investigationConsumer, { settings });
