/**
 * Handles each signal slowly: counts it in durable state, answers it, and refuses every fiftieth for good.
 * Arguments: home, count, and what contracts are created from, as JSON.
 */
import { PermanentError } from "../../../dist/node/errors.js";
import { openNode } from "../../../dist/node/open-node.js";
import { createContracts } from "../../../dist/signal/contract-set.js";

const [home = "", , parts = "[]"] = process.argv.slice(2);
const contracts = createContracts(...JSON.parse(parts));
const node = await openNode({ daemon: "right", home, contracts });
node.on(
  "Q_TEST_KEYED",
  async (signal, tx) => {
    const { n } = signal.facts;
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (n % 50 === 0) throw new PermanentError("one in fifty is bad");
    const key = `seen/${String(n).padStart(6, "0")}`;
    tx.state.put(key, (tx.state.get(key) ?? 0) + 1);
    tx.emit("Q_TEST_PONG", { n });
  },
  { concurrency: 4 },
);
await node.start();
process.stdout.write("ready\n");
