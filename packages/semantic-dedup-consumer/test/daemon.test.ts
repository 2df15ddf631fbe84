/** The daemon as a process of its own: it is handed completions by a real node, and killed with -9. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { mesh, until } from "./mesh.ts";

const audio = (path: string) => ({
  question: "What does the audio module do?",
  module: { name: "audio", path: `/w/${path}`, relative_path: path, description: "Plays sounds." },
  capabilities: ["play_sound", "stop_sound"],
});
const AUDIO = { hypothesis: "UNDISCOVERED_MODULE_audio" };
const FAILED = {
  status: "failed" as const,
  hypothesis: "INVESTIGATION_FAILED",
  confidence: 0,
  error_type: "AnalysisTimeout",
  error_message: "too long",
};

it("recognises near-duplicates, keeps evidence that people can read, counts each investigation once, and stops with 0", async () => {
  const m = await mesh();
  await m.start();
  await m.investigated(1, audio("src/audio"), AUDIO);
  await m.investigated(2, { ...audio("src/audio"), question: "Explain the purpose of module audio" }, AUDIO);
  await m.investigated(3, { question: "What does the video module do?", capabilities: ["show"] });
  await m.entry("q3");
  const entry = await m.entry("q2");
  expect(entry).toMatchObject({
    cluster: "q1",
    module: { name: "audio", path: "src/audio" },
    findings: ["Plays sounds.", "play_sound", "stop_sound"],
    near_duplicates: [{ question_id: "q1", kind: "question", similarity: 1, findings_similarity: 1 }],
  });
  expect((await m.entry("q3")).near_duplicates).toEqual([]);
  expect(await m.evidence()).toMatchObject({
    schema: "kloros.semantic-evidence/1",
    questions_count: 3,
    suppressed: [],
    clusters: [{ cluster: "q1", question_ids: expect.arrayContaining(["q1", "q2"]) }],
  });
  await m.investigator.emit("Q_INVESTIGATION_COMPLETE", {
    question_id: "q1",
    investigation_timestamp: "20251115_103000",
    confidence: 0.9,
    evidence_count: 1,
    investigation_id: "inv_1",
    ...AUDIO,
  });
  await until("the repetition", async () => (await m.health())["repeated"] === 1);
  expect((await m.entry("q1")).investigations).toBe(1);
  expect(m.requests).toEqual([]);
  await m.kill("SIGTERM");
  expect(m.daemon?.exitCode).toBe(0);
});

it("asks again after failures, five times in all across kills, then suppresses the question and says so", async () => {
  const m = await mesh();
  await m.start();
  const record = { question: "Why is x slow?", asked_evidence: ["path:src/x"] };
  for (let n = 1; n <= 4; n++) {
    await m.investigated(n, record, { question_id: "x", ...FAILED });
    await until(`request ${n}`, () => m.requests.length === n);
    expect(m.requests[n - 1]?.facts).toMatchObject({
      question: "Why is x slow?",
      question_id: "x",
      evidence: ["path:src/x"],
      reason: "failed",
      attempt: n,
      previous_investigation_id: `inv_${n}`,
    });
    if (n % 2 === 0) {
      await m.kill();
      await m.start();
    }
  }
  await m.investigated(5, record, { question_id: "x", ...FAILED });
  await m.entry("x", ({ suppressed }) => suppressed);
  expect(await m.evidence()).toMatchObject({ suppressed: ["x"] });
  expect(await m.health()).toMatchObject({ suppressed: ["x"], suppressed_count: 1, to_be_asked_again: 0 });
  expect(m.output).toContain("Question suppressed");
  await m.kill();
  await m.start();
  expect(await m.health()).toMatchObject({ suppressed: ["x"] });
  expect(m.requests).toHaveLength(4);
});

it("asks the older of two contradicting questions again, once", async () => {
  const m = await mesh();
  await m.start();
  await m.investigated(1, audio("lib/audio"), { ...AUDIO, hypothesis: "UNDISCOVERED_MODULE_old_audio" });
  await m.investigated(
    2,
    {
      ...audio("src/audio"),
      capabilities: ["record_voice", "mix"],
      question: "What is the audio module for?",
    },
    AUDIO,
  );
  const [request] = await until("the request", () => (m.requests.length > 0 ? m.requests : null));
  expect(request?.facts).toMatchObject({
    question_id: "q1",
    reason: "contradiction",
    attempt: 1,
    similar_question_id: "q2",
  });
  expect(request?.facts.similarity).toBeGreaterThan(0.6);
  await m.investigated(3, audio("lib/audio"), {
    ...AUDIO,
    question_id: "q1",
    hypothesis: "UNDISCOVERED_MODULE_old_audio",
  });
  await m.entry("q1", ({ investigations, pending }) => investigations === 2 && pending === null);
  expect(m.requests).toHaveLength(1);
});

it("writes the evidence again when it is lost or damaged, and forgets the oldest question beyond its limit", async () => {
  const m = await mesh();
  await m.start("--max-questions", "10");
  for (let n = 1; n <= 12; n++) await m.investigated(n, { question: `What does thing${n} do?` });
  await m.entry("q12");
  const ids = (await m.evidence())?.questions.map(({ question_id }) => question_id);
  expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => `q${12 - n}`));
  await m.kill();
  await rm(m.evidencePath);
  await m.start("--max-questions", "10");
  await m.entry("q12");
  await m.kill();
  await writeFile(m.evidencePath, '{"schema": "kloros.sem');
  await m.start("--max-questions", "10");
  await m.entry("q12");
  expect((await m.evidence())?.questions_count).toBe(10);
});

it("takes a record that is missing from what the signal says", async () => {
  const m = await mesh();
  await m.start();
  await m.investigator.emit("Q_INVESTIGATION_COMPLETE", {
    question_id: "discover.module.audio",
    investigation_timestamp: "20251115_103000",
    hypothesis: "UNDISCOVERED_MODULE_audio",
    confidence: 0.9,
    evidence_count: 1,
  });
  expect(await m.entry("discover.module.audio")).toMatchObject({
    question: "discover.module.audio",
    investigations: 1,
  });
  expect(await m.health()).toMatchObject({ without_record: 1 });
});

it("killed with -9 again and again, it counts every investigation once", { timeout: 120_000 }, async () => {
  const m = await mesh();
  for (let round = 0; round < 4; round++) {
    await m.start();
    for (let n = 0; n < 25; n++)
      await m.investigated(round * 25 + n, { question: `What does thing${n} do?` }, { question_id: `q${n}` });
    await sleep(Math.random() * 100);
    await m.kill();
  }
  await m.start();
  await until("all are handled", async () => {
    const questions = (await m.evidence())?.questions ?? [];
    return questions.reduce((sum, { investigations }) => sum + investigations, 0) === 100;
  });
  await sleep(200);
  expect((await m.evidence())?.questions.map(({ investigations }) => investigations)).toEqual(
    Array(25).fill(4),
  );
});

it("lets an embedder decide what asks the same, and compares words, loudly, when it fails", async () => {
  const m = await mesh();
  const program = join(m.home, "embedder.mjs");
  await writeFile(
    program,
    `let text = "";
     process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
       if (text.includes("break")) process.exit(3);
       for (const line of text.trim().split("\\n")) {
         const { id, text } = JSON.parse(line);
         console.log(JSON.stringify({ id, embedding: text.includes("gizmo") ? [1, 0.1] : [0.1, 1] }));
       }
     });`,
  );
  await m.start("--embedder", `${process.execPath},${program}`);
  await m.investigated(1, { question: "How does the gizmo of audio tick?" });
  await m.investigated(2, { question: "Audio: gizmo ticking explained" });
  await m.investigated(3, { question: "How does audio tick?" });
  expect((await m.entry("q3")).near_duplicates).toEqual([]);
  expect((await m.entry("q2")).near_duplicates).toMatchObject([
    { question_id: "q1", question_similarity: 1 },
  ]);
  expect(await m.health()).toMatchObject({ embedder: { plugged_in: true, failures: 0, trouble: null } });
  await m.investigated(4, { question: "When does audio break?" });
  await m.investigated(5, { question: "When did audio break?" });
  expect((await m.entry("q5")).near_duplicates).toMatchObject([{ question_id: "q4" }]);
  expect(m.output.match(/Embedder failed/g)).toHaveLength(1);
  expect(await m.health()).toMatchObject({ embedder: { trouble: "exit code 3" } });
});
