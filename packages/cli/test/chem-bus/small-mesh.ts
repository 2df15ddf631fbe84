/** Two real nodes in the test's own process: a router that asks, a consumer that answers or fails. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureHome, type Handler, loadContracts, type Node, openNode, type Receipt } from "@kloros/bus";
import { temporaryFolder } from "../run-cli.ts";
import { until } from "../until.ts";

export interface SmallMesh {
  readonly home: string;
  ask(questionId: string): Promise<Receipt>;
  /** Waits until everything that was asked is answered or dead-lettered. */
  settled(): Promise<void>;
  startConsumer(): Promise<void>;
  close(): Promise<void>;
}

/** Questions whose id begins with `poison` cannot be handled. */
export async function smallMesh(): Promise<SmallMesh> {
  const folder = temporaryFolder();
  const home = join(folder.path, "h");
  mkdirSync(home, { mode: 0o700 });
  await ensureHome(home);
  const contracts = loadContracts();
  const nodes: Node[] = [];
  const open = async (daemon: string): Promise<Node> => {
    const node = await openNode({ daemon, home, contracts });
    nodes.push(node);
    return node;
  };
  const router = await open("intent_router");
  await router.start();
  let asked = 0;
  return {
    home,
    ask: (questionId) => {
      asked++;
      const facts = {
        question: "What is it?",
        question_id: questionId,
        priority: "normal" as const,
        evidence: ["path:src/audio"],
      };
      return router.emit("Q_CURIOSITY_INVESTIGATE", facts);
    },
    startConsumer: async () => {
      const consumer = await open("investigation_consumer_daemon");
      const options = { retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 2 } };
      consumer.on("Q_CURIOSITY_INVESTIGATE", answer, options);
      await consumer.start();
    },
    settled: async () => {
      await until("everything is handled", () => {
        const { handled, deadLettered } = nodes.at(-1)?.stats() ?? { handled: 0, deadLettered: 0 };
        return handled + deadLettered >= asked;
      });
    },
    close: async () => {
      for (const node of nodes.reverse()) {
        await node.drain(2_000);
        await node.close();
      }
      folder.remove();
    },
  };
}

const answer: Handler<"Q_CURIOSITY_INVESTIGATE"> = (signal, tx) => {
  const { question_id } = signal.facts;
  if (question_id.startsWith("poison")) throw new Error("this question is poison");
  tx.emit("Q_INVESTIGATION_COMPLETE", {
    question_id,
    investigation_timestamp: "20260101_000000",
    hypothesis: "UNDISCOVERED_MODULE_audio",
    confidence: 0.9,
    evidence_count: 1,
    investigation_id: `inv_${signal.id}`,
    status: "completed",
  });
};
