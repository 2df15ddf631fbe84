/** The watchdog as it runs: a process of its own, killed with -9, beside emitters that come and go. */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditHome } from "@kloros/bus";
import { describe, expect, it, onTestFinished } from "vitest";
import { finding, killed, question, quietFor, until, watchedMesh } from "./watched-mesh.ts";

const TIMEOUT = "Q_INVESTIGATION_TIMEOUT";
const soon = (span: string) => ["--deadlines", `Q_CURIOSITY_INVESTIGATE=${span}`];

describe("work that never completes", { timeout: 90_000 }, () => {
  it("is told once, as part of its story, with all that is needed to ask again", async () => {
    const mesh = await watchedMesh([TIMEOUT]);
    await mesh.node("kloros_policy_engine");
    const router = await mesh.node("intent_router");
    mesh.monitor(...soon("700ms"));
    await mesh.ready();
    const { id } = await router.emit("Q_CURIOSITY_INVESTIGATE", question("q.1"));
    await until("it is waited for", async () => (await mesh.waits()).length === 1);
    expect(await mesh.waits()).toMatchObject([
      {
        state: "waiting",
        signal: "Q_CURIOSITY_INVESTIGATE",
        id,
        question_id: "q.1",
        correlation_id: id,
        on_timeout: TIMEOUT,
        attempt: 1,
      },
    ]);
    await until("the timeout", () => mesh.heard.length > 0);
    expect(mesh.heard).toMatchObject([
      {
        source: "orchestrator_monitor",
        correlation_id: id,
        causation_id: id,
        facts: {
          question_id: "q.1",
          timeout_seconds: 0.7,
          suggested_action: "restart_investigation_consumer",
          trigger_signal: "Q_CURIOSITY_INVESTIGATE",
          trigger_id: id,
          expected: ["Q_INVESTIGATION_COMPLETE"],
          trigger_facts: question("q.1"),
          attempt: 1,
          retry_of: id,
        },
      },
    ]);
    const sinceMs =
      Date.parse(mesh.heard[0]!.timestamp) - Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    expect(sinceMs).toBeGreaterThanOrEqual(695);
    await quietFor(1_000);
    expect(mesh.heard).toHaveLength(1);
    expect(await mesh.health()).toMatchObject({ open: 0, fired: 1, late: 0 });
    const { balanced, rows } = await auditHome(mesh.home);
    expect(balanced).toBe(true);
    expect(rows.filter(({ consumer }) => consumer === "orchestrator_monitor")).not.toEqual([]);
  });

  it("is told once across kill -9 and restarts before, at and after the deadline", async () => {
    const mesh = await watchedMesh([TIMEOUT]);
    await mesh.node("kloros_policy_engine");
    const router = await mesh.node("intent_router");
    const asked: string[] = [];
    for (let round = 0; round < 4; round++) {
      const monitor = mesh.monitor(...soon("2s"));
      await mesh.ready();
      for (let n = 0; n < 5; n++) {
        const id = `q.${round}.${n}`;
        asked.push(id);
        await router.emit("Q_CURIOSITY_INVESTIGATE", question(id));
      }
      await until("they are waited for", async () => (await mesh.health())["open"] !== 0);
      await quietFor(400 * round);
      await killed(monitor);
    }
    mesh.monitor(...soon("2s"));
    await until("all timeouts", () => mesh.heard.length >= asked.length);
    await quietFor(500);
    expect(mesh.heard.map(({ facts }) => facts["question_id"]).sort()).toEqual(asked.sort());
  });
});

