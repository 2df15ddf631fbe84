import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { tempTree } from "./temp-tree.ts";
import { startConsumer, startMesh } from "./mesh.ts";

/** Five files each, one imported by the next. */
function smallModules(count: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let index = 0; index < count; index++) {
    files[`mod_${index}/__init__.py`] = `"""Module ${index}."""\nfrom .work import work_${index}\n`;
    files[`mod_${index}/work.py`] = `import os\ndef work_${index}(a: int) -> int:\n    return a\n`;
    files[`mod_${index}/model.py`] = `class Model${index}:\n    async def load(self): ...\n`;
    files[`mod_${index}/cli.py`] =
      `from mod_${(index + 1) % count} import work\nif __name__ == "__main__":\n    pass\n`;
    files[`mod_${index}/test_work.py`] = "def test_it(): ...\n";
  }
  return files;
}

describe("the daemon as a process", () => {
  it("answers each question once: with what was found, or with why nothing was", async () => {
    const mesh = await startMesh();
    const workspace = await tempTree(smallModules(3));
    const consumer = startConsumer(mesh.home, workspace);
    const ids = [
      await mesh.ask({ question_id: "discover.module.mod_1", evidence: ["has_init:true"] }),
      await mesh.ask({ question_id: "curiosity_two", evidence: [`path:${workspace}/mod_2`] }),
      await mesh.ask({ question_id: "discover.module.ghost", evidence: ["path:src/ghost"] }),
      await mesh.ask({ question_id: "discover.module.etc", evidence: ["path:/etc"] }),
      await mesh.ask({ question_id: "curiosity_why_slow" }),
    ];
    await mesh.completed(5);
    const records = await mesh.records();
    const said = ids.map((id) =>
      mesh.completions.find((each) => each.facts.investigation_id === `inv_${id}`)!,
    );
    expect(said.map(({ facts }) => [facts.hypothesis, facts.status, facts.error_type])).toEqual([
      ["UNDISCOVERED_MODULE_mod_1", "completed", undefined],
      ["UNDISCOVERED_MODULE_mod_2", "completed", undefined],
      ["INVESTIGATION_FAILED", "failed", "PathNotFound"],
      ["INVESTIGATION_FAILED", "failed", "PathOutsideWorkspace"],
      ["INVESTIGATION_FAILED", "failed", "NoModuleNamed"],
    ]);
    for (const { facts, causation_id } of said) {
      const record = records.find((each) => each.investigation_id === facts.investigation_id)!;
      expect(record).toMatchObject({
        signal_id: causation_id,
        hypothesis: facts.hypothesis,
        confidence: facts.confidence,
      });
      expect(record.evidence).toHaveLength(facts.evidence_count);
    }
    expect(records[0]!.capabilities).toEqual(["Model1", "work_1"]);
    expect(records[0]!.integration_points).toEqual([
      { path: "mod_0/cli.py", line: 1, imports: ["work"], test: false },
    ]);
    consumer.child.kill("SIGTERM");
    expect(await consumer.exit).toBe(0);
  });

  it("writes one record and one completion per question, though it is killed with -9 again and again", async () => {
    const mesh = await startMesh();
    const workspace = await tempTree(smallModules(40));
    const questions = 200;
    const ids = await Promise.all(
      Array.from({ length: questions }, (_, index) =>
        mesh.ask({ question_id: `discover.module.mod_${index % 40}` }),
      ),
    );
    let killed = 0;
    for (let round = 0; mesh.completions.length < questions; round++) {
      const consumer = startConsumer(mesh.home, workspace, [
        "--records-max-bytes",
        "100KiB",
        "--records-kept",
        "100",
      ]);
      const aim = mesh.completions.length + Math.floor(Math.random() * 25);
      await vi.waitUntil(
        () => mesh.completions.length >= (killed < 8 ? Math.min(aim, questions) : questions),
        { timeout: 50_000, interval: 1 },
      );
      consumer.child.kill("SIGKILL");
      killed++;
      await consumer.exit;
      expect(round).toBeLessThan(100);
    }
    const { readdir, readFile } = await import("node:fs/promises");
    const files = (await readdir(mesh.home)).filter((name) => name.startsWith("curiosity_investigations"));
    const lines = (await Promise.all(files.map((name) => readFile(`${mesh.home}/${name}`, "utf8"))))
      .join("")
      .split("\n");
    const whole = lines.flatMap((line) => /^\{"investigation_id":"([^"]+)".*\}$/.exec(line)?.[1] ?? []);
    expect(killed).toBeGreaterThan(2);
    expect(files.length).toBeGreaterThan(1);
    expect(whole.sort()).toEqual(ids.map((id) => `inv_${id}`).sort());
    expect(mesh.completions.map((each) => each.facts.investigation_id).sort()).toEqual(
      ids.map((id) => `inv_${id}`).sort(),
    );
  });

  it("abandons a long analysis when it is asked to stop, and does it after the restart", async () => {
    const mesh = await startMesh();
    const body = Array.from(
      { length: 3_000 },
      (_, index) =>
        `def f_${index}(a, b, c=1, *rest, **more):\n    return [a for a in rest if a > ${index}]\n`,
    ).join("");
    const workspace = await tempTree(
      Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`big/f_${index}.py`, body])),
    );
    const first = startConsumer(mesh.home, workspace, ["--drain-deadline", "50ms"]);
    await mesh.ask({ question_id: "discover.module.big" });
    await vi.waitUntil(
      async () => (await first.health().catch((): Record<string, unknown> => ({})))["analyses"] === 1,
      {
        timeout: 20_000,
        interval: 10,
      },
    );
    first.child.kill("SIGTERM");
    expect(await first.exit).toBe(0);
    expect(mesh.completions).toEqual([]);
    startConsumer(mesh.home, workspace);
    await mesh.completed(1);
    expect(mesh.completions[0]!.facts).toMatchObject({
      hypothesis: "UNDISCOVERED_MODULE_big",
      status: "completed",
    });
    expect(await mesh.records()).toHaveLength(1);
  });

  it("leaves no analysing process behind when it is killed in the middle of an analysis", async () => {
    const mesh = await startMesh();
    const body = "def f(a, b, c=1, *rest, **more):\n    return [a for a in rest if a]\n".repeat(3_000);
    const files = Array.from({ length: 40 }, (_, index) => [`big/f_${index}.py`, body]);
    const consumer = startConsumer(mesh.home, await tempTree(Object.fromEntries(files)));
    await mesh.ask({ question_id: "discover.module.big" });
    const child = await vi.waitUntil(() => childOf(consumer.child.pid!), { timeout: 20_000, interval: 10 });
    consumer.child.kill("SIGKILL");
    await vi.waitUntil(() => !isRunning(child), { timeout: 10_000, interval: 10 });
  });

  it("is small when idle, and again after work", async () => {
    const mesh = await startMesh();
    const workspace = await tempTree(smallModules(5));
    const consumer = startConsumer(mesh.home, workspace, ["--worker-idle", "200ms"]);
    await consumer.ready();
    const idle = Number((await consumer.health())["rss_bytes"]);
    await mesh.ask({ question_id: "discover.module.mod_1" });
    await mesh.completed(1);
    await vi.waitUntil(async () => (await consumer.health())["analysis_processes"] === 0, {
      timeout: 20_000,
      interval: 50,
    });
    const after = Number((await consumer.health())["rss_bytes"]);
    expect(after - idle).toBeLessThan(12e6);
    expect(idle).toBeLessThan(80 * 2 ** 20);
  });
});

function childOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return children.map(Number).find((child) => child > 0 && commandOf(child).includes("analysis-main"));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** A process that ended and was not collected yet does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
