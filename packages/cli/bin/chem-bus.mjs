#!/usr/bin/env node
// Committed, so that npm links the command at install time, before anything has been built.
import { existsSync } from "node:fs";

const built = new URL("../dist/chem-bus.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write("chem-bus: not built yet. In the root of the checkout run: npm run build\n");
  process.exitCode = 69;
}
