import {
  connect,
  DaemonsFailedError,
  DaemonUnreachableError,
  type EventError,
  type MeshClient,
  NoDaemonsError,
  ResultCountError,
} from "@kloros/client";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type FakeDaemon, fakeDaemon, newHome, SILENCE } from "./fake-daemon.ts";

interface Mesh {
  readonly client: MeshClient;
  readonly daemons: readonly FakeDaemon[];
}

/** Three daemons in one home, asked together. */
async function mesh(daemons: "all" | readonly string[] = "all"): Promise<Mesh> {
  const home = newHome();
  const started: FakeDaemon[] = [];
  for (const name of ["alpha", "beta", "gamma"])
    started.push(
      await fakeDaemon(
        ({ event }) => {
          if (event === "whoami") return { name };
          if (event === "only:beta") return name === "beta" ? { value: "b" } : null;
          if (event === "events") return { events: [{ event: `${name}:x` }] };
          if (event === "list") return [{ name }, { name, error: `${name} is tired` }];
          if (event === "not:beta") return name === "beta" ? new Error("not me") : { name };
          return null;
        },
        { home, name },
      ),
    );
  const client = await connect({ home, daemons });
  onTestFinished(() => client.close());
  return { client, daemons: started };
}

test("all daemons that have a socket are asked, and each result says whose it is", async () => {
  const { client } = await mesh();
  expect(client.daemons()).toEqual(["alpha", "beta", "gamma"]);
  expect(await client.send("whoami")).toEqual([
    { daemon: "alpha", data: { name: "alpha" } },
    { daemon: "beta", data: { name: "beta" } },
    { daemon: "gamma", data: { name: "gamma" } },
  ]);
  expect(await client.sendAll("list")).toHaveLength(6);
  expect(await client.sendSingle("only:beta")).toEqual({ daemon: "beta", data: { value: "b" } });
  await expect(client.sendSingle("whoami")).rejects.toThrow(ResultCountError);
  expect(await client.getValue("only:beta", {})).toBe("b");
  expect(await client.getValue("whoami", {}, { default: 0 })).toBe(0);
  expect(await client.sendAndMerge("events", {}, { mergeKey: "events" })).toEqual([
    { daemon: "alpha", event: "alpha:x" },
    { daemon: "beta", event: "beta:x" },
    { daemon: "gamma", event: "gamma:x" },
  ]);
});

test("sendFirst takes what comes first and waits for nobody else", async () => {
  const { client, daemons } = await mesh();
  daemons[0]!.answer = () => SILENCE;
  daemons[2]!.answer = () => SILENCE;
  expect(await client.sendFirst("whoami")).toEqual({ daemon: "beta", data: { name: "beta" } });
  for (const daemon of daemons) daemon.answer = () => null;
  expect(await client.sendFirst("whoami")).toBeNull();
});

test("a refusal of one fails what needs all, and is left out or handed over by what does not", async () => {
  const { client } = await mesh();
  const failed = await client.sendAll("not:beta").catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(DaemonsFailedError);
  expect(failed).toMatchObject({ failures: [{ daemon: "beta", error: { detail: "not me" } }] });
  expect((await client.sendSuccessOnly("not:beta")).map(({ daemon }) => daemon)).toEqual(["alpha", "gamma"]);
  expect(await client.sendSuccessOnly("list")).toHaveLength(3);
  const { results, errors } = await client.sendWithErrors("list", {});
  expect(results.map(({ daemon }) => daemon)).toEqual(["alpha", "beta", "gamma"]);
  expect(errors.map(({ error }) => (error as Partial<EventError>).detail)).toContain("gamma is tired");
  await expect(client.sendWithErrors("not:beta", {}, { errorMode: "fail_fast" })).rejects.toThrow("not me");
});

test("a daemon that was killed fails at once, with the way to start it; an orderly stop takes it out of all", async () => {
  const { client, daemons } = await mesh();
  await client.send("whoami");
  const [alpha, beta] = daemons as [FakeDaemon, FakeDaemon];
  await alpha.crash(); // Takes its socket file along.
  expect(client.daemons()).toEqual(["beta", "gamma"]);
  await beta.crash();
  writeFileSync(beta.socketPath, ""); // As after kill -9: a socket that nobody serves.
  const { results, errors } = await client.sendWithErrors("whoami", {}, { timeoutMs: 60_000 });
  expect(results).toEqual([{ daemon: "gamma", data: { name: "gamma" } }]);
  expect(errors[0]?.error).toBeInstanceOf(DaemonUnreachableError);
  expect(errors[0]?.error.message).toContain("kloros start beta");
});

test("daemons by name: one that does not run is told, not left out", async () => {
  const { client } = await mesh(["alpha", "delta"]);
  await expect(client.send("whoami")).rejects.toThrow(/1 of 2 daemons failed\n {2}delta: no answer/);
});

test("other sockets of a home are not daemons, and a home without any is told", async () => {
  const home = newHome();
  await fakeDaemon(() => null, { home, name: "kloros-up" });
  const client = await connect({ home, daemons: "all" });
  await expect(client.sendAll("whoami")).rejects.toThrow(NoDaemonsError);
  const nowhere = await connect({ home: join(home, "none"), daemons: "all" });
  await expect(nowhere.sendAll("whoami")).rejects.toThrow(/start the mesh with: kloros up/);
});

test("one daemon of the mesh can be asked alone, over the same connection", async () => {
  const { client, daemons } = await mesh();
  await client.send("whoami");
  expect(await client.daemon("beta").sendSingle("whoami")).toEqual({ name: "beta" });
  expect(daemons[1]!.connections).toBe(1);
});

test("signals of all daemons come in one stream", async () => {
  const { client, daemons } = await mesh();
  for (const daemon of daemons) daemon.answer = () => ({ subscription: `s-${daemon.name}` });
  const stream = client.subscribe({ signals: ["Q_*"] });
  await stream.ready;
  for (const { name, say } of daemons.map((d) => ({ name: d.name, say: d.say.bind(d) })))
    say({ event: "signal:emitted", subscription: `s-${name}`, data: { signal: "Q_A_B", source: name } });
  const seen: string[] = [];
  for await (const item of stream) {
    if (item.kind !== "missed") seen.push(`${item.daemon} ${item.signal.source}`);
    if (seen.length === 3) break;
  }
  expect(seen.sort()).toEqual(["alpha alpha", "beta beta", "gamma gamma"]);
  await vi.waitFor(() => expect(daemons[0]!.asked("signal:unsubscribe")).toHaveLength(1));
});
