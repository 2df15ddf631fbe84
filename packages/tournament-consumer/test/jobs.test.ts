/** Tournaments as durable jobs: asked for again, cancelled, out of time, wrongly asked for, taken up after a stop. */
import { appendFile, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askParts } from "@kloros/daemon/testing";
import { cyclePaths } from "@kloros/experiments";
import { expect, it } from "vitest";
import {
  candidates,
  CYCLE,
  cycleWith,
  experimentWith,
  homeWith,
  openAsker,
  requestFor,
  resultsIn,
  startConsumer,
  startsIn,
  until,
} from "./lab.ts";

const PATHS = (home: string) => cyclePaths(home, CYCLE);

it("a tournament that is asked for again is answered with its outcome, caused by the new request, and not held again", async () => {
  const home = await homeWith(experimentWith(), candidates([{}, {}]));
  const asker = await openAsker(home);
  await startConsumer(home);
  const first = await asker.ask(requestFor(2));
  const told = await asker.outcome();
  const again = await asker.ask(requestFor(2, { attempt: 2, retry_of: first.id }));
  const second = await asker.outcome(2);
  expect(second.facts).toEqual(told.facts);
  expect([told.causation_id, second.causation_id]).toEqual([first.id, again.id]);
  expect(await startsIn(home)).toHaveLength(2);
});

it("one that is under way is not disturbed by a repetition, and has one outcome", async () => {
  const home = await homeWith(experimentWith(), candidates([{ mode: "held" }, {}]));
  const asker = await openAsker(home);
  const { node } = await startConsumer(home);
  const first = await asker.ask(requestFor(2));
  await until("a start", async () => (await startsIn(home)).length > 0);
  await asker.ask(requestFor(2, { attempt: 2, retry_of: first.id }));
  await until("both requests handled", () => node.stats().handled === 2);
  await writeFile(join(home, "go"), "");
  expect((await asker.outcome()).causation_id).toBe(first.id);
  await asker.ask(requestFor(2, { attempt: 3, retry_of: first.id }));
  await asker.outcome(2);
  expect(asker.told).toHaveLength(2);
  expect(await startsIn(home)).toHaveLength(2);
});

it("one that failed and may succeed later is held anew when it is asked for again", async () => {
  const slow = { ...experimentWith(), evaluator: { ...experimentWith().evaluator, timeout_s: 1 } };
  const home = await homeWith(slow, candidates([{ mode: "held" }]));
  const asker = await openAsker(home);
  await startConsumer(home);
  await asker.ask(requestFor(1));
  expect((await asker.outcome()).facts).toMatchObject({
    error_type: "AllCandidatesFailed",
    retry_possible: true,
  });
  await writeFile(join(home, "go"), "");
  await asker.ask(requestFor(1));
  expect((await asker.outcome(2)).facts).toMatchObject({ winner_id: "c00001" });
  expect(await resultsIn(home)).toHaveLength(1);
});

