/** A second user of the machine: over ipc it reaches neither sockets nor files, even of a home that was opened by mistake. */
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EXAMPLE_WORKSPACE } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { dropIntent } from "../mesh/intents.ts";
import { startMesh } from "../mesh/running-mesh.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { attempt, type Attempts, otherUserMissing } from "./other-user.ts";

const MISSING = otherUserMissing();
if (MISSING !== null) console.warn(`SKIPPED: ${MISSING}`);

it.skipIf(MISSING !== null)(
  "another user can neither read nor write anything of a running mesh over ipc: sockets, journal, keys, intents, dead letters",
  async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o755);
    const home = join(folder, "home");
    const mesh = await startMesh({ home, workspace: EXAMPLE_WORKSPACE, only: ["intent_router"] });
    await dropIntent(home, "bad", { type: "no.such.type", data: {} });
    await eventually("it is a dead letter", () => existsSync(join(home, "failed_signals.jsonl")));
    const all = triesIn(home);
    expect(unsuccessful(await attempt("the owner", all))).toEqual([]);
    expect(successes(await attempt("another user", all))).toEqual([]);
    await chmod(home, 0o755);
    const open = await attempt("another user", all);
    expect(successes(open)).toEqual([`list ${home}`]);
    expect(open["uid"]).toBe("65534");
    expect(await mesh.health("intent_router")).toMatchObject({ state: "ready" });
  },
);

function triesIn(home: string): Required<Omit<Attempts, "subscribe">> {
  const at = (...names: string[]) => names.map((name) => join(home, name));
  return {
    list: [home, ...at("run", "keys", "journal", "journal/intent_router", "intents")],
    read: at("journal/intent_router/data.mdb", "failed_signals.jsonl", "mesh.yaml", "capabilities.yaml"),
    write: at("intents/evil.json", "failed_signals.jsonl", "mesh.yaml", "keys/evil", "run/evil"),
    connect: at("intent_router.sock", "intent_router.pub", "intent_router.ledger", "kloros-up.sock").map(
      (path) => path.replace(home, join(home, "run")),
    ),
  };
}

const succeeded = (outcome: string): boolean => outcome === "done" || outcome.includes("after");

function successes(outcomes: Readonly<Record<string, string>>): string[] {
  return Object.keys(outcomes).filter((what) => what !== "uid" && succeeded(outcomes[what] ?? ""));
}

function unsuccessful(outcomes: Readonly<Record<string, string>>): string[] {
  return Object.keys(outcomes).filter((what) => what !== "uid" && !succeeded(outcomes[what] ?? ""));
}
