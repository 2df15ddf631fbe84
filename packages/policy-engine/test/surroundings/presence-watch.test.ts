/** Whether the user is there, told by real programs and files. */
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { PresenceWatch } from "../../src/surroundings/presence-watch.ts";
import { tempHome, until } from "../engine-home.ts";

async function watching(): Promise<{
  watch: PresenceWatch;
  home: string;
  changes: () => number;
  troubles: string[];
}> {
  const home = await tempHome();
  let changes = 0;
  const troubles: string[] = [];
  const watch = new PresenceWatch(
    home,
    () => {
      changes++;
    },
    (why) => void troubles.push(why),
  );
  onTestFinished(() => watch.stop());
  return { watch, home, changes: () => changes, troubles };
}

const command = (script: string, timeoutMs = 20_000) =>
  ({
    kind: "command",
    command: [process.execPath, "-e", script],
    timeoutMs,
    presentExit: 3,
    intervalMs: 50,
  }) as const;

it("a program's exit code tells, again and again, and each change is told", async () => {
  const { watch, home, changes } = await watching();
  watch.use(
    command(`process.exit(require("fs").existsSync(${JSON.stringify(join(home, "there"))}) ? 3 : 0)`),
  );
  expect(watch.now()).toBe("unknown");
  await until("absent", () => watch.now() === "absent");
  await writeFile(join(home, "there"), "");
  await until("present", () => watch.now() === "present");
  expect(changes()).toBe(2);
});

it("a program that hangs, or does not exist, tells nothing, and that is told once, with the reason", async () => {
  const { watch, troubles } = await watching();
  watch.use(command("process.exit(3)"));
  await until("present", () => watch.now() === "present");
  watch.use(command("setInterval(() => {}, 1000)", 200));
  expect(watch.now()).toBe("unknown");
  await until("the reason", () => troubles.length === 1);
  watch.use({ ...command(""), command: ["/nonexistent/who"] });
  await until("the other reason", () => troubles.length === 2);
  expect(watch.now()).toBe("unknown");
  expect(troubles[0]).toBe(`${process.execPath} did not end in time`);
  expect(troubles[1]).toMatch(/^\/nonexistent\/who cannot be started: ./u);
});

it("a file tells by its age; one dated in the future was touched before the clock was set back", async () => {
  const { watch, home } = await watching();
  const path = join(home, "last-input");
  watch.use({ kind: "file", path: "last-input", maxAgeMs: 60_000 });
  expect(watch.now()).toBe("absent");
  await writeFile(path, "");
  expect(watch.now()).toBe("present");
  const seconds = Date.now() / 1_000;
  await utimes(path, seconds - 3_600, seconds - 3_600);
  expect(watch.now()).toBe("absent");
  await utimes(path, seconds + 3_600, seconds + 3_600);
  expect(watch.now()).toBe("present");
});
