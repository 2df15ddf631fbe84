import { setTimeout as sleep } from "node:timers/promises";
import { defineSettings, runDaemon } from "@kloros/daemon";

const settings = defineSettings({
  handle_ms: { type: "duration", default: 0, description: "How long a greeting takes." },
});

await runDaemon(
  "hello_guest",
  ({ node, config, log }) => {
    node.on(
      "Q_GREETING_SENT",
      async (signal, tx) => {
        log.info({ text: signal.facts["text"] }, "Handling");
        await sleep(config.handle_ms);
        tx.state.put("greeted", Number(tx.state.get("greeted") ?? 0) + 1);
        log.info({ text: signal.facts["text"] }, "Handled");
      },
      { deadlineMs: 60_000 },
    );
    return { control: { "guest:greeted": () => node.state.get("greeted") ?? 0 } };
  },
  { settings },
);