describe("work that finished while the monitor was down", { timeout: 90_000 }, () => {
  it("is not told, also when who finished it has been stopped since", async () => {
    const mesh = await watchedMesh([TIMEOUT]);
    await mesh.node("kloros_policy_engine");
    const router = await mesh.node("intent_router");
    let investigator = await mesh.node("investigation_consumer_daemon");
    const monitor = mesh.monitor(...soon("1500ms"));
    await mesh.ready();
    const ids = ["done", "done_late", "never"];
    const stories = new Map<string, string>();
    for (const id of ids) stories.set(id, (await router.emit("Q_CURIOSITY_INVESTIGATE", question(id))).id);
    await until("all are waited for", async () => (await mesh.waits()).length === 3);
    await killed(monitor);
    const complete = (id: string) =>
      investigator.emit("Q_INVESTIGATION_COMPLETE", finding(id), { correlation_id: stories.get(id)! });
    await complete("done");
    await investigator.close();
    await quietFor(1_600); // Every deadline is over before the monitor is back.
    mesh.monitor(...soon("1500ms"));
    await until("two timeouts", () => mesh.heard.length >= 2);
    await quietFor(500);
    expect(mesh.heard.map(({ facts }) => facts["question_id"]).sort()).toEqual(["done_late", "never"]);

    // What was seen on disk counts once: it is delivered now, and answers nothing else.
    investigator = await mesh.node("investigation_consumer_daemon");
    await complete("done_late");
    await until("it is noted as late", async () => (await mesh.health())["late"] === 1);
    await router.emit("Q_CURIOSITY_INVESTIGATE", question("done"), { correlation_id: stories.get("done")! });
    await until("new work of that story is waited for", async () => (await mesh.waits()).length === 1);
    const all = await mesh.waits({ all: true });
    expect(Object.fromEntries(all.map(({ question_id, state }) => [question_id, state]))).toEqual({
      done: "waiting",
      done_late: "answered_late",
      never: "timed_out",
    });
  });

  it("a retry that comes after a late completion is not waited for", async () => {
    const mesh = await watchedMesh([TIMEOUT]);
    const engine = await mesh.node("kloros_policy_engine");
    const router = await mesh.node("intent_router");
    const investigator = await mesh.node("investigation_consumer_daemon");
    mesh.monitor(...soon("300ms"));
    await mesh.ready();
    const { id: correlation_id } = await router.emit("Q_CURIOSITY_INVESTIGATE", question("q"));
    await until("the timeout", () => mesh.heard.length === 1);
    await investigator.emit("Q_INVESTIGATION_COMPLETE", finding("q"), { correlation_id });
    await until("it is noted as late", async () => (await mesh.health())["late"] === 1);
    await engine.emit(
      "Q_CURIOSITY_INVESTIGATE",
      { ...question("q"), attempt: 2, retry_of: correlation_id },
      { correlation_id, causation_id: mesh.heard[0]!.id },
    );
    await engine.emit("Q_CURIOSITY_INVESTIGATE", { ...question("other") }, { correlation_id });
    await until("the other is told", () => mesh.heard.length === 2);
    expect(mesh.heard[1]!.facts["question_id"]).toBe("other");
    await quietFor(500);
    expect(mesh.heard).toHaveLength(2);
  });
});

