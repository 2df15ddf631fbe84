/** `kloros dream cancel` as a user types it. */
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";
import { type FakeDaemon, fakeDaemon } from "./fake-daemon.ts";

const folder = temporaryFolder();
const home = folder.path;
const [RUNNING, WAITING] = ["dream_20260131_110000_0000aaaa", "dream_20260131_120000_0000bbbb"];
const status = {
  running: [{ cycle_id: RUNNING }],
  queued: [{ cycle_id: WAITING }],
  last: null,
  refused: null,
};
let daemon: FakeDaemon;

beforeEach(async () => {
  daemon = await fakeDaemon(home, "dream_consumer_daemon", (event) =>
    event === "dream:status" ? status : { cancelled: true },
  );
});
afterEach(() => daemon.close());
afterAll(folder.remove);

const cancel = (id: string) => runCli("kloros", ["dream", "cancel", id, "--home", home]);

test("ends what runs or waits, named by a part of its id", async () => {
  const { stdout, code } = await cancel("bbbb");
  expect([code, stdout]).toEqual([0, `${WAITING} is cancelled\n`]);
  expect(daemon.asked.at(-1)).toEqual({ event: "dream:cancel", data: { cycle_id: WAITING } });
});

test("asks for nothing when several are meant, or none", async () => {
  expect(await cancel("dream_2026")).toMatchObject({ code: 1, stderr: expect.stringContaining(RUNNING) });
  expect(await cancel("nope")).toMatchObject({
    code: 1,
    stderr: "kloros: nope neither runs nor waits; kloros dream status shows what does\n",
  });
  expect(daemon.asked.map(({ event }) => event)).not.toContain("dream:cancel");
});
