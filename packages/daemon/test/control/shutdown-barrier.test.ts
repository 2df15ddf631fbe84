import { join } from "node:path";
import { expect, test } from "vitest";
import { startDaemon } from "../lifecycle/daemon-process.ts";
import { rawClient, testControl } from "./control-kit.ts";

test("a registered service is told before the stop and waited for until it acknowledges", async () => {
  const { path, control, ask } = await testControl();
  const service = await rawClient(path);
  service.send("shutdown:register", { service: "backup", within_s: 30 });
  expect((await service.next()).data).toMatchObject({ service: "backup", within_s: 30 });
  await expect(ask("shutdown:acknowledge", { service: "backup" })).rejects.toThrow(/no stop is under way/);
  let isOver = false;
  const end = control.beforeDrain(60_000, "SIGTERM").then((over) => ((isOver = true), over));
  const begin = await service.next((line) => line.event === "shutdown:begin");
  expect(begin).toMatchObject({
    data: { service: "backup", reason: "SIGTERM", deadline_s: 30 },
    correlation_id: "c",
  });
  await ask("system:health");
  expect(isOver).toBe(false);
  service.send("shutdown:acknowledge", { service: "backup" });
  expect((await service.next()).data).toMatchObject({ acknowledged: true, waiting_for: [] });
  expect(await end).toMatchObject({ acknowledged: ["backup"], late: [], gone: [] });
});

test("who is late is not waited for beyond half of the stop; who goes away is not waited for at all", async () => {
  const { path, control } = await testControl();
  const late = await rawClient(path);
  const gone = await rawClient(path);
  late.send("shutdown:register", { service: "late", within_s: 600 });
  gone.send("shutdown:register", { service: "gone", within_s: 600 });
  await Promise.all([late.next(), gone.next()]);
  const begunAt = performance.now();
  const end = control.beforeDrain(1_000, "SIGTERM");
  await late.next((line) => line.event === "shutdown:begin");
  gone.socket.destroy();
  expect(await end).toMatchObject({ acknowledged: [], late: ["late"], gone: ["gone"] });
  expect(performance.now() - begunAt).toBeGreaterThanOrEqual(490);
  expect(performance.now() - begunAt).toBeLessThan(5_000);
});

test("a service that comes back takes its own place, also while the stop waits for it; nobody registered means no wait", async () => {
  const { path, control, ask } = await testControl();
  const first = await rawClient(path);
  first.send("shutdown:register", { service: "backup" });
  await first.next();
  const second = await rawClient(path);
  second.send("shutdown:register", { service: "backup", within_s: 20 });
  await second.next();
  expect(await ask("system:shutdown")).toMatchObject({
    stopping: true,
    waiting_for: [{ service: "backup", within_s: 20 }],
  });
  const end = control.beforeDrain(60_000, "system:shutdown");
  await second.next((line) => line.event === "shutdown:begin");
  const third = await rawClient(path);
  third.send("shutdown:register", { service: "backup" });
  await third.next((line) => line.event === "shutdown:begin");
  await ask("shutdown:acknowledge", { service: "backup" });
  expect(await end).toMatchObject({ acknowledged: ["backup"], gone: [] });
  await expect(ask("shutdown:acknowledge", { service: "nobody" })).rejects.toThrow(
    /nobody is not registered/,
  );
  const other = await testControl();
  expect(await other.control.beforeDrain(60_000, "SIGTERM")).toMatchObject({ acknowledged: [], late: [] });
});

test("a real daemon stops when its services have acknowledged, and within its drain deadline when they have not", async () => {
  const daemon = startDaemon("guest", { args: ["--drain-deadline", "2s"] });
  await daemon.logged("Ready");
  const service = await rawClient(join(daemon.home, "run", "hello_guest.sock"));
  service.send("shutdown:register", { service: "backup", within_s: 600 });
  service.send("shutdown:register", { service: "sleeper", within_s: 600 });
  await service.next();
  await service.next();
  const begunAt = performance.now();
  daemon.child.kill("SIGTERM");
  expect((await service.next((line) => line.event === "shutdown:begin")).data).toMatchObject({
    reason: "SIGTERM",
  });
  service.send("shutdown:acknowledge", { service: "backup" });
  expect((await service.next((line) => line.event === "shutdown:acknowledge")).data).toMatchObject({
    waiting_for: ["sleeper"],
  });
  expect(await daemon.exit).toMatchObject({ code: 0 });
  expect(performance.now() - begunAt).toBeLessThan(10_000);
  expect(daemon.logs).toContainEqual(
    expect.objectContaining({ msg: "Services did not acknowledge the stop", late: ["sleeper"], gone: [] }),
  );
});
