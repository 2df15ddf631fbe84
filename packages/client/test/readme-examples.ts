/** The examples of the README, run by `readme.test.ts`. */
import { connect, ConnectionLostError, DaemonUnreachableError, EventError } from "@kloros/client";

export async function ask(home: string): Promise<unknown[]> {
  // #region ask
  await using router = await connect({ home, daemon: "intent_router" });

  const health = await router.sendSingle("system:health");
  const events = await router.sendAndMerge("system:discover", {}, { mergeKey: "events" });
  const theme = await router.getValue("state:get", { key: "theme" }, { default: "light" });
  // #endregion
  return [health, events, theme];
}

export async function askAll(home: string): Promise<unknown[]> {
  const print = (...words: unknown[]) => printed.push(words.join(" "));
  const printed: string[] = [];
  // #region ask-all
  await using mesh = await connect({ home, daemons: "all" });

  for (const { daemon, data } of await mesh.sendAll("system:health")) print(daemon, data.state);

  const { results, errors } = await mesh.sendWithErrors("system:health", {}, { errorMode: "collect" });
  for (const { daemon, error } of errors) print(daemon, error.code, error.message);
  // #endregion
  return [...results, ...printed];
}

export async function failures(home: string): Promise<string> {
  const print = (word: string) => (printed = word);
  let printed = "";
  await using router = await connect({ home, daemon: "intent_router" });
  // #region failures
  try {
    await router.send("log:level", { level: "loud" }, { timeoutMs: 2_000 });
  } catch (error) {
    if (error instanceof EventError) print(`refused: ${error.detail} (${error.daemonCode})`);
    else if (error instanceof DaemonUnreachableError) print("nothing was done: it does not run");
    else if (error instanceof ConnectionLostError && error.mayHaveBeenCarriedOut)
      print("look before asking again");
    else throw error;
  }
  // #endregion
  return printed;
}

export async function follow(home: string, enough: AbortSignal): Promise<unknown[]> {
  const print = (...words: unknown[]) => printed.push(words.join(" "));
  const printed: string[] = [];
  await using router = await connect({ home, daemon: "intent_router" });
  // #region follow
  for await (const item of router.subscribe({ signals: ["Q_CURIOSITY_*"], signal: enough })) {
    if (item.kind !== "missed") print(item.kind, item.signal.signal, item.signal.id);
    else if (item.gap) print("the connection was lost for a while: something may be missing");
    else print(`${item.dropped} signals were not shown: this reader is too slow`);
  }
  // #endregion
  return printed;
}

export async function keep(home: string): Promise<unknown[]> {
  await using router = await connect({ home, daemon: "intent_router" });
  // #region keep
  const state = router.state("ui");
  await state.set("theme", "dark", { ttlSeconds: 3_600 });
  const theme = await state.get("theme");

  const queue = router.queue("jobs", "todo");
  await queue.push({ task: "sweep" });
  const job = await queue.pop(); // undefined when it is empty
  // #endregion
  return [theme, job];
}

export async function takePart(home: string, flush: () => Promise<void>) {
  const router = await connect({ home, daemon: "intent_router" });
  // #region take-part
  const registration = await router.onShutdown("indexer", async () => flush(), { withinSeconds: 3 });
  // #endregion
  return { registration, router };
}
