import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeWinner } from "@kloros/experiments";
import { expect, it } from "vitest";
import { forgetOldCycles } from "../../src/cycle/retention.ts";
import { dreamYaml, exists, homeWith } from "../home.ts";

async function cycle(
  home: string,
  id: string,
  parts: { summary?: boolean; winner?: boolean } = {},
): Promise<void> {
  const folder = join(home, "dream_lab", "cycles", id);
  await mkdir(join(folder, "generations"), { recursive: true });
  if (parts.summary !== false) await writeFile(join(folder, "summary.json"), "{}");
  if (parts.winner !== true) return;
  const winners = join(home, "dream_lab", "winners");
  await mkdir(join(winners, id), { recursive: true });
  const record = {
    schema: "kloros.winner/1" as const,
    cycle_id: id,
    experiment: "sorting",
    winner_id: "c00001",
    params: { x: 1 },
    fitness: 1,
    incumbent: null,
    improvement: 0,
    p_value: null,
    metrics: {},
    artifact: { file: "params.json", sha256: "0" },
    promotions: [],
    created_at: "2025-11-15T10:30:00.000Z",
  };
  await writeFile(join(winners, `${id}.json`), encodeWinner(record));
}

async function history(home: string, ids: readonly string[]): Promise<void> {
  const folder = join(home, "deployed", "sorting");
  await mkdir(join(folder, "versions"), { recursive: true });
  const lines = ids.map((id) =>
    JSON.stringify({ id: `${id}.1.refused`, event: "refused", version_id: id, cycle_id: id }),
  );
  await writeFile(join(folder, "history.jsonl"), `${lines.join("\n")}\n`);
}

it("keeps the newest finished cycles, those that run, and winners that are deployed or await the deployer", async () => {
  const home = await homeWith(dreamYaml([{}], "{seed: 1}", "retention: {keep_cycles: 2}"));
  const judged = { winner: true };
  await cycle(home, "d1_unknown");
  await cycle(home, "d2_refused", judged);
  await cycle(home, "d3_waits", judged);
  await cycle(home, "d4_version", judged);
  await cycle(home, "d9_old_by_order");
  await cycle(home, "d5_kept", judged);
  await cycle(home, "d6_kept");
  await cycle(home, "d0_running", { summary: false });
  await history(home, ["d2_refused", "d4_version", "d5_kept"]);
  await mkdir(join(home, "deployed", "sorting", "versions", "d4_version"));
  await symlink("d6_kept", join(home, "dream_lab", "cycles", ".d8.removed")).catch(() => undefined);

  const order = ["d2_refused", "d9_old_by_order", "d3_waits", "d4_version", "d5_kept", "d6_kept"];
  const removed = await forgetOldCycles(home, order);
  expect(removed.sort()).toEqual(["d1_unknown", "d2_refused", "d9_old_by_order"]);
  expect((await readdir(join(home, "dream_lab", "cycles"))).sort()).toEqual([
    "d0_running",
    "d3_waits",
    "d4_version",
    "d5_kept",
    "d6_kept",
  ]);
  expect(exists(home, "dream_lab", "winners", "d2_refused.json")).toBe(false);
  expect(exists(home, "dream_lab", "winners", "d2_refused")).toBe(false);
  for (const id of ["d3_waits", "d4_version", "d5_kept"])
    expect(exists(home, "dream_lab", "winners", `${id}.json`)).toBe(true);
  expect(await forgetOldCycles(home, order)).toEqual([]);
});
