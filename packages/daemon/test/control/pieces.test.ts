/** The pure pieces of the control socket. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteBudget, type Holder, MAX_HELD_BYTES } from "../../src/control/byte-budget.ts";
import { literalPrefix, matchesGlob } from "../../src/control/glob.ts";
import { LineReader } from "../../src/control/line-reader.ts";
import { MAX_CONNECTIONS, placesIn } from "../../src/control/places.ts";
import { MAX_REQUEST_BYTES, parseRequest } from "../../src/control/protocol.ts";
import { MAX_EXTRA_REQUESTS, MAX_RUNNING_BYTES, RequestGate } from "../../src/control/request-gate.ts";
import { type Worker, WorkTurns } from "../../src/control/work-turns.ts";

function read(reader: LineReader, chunk: Buffer): string[] {
  reader.feed(chunk);
  const lines: string[] = [];
  while (!reader.isEmpty) {
    const line = reader.next();
    if (line !== null) lines.push(line.kind === "line" ? line.text : "too-long");
  }
  return lines;
}

test("lines come out whole and in order however the bytes were cut, and an unfinished one holds little more than itself", () => {
  const line = fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll("\n", ""));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const reader = new LineReader();
      const out: string[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        out.push(...read(reader, bytes.subarray(at, at + cut)));
        at += cut;
        expect(reader.heldBytes).toBeLessThanOrEqual(1024);
      }
      const texts = lines.map((text) => Buffer.from(text).toString());
      expect(out).toEqual(texts.filter((text) => text.trim() !== ""));
      expect(reader.inLine).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("a line that nests too deep is refused in words, and its error finds its asker", () => {
  const nested = (depth: number) =>
    parseRequest(`{"event":"e","correlation_id":"c","data":${"[".repeat(depth)}${"]".repeat(depth)}}`);
  expect(nested(127).kind).toBe("request");
  const refused = { kind: "bad", event: "e", correlation_id: "c" };
  expect(nested(100_000)).toEqual({ ...refused, error: expect.stringContaining("128 levels") as string });
});

test("a line that is too long is told once and its rest dropped, whether it comes at once, in pieces or with its end", () => {
  const long = Buffer.alloc(MAX_REQUEST_BYTES + 10, "x");
  expect(read(new LineReader(), Buffer.concat([long, Buffer.from("\na\n")]))).toEqual(["too-long", "a"]);
  const reader = new LineReader();
  expect(read(reader, long.subarray(0, MAX_REQUEST_BYTES))).toEqual([]);
  expect(read(reader, Buffer.from("yy"))).toEqual(["too-long"]);
  expect(reader.heldBytes).toBe(0);
  expect(read(reader, Buffer.from("yyy"))).toEqual([]);
  expect(read(reader, Buffer.from("y\nb\n"))).toEqual(["b"]);
  expect(read(reader, Buffer.from("half"))).toEqual([]);
  reader.skipLine();
  expect(reader.inLine).toBe(true);
  expect(read(reader, Buffer.from(" more\nc\n"))).toEqual(["c"]);
});

test("a glob matches as its regular expression does, also where that would take for ever", () => {
  const letters = fc.constantFrom("a", "b", "*", "?");
  const pattern = fc.array(letters, { maxLength: 8 }).map((all) => all.join(""));
  const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 10 }).map((all) => all.join(""));
  fc.assert(
    fc.property(pattern, text, (glob, word) => {
      const expression = glob.replaceAll("*", ".*").replaceAll("?", ".");
      expect(matchesGlob(glob, word)).toBe(new RegExp(`^${expression}$`).test(word));
      if (matchesGlob(glob, word)) expect(word.startsWith(literalPrefix(glob))).toBe(true);
    }),
    { numRuns: 500 },
  );
  const begunAt = performance.now();
  expect(matchesGlob("a*".repeat(100) + "b", "a".repeat(512))).toBe(false);
  expect(performance.now() - begunAt).toBeLessThan(500);
});

test("when all memory is used up, the client that holds most gives it back, not the one that asked last", () => {
  const budget = new ByteBudget();
  const shed: string[] = [];
  const holder = (name: string): Holder => ({ shed: () => void shed.push(name) });
  const [small, large] = [holder("small"), holder("large")];
  budget.set(large, MAX_HELD_BYTES - 100);
  budget.set(small, 90);
  expect(shed).toEqual([]);
  budget.set(small, 110);
  expect(shed).toEqual(["large"]);
  expect(budget.total).toBe(110);
  budget.set(small, 0);
  expect(budget.total).toBe(0);
});

test("clients have as many places as leave the daemon descriptors of its own, a few in any case, never more than bounded", () => {
  const limits = (soft: string) =>
    `Limit   Soft Limit  Hard Limit  Units\nMax open files            ${soft}       524288       files\n`;
  expect(placesIn(limits("524288"))).toBe(MAX_CONNECTIONS);
  expect(placesIn(limits("unlimited"))).toBe(MAX_CONNECTIONS);
  expect(placesIn("")).toBe(MAX_CONNECTIONS);
  expect(placesIn(limits("1024"))).toBe(896);
  expect(placesIn(limits("64"))).toBe(16);
});

test("a client's first request always has a place; further ones share theirs, and are woken when one is free", () => {
  const woken: Worker[] = [];
  const gate = new RequestGate({ add: (worker) => void woken.push(worker) });
  const client = (): Worker => ({ step: () => false });
  const [greedy, other, third] = [client(), client(), client()];
  for (let n = 1; n <= MAX_EXTRA_REQUESTS; n++) expect(gate.enter(greedy, 1, 10)).toBe(true);
  expect(gate.enter(other, 1, 10)).toBe(false);
  expect(gate.enter(third, 0, 10)).toBe(true);
  gate.leave(greedy, 2, 10);
  expect(woken).toEqual([greedy, other]);
  expect(gate.enter(other, 1, 10)).toBe(true);
  expect(gate.enter(third, 0, MAX_RUNNING_BYTES)).toBe(false);
  expect(gate.enter(third, 0, 100)).toBe(true);
});

test("work is done in turns: who has little waits for one piece of each other, and the event loop turns in between", async () => {
  const turns = new WorkTurns();
  const order: string[] = [];
  const pieces = 40;
  const busy = (name: string): Worker => ({
    step: () => {
      order.push(name);
      const until = performance.now() + 0.4;
      while (performance.now() < until);
      return order.filter((done) => done === name).length < pieces;
    },
  });
  turns.add(busy("a"));
  turns.add(busy("b"));
  let loopTurns = 0;
  const count = setInterval(() => loopTurns++, 0);
  const done = new Promise<void>((resolve) => turns.add({ step: () => (order.push("c"), resolve(), false) }));
  await done;
  expect(order.slice(0, 3)).toEqual(["a", "b", "c"]);
  while (order.length < 2 * pieces + 1) await new Promise(setImmediate);
  clearInterval(count);
  expect(loopTurns).toBeGreaterThan(5);
});
