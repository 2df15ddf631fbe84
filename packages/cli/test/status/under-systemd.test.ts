import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startCommand } from "../../src/kloros/status.ts";
import { unitsOf } from "../../src/status/under-systemd.ts";

const daemons = [
  { name: "a_daemon", package: "a" },
  { name: "not_installed", package: "b" },
];

/** A prefix with the record of an installation, and a `systemctl` that answers as systemd does. */
function installation(home: string): string {
  const prefix = mkdtempSync(join(tmpdir(), "km-"));
  const before = process.env["PATH"] ?? "";
  onTestFinished(() => {
    process.env["PATH"] = before;
    rmSync(prefix, { recursive: true });
  });
  const record = { home, workspace: "/w", node: "/n", files: [], folders: [], units: ["kloros-a.service"] };
  writeFileSync(join(prefix, "installation.json"), JSON.stringify(record));
  const answer = "Id=kloros-a.service\nActiveState=failed\nUnitFileState=enabled\nNRestarts=4";
  writeFileSync(join(prefix, "systemctl"), `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(join(prefix, "systemctl"), 0o755);
  process.env["PATH"] = `${prefix}${delimiter}${before}`;
  return prefix;
}

test("of the home that is installed, each daemon's unit is told", () => {
  const prefix = installation("/var/lib/kloros");
  expect([...unitsOf("/var/lib/kloros", daemons, prefix)]).toEqual([
    ["a_daemon", { name: "kloros-a.service", active: "failed", enabled: "enabled", restarts: 4 }],
  ]);
});

test("a mesh that does not run is started by who is to supervise it", () => {
  expect(startCommand("/h", true)).toBe("sudo systemctl start kloros.target");
  expect(startCommand("/h", false)).toBe("kloros up --home /h");
});

test("of another home, and of a machine without an installation, nothing is", () => {
  expect(unitsOf("/another/home", daemons, installation("/var/lib/kloros")).size).toBe(0);
  expect(unitsOf("/var/lib/kloros", daemons, "/nowhere").size).toBe(0);
});
