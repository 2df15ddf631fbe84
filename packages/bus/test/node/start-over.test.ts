/** A receptor that starts over is told so once, however often the emitter says it (P3). */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { it } from "vitest";
import type { Transport } from "../../src/transport/transport.ts";
import { memoryBackend, type Backend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, expectEffectsOnce, testMesh } from "../mesh/test-mesh.ts";

const ROUNDS = 24;
/** The second one comes within so many milliseconds. */
const LATEST_MS = 4;

/** Every answer of an emitter arrives twice, as when two hellos were under way. */
const doubledReplies: Backend = async (home, limits) => {
  const inner = await memoryBackend(home, limits);
  let replies = 0;
  return {
    openEmitter: (emitter, handlers) => inner.openEmitter(emitter, handlers),
    connect: (emitter, topics, handlers) =>
      inner.connect(emitter, topics, {
        ...handlers,
        onLive: (topic, payload) => handlers.onLive(topic, payload),
        onGarbage: () => {
          handlers.onGarbage();
        },
        onReply(frames) {
          handlers.onReply(frames);
          // Sooner or later than the commit that the first one asks for.
          setTimeout(() => {
            handlers.onReply(frames);
          }, replies++ % LATEST_MS);
        },
      }),
  } satisfies Transport;
};

it("journals that are replaced under a connected consumer are handled once each, though every welcome comes twice", async () => {
  const mesh = await testMesh(doubledReplies);
  const right = await mesh.open("right", { Q_TEST_PING: countEffect });
  for (let round = 1; round <= ROUNDS; round++) {
    const left = await mesh.open("left");
    await left.emit("Q_TEST_PING", { n: round });
    await eventually(
      () => right.stats().handled >= round,
      () => right.stats(),
    );
    await mesh.settled(right);
    expectEffectsOnce(right, 1, round);
    await left.close();
    rmSync(join(mesh.home, "journal", "left"), { recursive: true });
  }
});
