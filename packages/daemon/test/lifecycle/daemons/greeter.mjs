import { defineSettings, runDaemon } from "@kloros/daemon";

const settings = defineSettings({
  greeting: { type: "string", default: "Hello", description: "First word." },
  trouble: {
    type: "enum",
    values: ["none", "setup", "throw", "reject", "stop", "block"],
    default: "none",
    description: "What goes wrong.",
  },
});

await runDaemon(
  "hello_greeter",
  ({ config, log }) => {
    if (config.trouble === "setup") throw new Error("setup broke");
    return {
      start: () => {
        if (config.trouble === "throw")
          setTimeout(() => {
            throw new Error("thrown in a timer");
          }, 20);
        if (config.trouble === "reject")
          setTimeout(() => void Promise.reject(new Error("rejected in a timer")), 20);
      },
      stop: () => {
        log.info("Greeter stops its intake");
        if (config.trouble === "stop") throw new Error("stop broke");
      },
      statusLine: () => `greeting with ${config.greeting}`,
      health: () => ({ mood: "fine" }),
      control: {
        "hello:say": (data) => `${config.greeting} ${JSON.stringify(data)}`,
        "hello:block": () => {
          for (;;) Date.now();
        },
      },
    };
  },
  { settings },
);
