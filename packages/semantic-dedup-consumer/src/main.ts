#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { semanticDedupConsumer } from "./semantic-dedup-consumer.ts";

await runDaemon("semantic_dedup_consumer_daemon", semanticDedupConsumer, { settings });