it(
  "a user's contract is watched as it stands, with a timeout that has the three facts only",
  { timeout: 60_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "kloros-contracts-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await mkdir(join(dir, "signals"));
    const daemons = [
      { name: "report_desk", package: "report-desk", port: 8901, description: "Asks for reports." },
      { name: "report_writer", package: "report-writer", port: 8902, description: "Writes reports." },
    ];
    await writeFile(join(dir, "daemons.json"), JSON.stringify({ daemons }));
    const text = (description: string) => ({ type: "string", description });
    const contract = (name: string, properties: Record<string, object>, signal: object) => {
      const example = Object.fromEntries(
        Object.entries(properties).map(([key, { type }]: [string, { type?: string }]) => [
          key,
          type === "number" ? 1 : "x",
        ]),
      );
      const file = {
        title: name,
        description: `${name}.`,
        "x-signal": { version: 1, kind: "advisory", ...signal },
        type: "object",
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
        examples: [example],
      };
      return writeFile(join(dir, "signals", `${name}.schema.json`), JSON.stringify(file));
    };
    const expects = {
      any_of: ["Q_REPORT_WRITTEN"],
      within_seconds: 0.5,
      on_timeout: "Q_REPORT_TIMEOUT",
      suggested_action: "wake_the_writer",
      match: "/report",
    };
    await contract(
      "Q_REPORT_WANTED",
      { report: text("Which.") },
      { emitters: ["report_desk"], consumers: ["report_writer"], expects },
    );
    await contract(
      "Q_REPORT_WRITTEN",
      { report: text("Which.") },
      { emitters: ["report_writer"], consumers: ["report_desk"] },
    );
    await contract(
      "Q_REPORT_TIMEOUT",
      {
        question_id: text("Which."),
        timeout_seconds: { type: "number", description: "How long." },
        suggested_action: text("What to do."),
      },
      { emitters: ["orchestrator_monitor"], consumers: ["kloros_policy_engine"] },
    );
    const mesh = await watchedMesh(["Q_REPORT_TIMEOUT"], [dir]);
    await mesh.node("kloros_policy_engine");
    const desk = await mesh.node("report_desk");
    const writer = await mesh.node("report_writer");
    mesh.monitor();
    await mesh.ready();
    const late = await desk.emit("Q_REPORT_WANTED", { report: "monthly" });
    const { id: correlation_id } = await desk.emit("Q_REPORT_WANTED", { report: "daily" });
    await writer.emit("Q_REPORT_WRITTEN", { report: "daily" }, { correlation_id });
    await until("the timeout", () => mesh.heard.length > 0);
    await quietFor(600);
    expect(mesh.heard).toMatchObject([{ signal: "Q_REPORT_TIMEOUT", causation_id: late.id }]);
    expect(mesh.heard[0]!.facts).toEqual({
      question_id: "monthly",
      timeout_seconds: 0.5,
      suggested_action: "wake_the_writer",
    });
  },
);

it("refuses deadlines that make no sense with exit code 78 and what to write instead", async () => {
  const mesh = await watchedMesh([]);
  const monitor = mesh.monitor("--deadlines", "Q_DREAM_TRIGER=5s,Q_MODULE_DISCOVERED=1s");
  let stderr = "";
  monitor.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  expect((await once(monitor, "exit"))[0]).toBe(78);
  expect(stderr).toContain("did you mean Q_DREAM_TRIGGER?");
  expect(stderr).toContain("expects nothing to follow it");
});

it("says loudly that it is full, and watches again when there is room", { timeout: 60_000 }, async () => {
  const mesh = await watchedMesh([TIMEOUT, "Q_HEALTH_ALERT"]);
  await mesh.node("kloros_policy_engine");
  const router = await mesh.node("intent_router");
  const investigator = await mesh.node("investigation_consumer_daemon");
  mesh.monitor("--max-waits", "2", ...soon("1h"));
  await mesh.ready();
  const stories = [];
  for (const id of ["a", "b", "c", "d"]) {
    stories.push(await router.emit("Q_CURIOSITY_INVESTIGATE", question(id)));
    await until("it is heard", async () => {
      const { open, not_watched } = (await mesh.health()) as { open: number; not_watched: number };
      return open + not_watched === stories.length;
    });
  }
  await until("the alert", () => mesh.heard.length > 0);
  expect(await mesh.health()).toMatchObject({ open: 2, not_watched: 2, full: true });
  expect(mesh.heard.map(({ facts }) => facts["alert_type"])).toEqual(["watchdog_full"]);
  for (const [n, id] of ["a", "b"].entries())
    await investigator.emit("Q_INVESTIGATION_COMPLETE", finding(id), { correlation_id: stories[n]!.id });
  await until("both are done", async () => (await mesh.health())["open"] === 0);
  await router.emit("Q_CURIOSITY_INVESTIGATE", question("e"));
  await until("it watches again", async () => (await mesh.waits()).length === 1);
  expect(await mesh.health()).toMatchObject({ full: false });
});
