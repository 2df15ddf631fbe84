import { expect, it } from "vitest";
import { rosterReload } from "../../src/up/roster-reload.ts";

function roster(...names: string[]) {
  return names.map((name) => ({ name, package: name, port: 1, description: name, main: `/${name}` }));
}

function reloading(reads: { daemons: string[]; unbuilt?: string[] }[], atStart: string[]) {
  const told: string[] = [];
  const reload = rosterReload(atStart, {
    read: async () => {
      const { daemons, unbuilt = [] } = reads.shift() ?? { daemons: [] };
      return { daemons: roster(...daemons), unbuilt: unbuilt.map((name) => ({ name, main: name })) };
    },
    programOf: ({ name, main }) => ({ name, command: "node", args: [main] }),
    add: ({ name }) => told.push(`+${name}`),
    remove: (name) => told.push(`-${name}`),
  });
  return { told, reload };
}

it("a running mesh starts what was registered since, and forgets what was removed", async () => {
  const { told, reload } = reloading([{ daemons: ["a", "b", "mine"] }, { daemons: ["a", "b"] }], ["a", "b"]);
  expect(await reload()).toEqual({ added: ["mine"], removed: [], unbuilt: [] });
  expect(await reload()).toEqual({ added: [], removed: ["mine"], unbuilt: [] });
  expect(told).toEqual(["+mine", "-mine"]);
});

it("a program that is being built anew is not taken for a daemon that was removed; built at last, it is started", async () => {
  const { told, reload } = reloading(
    [{ daemons: ["a"], unbuilt: ["mine", "new"] }, { daemons: ["a", "mine", "new"] }],
    ["a", "mine"],
  );
  expect(await reload()).toEqual({ added: [], removed: [], unbuilt: ["mine", "new"] });
  expect((await reload()).added).toEqual(["new"]);
  expect(told).toEqual(["+new"]);
});