it("what is not as it must be is refused with the place and the reason, and the next request is carried out", async () => {
  const home = await homeWith(experimentWith(), candidates([{}, {}]));
  const asker = await openAsker(home);
  await startConsumer(home);
  const generations = join(PATHS(home).folder, "generations");
  await writeFile(join(generations, "bad.candidates.jsonl"), '{"candidate_id":"c1"}\nnothing\n');
  await writeFile(join(home, "outside.candidates.jsonl"), "");
  await symlink(join(home, "outside.candidates.jsonl"), join(generations, "link.candidates.jsonl"));
  const at = (name: string) => `dream_lab/cycles/${CYCLE}/generations/${name}.candidates.jsonl`;
  const wrong = [
    [{ tournament_id: "a/../b" }, /tournament_id must be of letters/],
    [{ cycle_id: "../../x" }, /cycle_id must be of letters/],
    [{ cycle_id: "dream_other" }, /lies outside of its cycle's folder/],
    [{ candidates_path: "/etc/passwd" }, /must name a file that ends in/],
    [{ candidates_path: at("none") }, /none\.candidates\.jsonl does not exist/],
    [{ candidates_path: at("link") }, /lies outside of its cycle's folder/],
    [{ candidates_path: "outside.candidates.jsonl" }, /lies outside of its cycle's folder/],
    [{ candidates_path: at("bad") }, /bad\.candidates\.jsonl, line 1 is no candidate/],
    [{ candidate_count: 3 }, /candidate_count says 3, the file has 2/],
    [{ experiment: "other" }, /its cycle\.json about/],
  ] as const;
  for (const [index, [changes, message]] of wrong.entries()) {
    await asker.ask(requestFor(2, { tournament_id: `${CYCLE}.w${index}`, ...changes }));
    const told = await asker.outcome(index + 1);
    expect(told.facts).toMatchObject({ error_type: "InvalidRequest", retry_possible: false });
    expect((told.facts as { error_message: string }).error_message).toMatch(message);
  }
  await asker.ask(requestFor(2));
  expect((await asker.outcome(wrong.length + 1)).signal).toBe("Q_TOURNAMENT_COMPLETE");
});

it("a link that leads to the candidates is followed, and the results lie beside the candidates, not beside the link", async () => {
  const home = await homeWith(experimentWith(), candidates([{}, {}]));
  const asker = await openAsker(home);
  await startConsumer(home);
  const elsewhere = join(home, "elsewhere");
  await mkdir(elsewhere);
  await symlink(PATHS(home).candidates("g000"), join(elsewhere, "any.candidates.jsonl"));
  await asker.ask(requestFor(2, { candidates_path: join(elsewhere, "any.candidates.jsonl") }));
  expect((await asker.outcome()).signal).toBe("Q_TOURNAMENT_COMPLETE");
  expect(await resultsIn(home)).toHaveLength(2);
  expect(await readdir(elsewhere)).toEqual(["any.candidates.jsonl"]);
});

it("a cycle.json that is none, and two candidates of one name, are refused too", async () => {
  const [one] = candidates([{}]);
  const home = await homeWith(experimentWith(), [one!, one!]);
  const asker = await openAsker(home);
  await startConsumer(home);
  await asker.ask(requestFor(2));
  expect((await asker.outcome()).facts).toMatchObject({ error_type: "InvalidRequest" });
  await writeFile(PATHS(home).cycle, JSON.stringify({ ...cycleWith(experimentWith()), seed: "one" }));
  await asker.ask(requestFor(2, { tournament_id: `${CYCLE}.again` }));
  expect(await asker.outcome(2)).toMatchObject({ facts: { error_message: /is no record of a cycle/ } });
  await rm(PATHS(home).cycle);
  await asker.ask(requestFor(2, { tournament_id: `${CYCLE}.third` }));
  expect(await asker.outcome(3)).toMatchObject({ facts: { error_message: /cycle\.json is missing/ } });
});

it("when the time is up nothing more starts: what runs and what waits has failed for want of time", async () => {
  const home = await homeWith(experimentWith(), candidates([{}, { mode: "hang" }, { mode: "slow" }, {}]));
  const asker = await openAsker(home);
  await startConsumer(home);
  const deadline_at = new Date(Date.now() + 1_500).toISOString();
  await asker.ask(requestFor(4, { deadline_at, max_concurrency: 1 }));
  expect((await asker.outcome()).facts).toMatchObject({ winner_id: "c00001", candidates_failed: 3 });
  const kinds = (await resultsIn(home)).map(({ error }) => error?.type ?? "ok");
  expect(kinds).toEqual(["ok", "OutOfTime", "OutOfTime", "OutOfTime"]);
  expect(await startsIn(home)).toHaveLength(2);
});

it("an operator can cancel one that runs and one that waits; the answer comes when it is on disk", async () => {
  const home = await homeWith(experimentWith(), candidates([{ mode: "hang" }]));
  const asker = await openAsker(home);
  const { node, parts } = await startConsumer(home);
  await asker.ask(requestFor(1));
  await until("a start", async () => (await startsIn(home)).length === 1);
  const cancel = async (data: object) => askParts(parts, "tournament:cancel", data);
  const { tournament_id } = requestFor(1);
  expect(await cancel({ tournament_id })).toEqual({ tournament_id, cancelled: true });
  expect(node.state.get(`job:${tournament_id}`)).toBeUndefined();
  expect((await asker.outcome()).facts).toMatchObject({ error_type: "Cancelled", retry_possible: false });
  expect(await resultsIn(home)).toEqual([]);
  await expect(cancel({ tournament_id })).rejects.toThrow(`no tournament ${tournament_id} waits or runs`);
  await expect(cancel({})).rejects.toThrow("tournament_id is required");
});

it("after a stop it goes on: what has a result is not measured again, a torn last line is nothing", async () => {
  const home = await homeWith(experimentWith(), candidates([{}, {}, { mode: "held" }, {}]));
  const asker = await openAsker(home);
  const first = await startConsumer(home);
  await asker.ask(requestFor(4, { max_concurrency: 1 }));
  await until("three starts", async () => (await startsIn(home)).length === 3);
  await first.stop();
  expect(await resultsIn(home)).toHaveLength(2);
  await appendFile(PATHS(home).results("g000"), '{"candidate_id":"c00003","status":"o');
  await writeFile(join(home, "go"), "");
  await startConsumer(home);
  expect((await asker.outcome()).facts).toMatchObject({ candidates_evaluated: 4, winner_id: "c00004" });
  const starts = (await startsIn(home)).map((line) => line.split(" ")[0]);
  expect(starts).toEqual(["c00001", "c00002", "c00003", "c00003", "c00004"]);
  const ids = (await resultsIn(home)).map(({ candidate_id }) => candidate_id);
  expect(ids).toEqual(["c00001", "c00002", "c00003", "c00004"]);
});

it("two sides of which one alone had a result are measured in turns again", async () => {
  const home = await homeWith(experimentWith(), candidates([{}, { mode: "held" }]), "confirm");
  const asker = await openAsker(home);
  const first = await startConsumer(home);
  await asker.ask(requestFor(2, { purpose: "confirm", repeats: 2 }, "confirm"));
  await until("two starts", async () => (await startsIn(home)).length === 2);
  await first.stop();
  await writeFile(join(home, "go"), "");
  await startConsumer(home);
  await asker.outcome();
  expect((await startsIn(home)).slice(2).map((line) => line.split(" ")[0])).toEqual([
    "c00001",
    "c00002",
    "c00002",
    "c00001",
  ]);
  expect(await resultsIn(home, "confirm")).toHaveLength(2);
});

it("more tournaments than may wait are refused, with the advice to ask later", async () => {
  const home = await homeWith(experimentWith(), candidates([{ mode: "held" }]));
  const asker = await openAsker(home);
  await startConsumer(home, { max_waiting: 2 });
  for (const id of ["a", "b", "c"]) {
    const request = requestFor(1, { tournament_id: `${CYCLE}.${id}` });
    const from = PATHS(home).candidates("g000");
    if (id !== "a") request.candidates_path = request.candidates_path.replace("g000", id);
    if (id !== "a")
      await writeFile(PATHS(home).candidates(id), await (await import("node:fs/promises")).readFile(from));
    await asker.ask(request);
  }
  expect((await asker.outcome()).facts).toMatchObject({
    tournament_id: `${CYCLE}.c`,
    error_type: "QueueFull",
    retry_possible: true,
  });
  await writeFile(join(home, "go"), "");
  await asker.outcome(3);
});

it("a file that cannot be written ends the tournament as StorageFailed; asked again when that is mended, it is held", async () => {
  const home = await homeWith(experimentWith(), candidates([{}]));
  const asker = await openAsker(home);
  await startConsumer(home);
  const results = PATHS(home).results("g000");
  await (await import("node:fs/promises")).mkdir(results);
  await asker.ask(requestFor(1));
  expect((await asker.outcome()).facts).toMatchObject({ error_type: "StorageFailed", retry_possible: true });
  await rename(results, `${results}.away`);
  await asker.ask(requestFor(1));
  expect((await asker.outcome(2)).facts).toMatchObject({ winner_id: "c00001" });
});

it("the artifact of a mutator stays, other working folders go; with keep_work all stay", async () => {
  const mutator = ["/bin/sh", "-c", 'cat "$KLOROS_SOURCE" - > "$KLOROS_ARTIFACT"; echo note > scrap'];
  const experiment = experimentWith({
    artifact: { kind: "mutator", file: "tuned.txt", command: mutator, timeout_s: 5, source: "source.txt" },
  });
  const home = await homeWith(experiment, candidates([{}, { mode: "crash" }]));
  await writeFile(join(home, "dream_lab", "source.txt"), "source\n");
  const asker = await openAsker(home);
  const first = await startConsumer(home);
  await asker.ask(requestFor(2));
  await asker.outcome();
  expect(await readdir(PATHS(home).work(""))).toEqual(["c00001"]);
  expect(await readdir(PATHS(home).work("c00001"))).toEqual(["tuned.txt"]);
  await first.stop();
  await rm(PATHS(home).results("g000"));
  await startConsumer(home, { keep_work: true });
  await asker.ask(requestFor(2, { tournament_id: `${CYCLE}.kept` }));
  await asker.outcome(2);
  expect((await readdir(PATHS(home).work("c00002"))).sort()).toEqual(["scrap", "scratch", "tuned.txt"]);
});
