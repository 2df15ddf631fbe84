#!/usr/bin/env node
/** Reports on the files of a directory: how many of each kind, and how large. */
import { readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { renderTable } from "./table.js";

/** Files and bytes by extension, largest first. */
export function summarize(directory) {
  const totals = new Map();
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const kind = extname(entry.name) || "(none)";
    const total = totals.get(kind) ?? { files: 0, bytes: 0 };
    totals.set(kind, {
      files: total.files + 1,
      bytes: total.bytes + statSync(join(entry.parentPath ?? entry.path, entry.name)).size,
    });
  }
  return [...totals].sort(([, a], [, b]) => b.bytes - a.bytes);
}

/** The summary as a table. */
export function report(directory) {
  const rows = summarize(directory).map(([kind, { files, bytes }]) => [kind, files, bytes]);
  return renderTable(["kind", "files", "bytes"], rows);
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  console.log(report(argv[2] ?? "."));
}
