/** docs/writing-a-daemon.md, the part under systemd: a daemon made from the guide alone is one among the services. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../mesh/eventually.ts";
import { listing } from "../guide/guide.ts";
import { installMesh, type InstalledMesh } from "./installed-mesh.ts";
import { REPO_INSIDE, skipWithoutSystemd } from "./private-systemd.ts";

const UNIT = "kloros-word-counter.service";
/** Those with whom the new daemon has to do; the others stay stopped. */
const WITH = ["kloros-policy-engine", "kloros-orchestrator-monitor"];
/** A build, an installation and a whole mesh that starts, in milliseconds; a quarter of a minute where nothing else runs. */
const DEADLINE_MS = 150_000;
/** A reader of the guide: sudo as an administrator has it set up, which root in here does not need. */
const SHELL = `set -euo pipefail
export USER=root npm_config_offline=true PATH=${REPO_INSIDE}/node_modules/.bin:$PATH
sudo() { env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
`;

describe.skipIf(skipWithoutSystemd("a daemon of one's own as a service"))(
  "a daemon written from the guide alone",
  () => {
    let mesh: InstalledMesh;

    beforeAll(async () => {
      mesh = await installMesh({ prepare: async () => undefined, shipped: [], quick: "" });
      await mesh.run("systemctl", "start", ...WITH);
    });
    afterAll(async () => {
      await mesh.down();
    });

    it(
      "runs under systemd and appears in status, audit, trace and metrics",
      async () => {
        await mesh.run("bash", "-c", `${SHELL}mkdir ~/mine; cd ~/mine; kloros new daemon word-counter`);
        let said = "";
        // Line by line: each has a deadline of its own.
        for (const line of listing("run: systemd").trim().split("\n"))
          said += await mesh.run("bash", "-c", `${SHELL}cd ~/mine/word-counter\n${line}`);
        expect(said).toContain("word_counter: registered on /var/lib/kloros");
        for (const unit of WITH) expect(said).toMatch(new RegExp(`systemctl restart .*${unit}`));
        const life = await mesh.show(UNIT, "ActiveState", "NRestarts", "Restart", "WatchdogUSec");
        expect(life).toEqual({
          ActiveState: "active",
          NRestarts: "0",
          Restart: "always",
          WatchdogUSec: "15s",
        });

        const typed = async (line: string) => mesh.typed(`sudo() { "$@"; }; ${line} 2>&1`);
        await typed(
          `chem-bus emit Q_WORD_COUNTER_REQUESTED '{"subject": "readme", "text": "one two three"}'`,
        );
        await eventually("the request is answered", async () =>
          (await typed("chem-bus trace readme")).includes("└─ Q_WORD_COUNTER_DONE"),
        );
        expect(await typed("kloros status")).toMatch(/word_counter +ready/);
        expect(await typed("chem-bus audit")).toMatch(
          /Q_WORD_COUNTER_REQUESTED +word_counter +word_counter +1 +1 +0 +0 +0/,
        );
        expect(await typed("kloros metrics")).toContain('kloros_up{daemon="word_counter"} 1');
        expect(await readFile(`${mesh.home}/word-counter/readme.json`, "utf8")).toContain('"words":3');
        expect(await typed(listing("run: services"))).toMatch(
          /word_counter[\s\S]*Emitted Q_WORD_COUNTER_DONE[\s\S]*books balance/,
        );
        expect(
          (await mesh.journal("SIGNAL=Q_WORD_COUNTER_DONE", `_SYSTEMD_UNIT=${UNIT}`)).length,
        ).toBeGreaterThan(0);
      },
      DEADLINE_MS,
    );
  },
);
