/** A daemon that gets into the trouble it is asked for, so that a real systemd can show what it makes of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { defineSettings, runDaemon } from "@kloros/daemon";
import { Router } from "zeromq";

/** Ledger sockets of this process, to be closed under its node's hands. */
const routers = [];
const { bind } = Router.prototype;
Object.defineProperty(Router.prototype, "bind", {
  value(...args) {
    routers.push(this);
    return bind.apply(this, args);
  },
});

const settings = defineSettings({
  handler_deadline: {
    type: "duration",
    default: "30s",
    min: "1ms",
    max: "1m",
    description: "Of the handler.",
  },
});

await runDaemon(
  "watched",
  ({ node, config }) => {
    let bursts = 0;
    node.on(
      "Q_TROUBLE_WANTED",
      async ({ facts: { how, ms } }) => {
        if (how === "slowly") await sleep(ms);
        if (how === "never") await new Promise(() => undefined);
        if (how === "wrong")
          throw Object.assign(new Error("as wanted"), { retryable: false, code: "E_AS_WANTED" });
      },
      { deadlineMs: config.handler_deadline, concurrency: 4, retry: { maxAttempts: 2, baseDelayMs: 60_000 } },
    );
    return {
      statusLine: () => `${bursts} bursts`,
      control: {
        "watched:emit": async ({ facts, count = 1 }) => {
          const receipts = [];
          for (let n = 0; n < count; n++) receipts.push(node.emit("Q_TROUBLE_WANTED", facts));
          return (await Promise.all(receipts)).at(-1);
        },
        /** Takes the event loop for `ms`, `times` times, with a short breath in between. */
        "watched:burst": ({ ms, times }) => {
          void (async () => {
            await sleep(50); // The answer leaves first.
            for (let n = 0; n < times; n++) {
              const until = performance.now() + ms;
              while (performance.now() < until);
              bursts++;
              await sleep(50);
            }
          })();
          return { begun: true };
        },
        "watched:deaf": () => {
          for (const router of routers) router.close();
          return { closed: routers.length };
        },
      },
    };
  },
  { settings },
);
