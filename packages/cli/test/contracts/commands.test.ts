import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newDaemon } from "../../src/new/daemon/new-daemon.ts";
import { runCli } from "../run-cli.ts";

let folder: string;
let contracts: string;
const env = () => ({ KLOROS_HOME: join(folder, "home"), KLOROS_CONTRACT_DIRS: "" });
const chemBus = async (...args: string[]) => runCli("chem-bus", ["contracts", ...args], env());

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kloros-contracts-"));
  const made = await newDaemon({ name: "scribe", dir: folder, home: join(folder, "home"), consumes: [] });
  contracts = join(made.folder, "contracts");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("chem-bus contracts", () => {
  it("lists the shipped signals, and those of folders that are named, without a home", async () => {
    const { code, stdout } = await chemBus("list", "Q_SCRIBE_*", "--dir", contracts, "--json");
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as { name: string; emitters: string[] }[];
    expect(listed.map(({ name }) => name)).toEqual([
      "Q_SCRIBE_DONE",
      "Q_SCRIBE_FAILED",
      "Q_SCRIBE_REQUESTED",
      "Q_SCRIBE_TIMEOUT",
    ]);
    expect(listed[0]!.emitters).toEqual(["scribe"]);
    expect((await chemBus("list", "--own")).stdout).not.toContain("Q_DREAM_TRIGGER");
  });

  it("shows one on a screen, and knows a misspelt one again", async () => {
    const { stdout } = await chemBus("show", "Q_SCRIBE_REQUESTED", "--dir", contracts);
    expect(stdout).toMatch(/expects +Q_SCRIBE_DONE or Q_SCRIBE_FAILED within 60 s, else Q_SCRIBE_TIMEOUT/);
    expect(stdout).toContain("watched by orchestrator_monitor");
    const wrong = await chemBus("show", "Q_DREAM_TRIGER");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("did you mean Q_DREAM_TRIGGER?")]);
  });

  it("tells each mistake with file, place and remedy, as lines and as JSON; types are not made of it", async () => {
    expect((await chemBus("lint", "--dir", contracts)).stdout).toContain("4 of them your own: in order");
    const file = join(contracts, "signals/Q_SCRIBE_DONE.schema.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"integer"', '"intger"'));
    try {
      const { code, stdout } = await chemBus("lint", "--dir", contracts, "--json");
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        is_valid: false,
        problems: [{ file, pointer: "/properties/words/type", remedy: expect.any(String) as string }],
      });
      const types = await chemBus("types", "--dir", contracts);
      expect([types.code, types.stderr]).toEqual([
        1,
        expect.stringContaining(`${file}: /properties/words/type must be`),
      ]);
    } finally {
      await writeFile(file, text);
    }
  });

  it("writes types once, and says when they are stale", async () => {
    const out = join(folder, "signals.d.ts");
    const types = ["types", "--dir", contracts, "--out", out];
    expect((await chemBus(...types, "--check")).code).toBe(1);
    expect((await chemBus(...types)).stderr).toContain("4 signals");
    expect(await readFile(out, "utf8")).toContain("Q_SCRIBE_REQUESTED: ScribeRequestedFacts;");
    expect(await chemBus(...types, "--check")).toMatchObject({ code: 0, stderr: "" });
  });
});
