/** Every signal is found by its id: whoever traces a story, or repeats an emit, depends on it. */
import { expect, it } from "vitest";
import { JournalView } from "../../src/node/journal-view.ts";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { testMesh } from "../mesh/test-mesh.ts";

it("signals are found by id although slow handlings are journalled after younger ids", async () => {
  const mesh = await testMesh(memoryBackend, { maxCommitSignals: 1 });
  const ids: string[] = [];
  const left = await mesh.open("left");
  const right = await mesh.open("right", {
    Q_TEST_PING: [
      async (signal, tx) => {
        const n = Number(signal.facts["n"]);
        ids.push(tx.emit("Q_TEST_PONG", { n }));
        // Every third takes its time, while others get younger ids and are journalled first.
        if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
        ids.push(tx.emit("Q_TEST_PONG", { n: 1_000 + n }));
      },
      { concurrency: 8 },
    ],
  });
  await mesh.burst(left, "Q_TEST_PING", 1, 60);
  await eventually(() => right.stats().handled === 60);
  const again = await right
    .emit("Q_TEST_PONG", { n: 5 }, { id: ids[0] as string })
    .catch((error: unknown) => error);
  expect(again).toMatchObject({ code: "E_ID_REUSED" });
  await right.close();
  const back = await mesh.open("right");
  ids.push((await back.emit("Q_TEST_PONG", { n: 0 })).id);
  const view = new JournalView(mesh.home, "right");
  const lost = ids.filter((id) => view.findById(id)?.id !== id);
  await view.close();
  expect(lost).toEqual([]);
});
