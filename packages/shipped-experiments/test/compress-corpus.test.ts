/** The corpus experiment: what it measures is real, repeatable, and what it says yes to can be unpacked. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { codecOf, ZLIB_DEFAULTS } from "../src/compress-corpus/codec.ts";
import { readCorpus } from "../src/compress-corpus/corpus.ts";
import { measure as measureCodec } from "../src/compress-corpus/measure.ts";
import { verify } from "../src/compress-corpus/verify.ts";
import { check, measure } from "./run-program.ts";

const BROTLI = { codec: "brotli", quality: 9, lgwin: 22, mode: "text" };
const EVALUATE = "compress-corpus/evaluate.js";

function workspace(files: number): string {
  const folder = mkdtempSync(join(tmpdir(), "kloros-corpus-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "src"));
  for (let index = 0; index < files; index++) {
    const lines = Array.from(
      { length: 200 },
      (_, line) => `export const value_${index}_${line} = ${line * index};`,
    );
    writeFileSync(join(folder, "src", `m${index}.ts`), lines.join("\n"));
  }
  return folder;
}

test("equal files give equal fitness, and a better compressor a better one", async () => {
  const args = [EVALUATE, "--corpus", workspace(60)];
  const [usual, again, brotli] = [
    await measure(args, ZLIB_DEFAULTS),
    await measure(args, ZLIB_DEFAULTS),
    await measure(args, BROTLI),
  ];
  if (usual.kind !== "ok" || again.kind !== "ok" || brotli.kind !== "ok")
    throw new Error(JSON.stringify([usual, again, brotli]));
  expect(again.fitness).toBe(usual.fitness);
  expect(brotli.fitness).toBeGreaterThan(usual.fitness);
  expect(brotli.metrics).toMatchObject({ over_budget: false, corpus: usual.metrics["corpus"] });
});

test("what needs n times the budget of CPU time has an n-th of its ratio", () => {
  const data = Buffer.from("a line that repeats itself\n".repeat(40_000));
  const corpus = { folder: "", files: 1, data, fingerprint: "" };
  const spinning = {
    compress: (input: Buffer) => {
      const from = process.cpuUsage();
      for (;;) {
        const { user, system } = process.cpuUsage(from);
        if (user + system > 20_000) return input.subarray(0, input.length / 4);
      }
    },
    decompress: () => data,
  };
  const { fitness, metrics } = measureCodec(spinning, corpus, 0.01);
  const times = Number(metrics["cpu_seconds_per_mb"]) / 0.01;
  expect(times).toBeGreaterThan(1.5);
  expect(fitness).toBeCloseTo(4 / times, 2);
  expect(measureCodec(spinning, corpus, 10).fitness).toBeCloseTo(4, 5);
});

test("impossible parameters are a failed candidate with a reason", async () => {
  const result = await measure([EVALUATE], { ...BROTLI, quality: 12 });
  expect(result).toMatchObject({ kind: "failed", type: "NonZeroExit" });
  expect(JSON.stringify(result)).toContain("quality must be a whole number from 0 to 11 (got 12)");
});

test("the files are chosen by name: halves that share none, the same on every call, nothing hidden or linked", () => {
  const folder = workspace(200);
  writeFileSync(join(folder, "src", "picture.png"), "x".repeat(100_000));
  writeFileSync(join(folder, "src", "binary.txt"), Buffer.alloc(100_000));
  symlinkSync("/etc/passwd", join(folder, "src", "link.txt"));
  const [search, keptBack] = [readCorpus(folder, "search"), readCorpus(folder, "kept_back")];
  expect(readCorpus(folder, "search").fingerprint).toBe(search.fingerprint);
  expect(search.files + keptBack.files).toBe(200);
  const names = (data: Buffer) => new Set(data.toString().match(/value_\d+_/gu));
  expect([...names(search.data)].filter((name) => names(keptBack.data).has(name))).toEqual([]);
});

test("a workspace with too little text is replaced by the mesh's own sources", () => {
  const { folder, data } = readCorpus(workspace(1), "search");
  expect(folder).toMatch(/packages\/$/u);
  expect(data.length).toBe(1024 * 1024);
});

test("validation says yes to what can be unpacked and no to what is no setting", async () => {
  const args = ["compress-corpus/validate.js", "--corpus", workspace(60)];
  expect(await check(args, JSON.stringify(BROTLI))).toEqual({ code: 0, stderr: "" });
  expect(await check(args, '{"codec": "zip"}')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("codec must be"),
  });
  expect(await check(args, '{"codec"')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("holds no JSON"),
  });
});

test("a compressor that loses a byte is caught", () => {
  const data = Buffer.from("some text");
  const codec = codecOf(BROTLI);
  expect(() => verify(codec, codec.compress(data), data)).not.toThrow();
  expect(() => verify(codec, codec.compress(data.subarray(1)), data)).toThrow("unpacked, the corpus differs");
});

test("probation says no to settings that are worse than zlib's defaults on other files", async () => {
  const args = ["compress-corpus/probation.js", "--corpus", workspace(60)];
  expect(await check(args, JSON.stringify(BROTLI))).toEqual({ code: 0, stderr: "" });
  const worse = { ...ZLIB_DEFAULTS, strategy: "huffman_only" };
  expect(await check(args, JSON.stringify(worse))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("worse than zlib's defaults"),
  });
});
