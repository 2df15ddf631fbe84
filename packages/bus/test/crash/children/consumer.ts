/** Handles each signal slowly: counts it in durable state, answers it, and refuses every fiftieth for good. */
import { PermanentError } from "../../../src/node/errors.ts";
import { openNode } from "../../../src/node/open-node.ts";
import { meshContracts } from "../../mesh/contracts.ts";
import { countEffect } from "../../mesh/count-effect.ts";

const [home = ""] = process.argv.slice(2);
const node = await openNode({ daemon: "right", home, contracts: meshContracts() });
node.on(
  "Q_TEST_KEYED",
  async (signal, tx) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (Number(signal.facts["n"]) % 50 === 0) throw new PermanentError("one in fifty is bad");
    await countEffect(signal, tx);
    tx.emit("Q_TEST_PONG", { n: signal.facts["n"] });
  },
  { concurrency: 4 },
);
await node.start();
process.stdout.write("ready\n");
