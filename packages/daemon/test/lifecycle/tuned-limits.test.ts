/** Tuned limits of the bus in a real daemon: taken up at its start, told in its log and in its health. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { newHome, startDaemon } from "./daemon-process.ts";

function deploy(home: string, params: string): string {
  const path = join(home, "deployed/tune_bus/current/params.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, params);
  return path;
}

test("a daemon takes up deployed limits when it starts, and says which and why", async () => {
  const home = newHome();
  const path = deploy(home, '{"max_frame_signals": 64}');
  const greeter = startDaemon("greeter", { home });
  const limits = { max_frame_signals: { value: 64, default: 512, from: path } };
  expect(await greeter.logged("Limits of the bus differ from the defaults")).toMatchObject({ limits });
  await greeter.logged("Ready");
  expect(await greeter.ask("system:health")).toMatchObject({ limits, tuned_limits: { kind: "tuned", path } });
});

test("a damaged file is told loudly, and the daemon works with the bus's own limits", async () => {
  const home = newHome();
  const path = deploy(home, '{"max_frame_signals": 6');
  const greeter = startDaemon("greeter", { home });
  const line =
    "The file with tuned limits is ignored, the bus runs with its own; deploy another version or remove it";
  expect(await greeter.logged(line)).toMatchObject({ level: "error", path });
  await greeter.logged("Ready");
  expect(await greeter.ask("system:health")).toMatchObject({
    limits: {},
    tuned_limits: { kind: "ignored", path },
  });
});
