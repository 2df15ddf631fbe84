/** The sources of a new daemon: four files, as the shipped daemons have them. Pure. */
import type { NewNames } from "../names.ts";

export function mainText({ daemon, package: name, setup }: NewNames): string {
  return `#!/usr/bin/env node
import { runDaemon } from "@kloros/daemon";
import { settings } from "./config.ts";
import { ${setup} } from "./${name}.ts";

await runDaemon("${daemon}", ${setup}, { settings });
`;
}

export function configText({ daemon }: NewNames): string {
  return `/** Settings: in mesh.yaml under daemons.${daemon}, in the environment as KLOROS_${daemon.toUpperCase()}_…, or as flags. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  max_subjects: {
    type: "integer",
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: "subjects",
    description: "Subjects of which totals are kept; requests for further ones are refused.",
  },
});

export type Config = ReturnType<typeof settings.defaults>;
`;
}

/** Without the part that turns signals of others into requests, where none are consumed. */
export function decideText({ requested, done, failed }: NewNames, consumes: readonly string[]): string {
  const forOthers =
    consumes.length === 0
      ? ""
      : `
/** The request that a signal of somebody else leads to. */
export function requestFor(signal: string, facts: object): Facts<"${requested}"> {
  return { subject: signal.toLowerCase().slice(0, 64), text: JSON.stringify(facts).slice(0, 65_536) };
}
`;
  return `/** What a request means. Facts in, outcome out: no files, no clock, no state, so a test needs nothing else. */
import type { Facts } from "@kloros/bus";

export type Outcome =
  | { readonly kind: "done"; readonly facts: Facts<"${done}"> }
  | { readonly kind: "failed"; readonly facts: Facts<"${failed}"> };

/** What is known when a request comes. */
export interface Known {
  /** Words of the subject so far; undefined for a new subject. */
  readonly total: number | undefined;
  /** There is no room for a new subject. */
  readonly isFull: boolean;
}

export function decide({ subject, text }: Facts<"${requested}">, { total, isFull }: Known): Outcome {
  const words = text.split(/\\s+/u).filter((word) => word !== "").length;
  if (words === 0) {
    const error_message = "the text has no words: send one that has";
    return { kind: "failed", facts: { subject, error_type: "EmptyText", error_message, retry_possible: false } };
  }
  if (total === undefined && isFull) {
    const error_message = "no further subject is kept: raise max_subjects";
    return { kind: "failed", facts: { subject, error_type: "TooManySubjects", error_message, retry_possible: true } };
  }
  return { kind: "done", facts: { subject, words, total_words: (total ?? 0) + words } };
}
${forOthers}`;
}

export function shellText(names: NewNames, consumes: readonly string[]): string {
  const { package: name, setup, requested, done, failed } = names;
  const imports = consumes.length === 0 ? "{ decide }" : "{ decide, requestFor }";
  const handlers = consumes.map(
    (signal) => `
  node.on("${signal}", (signal, tx) => {
    tx.emit("${requested}", requestFor(signal.signal, signal.facts));
  });
`,
  );
  return `/** The shell: signals come in, decisions are made in decide.ts, what follows happens here. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@kloros/bus";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import ${imports} from "./decide.ts";

/** Longest time for one request, in milliseconds; then it is tried again, and at last a dead letter. */
const DEADLINE_MS = 10_000;

export function ${setup}({ node, config, home, log }: DaemonContext<Config>): DaemonParts {
  const reports = join(home, "${name}");
  let refused = 0;

  node.on(
    "${requested}",
    async (signal, tx) => {
      const { subject } = signal.facts;
      const key = \`total/\${subject}\`;
      const isFull = tx.state.list("total/", config.max_subjects).length >= config.max_subjects;
      const outcome = decide(signal.facts, { total: tx.state.get<number>(key), isFull });
      if (outcome.kind === "failed") {
        tx.emit("${failed}", outcome.facts);
        tx.afterCommit(() => void refused++);
        return;
      }
      // A file is outside of the transaction: it is written so that writing it again changes nothing.
      await mkdir(reports, { recursive: true });
      const report = { request: signal.id, ...outcome.facts };
      await writeFileAtomic(join(reports, \`\${subject}.json\`), \`\${JSON.stringify(report)}\\n\`);
      tx.state.put(key, outcome.facts.total_words); // These two happen together with the end of the request, or not at all.
      tx.emit("${done}", outcome.facts);
    },
    { deadlineMs: DEADLINE_MS },
  );
${handlers.join("")}
  return {
    start: () => log.info({ reports }, "Reports are written here"),
    statusLine: () => \`\${node.state.list("total/", config.max_subjects).length} subjects, \${refused} refused\`,
    health: () => ({ refused }),
    control: {
      "totals:list": {
        summary: "Words of each subject so far.",
        parameters: { properties: {} },
        examples: [{}],
        answer: () => node.state.list<number>("total/").map(({ key, value }) => ({ subject: key.slice(6), words: value })),
      },
    },
  };
}
`;
}

export function testText({ daemon, package: name, setup, requested, done, failed }: NewNames): string {
  return `import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { testDaemon, type TestDaemon } from "@kloros/daemon/testing";
import { settings } from "../src/config.ts";
import { decide } from "../src/decide.ts";
import { ${setup} } from "../src/${name}.ts";

describe("the decision", () => {
  it("counts words, and adds them to what is known", () => {
    const outcome = decide({ subject: "a", text: " one  two\\nthree " }, { total: 4, isFull: true });
    assert.deepEqual(outcome, { kind: "done", facts: { subject: "a", words: 3, total_words: 7 } });
  });

  it("refuses a text without words", () => {
    assert.equal(decide({ subject: "a", text: " " }, { total: 4, isFull: false }).kind, "failed");
  });
});

describe("the daemon", () => {
  let daemon: TestDaemon;
  beforeEach(async () => {
    const config = { max_subjects: 1 };
    daemon = await testDaemon("${daemon}", ${setup}, { settings, config, contractDirs: ["contracts"] });
  });
  afterEach(() => daemon.close());

  it("answers a request, and its answer belongs to the request", async () => {
    const asked = await daemon.deliver("${requested}", { subject: "a", text: "one two three" });
    const answer = await daemon.waitFor("${done}");
    assert.deepEqual(answer.facts, { subject: "a", words: 3, total_words: 3 });
    assert.equal(answer.causation_id, asked.id);
    const report = await readFile(join(daemon.home, "${name}", "a.json"), "utf8");
    assert.equal((JSON.parse(report) as { request: string }).request, asked.id);
  });

  it("keeps its totals through a crash", async () => {
    await daemon.deliver("${requested}", { subject: "a", text: "one" });
    await daemon.waitFor("${done}");
    await daemon.restart();
    await daemon.deliver("${requested}", { subject: "a", text: "two three" });
    assert.equal((await daemon.waitFor("${done}")).facts.total_words, 3);
  });

  it("says why when it cannot", async () => {
    await daemon.deliver("${requested}", { subject: "a", text: "one" });
    await daemon.deliver("${requested}", { subject: "b", text: "two" });
    const { facts } = await daemon.waitFor("${failed}");
    assert.equal(facts.error_type, "TooManySubjects");
    await daemon.settled();
    assert.deepEqual(await daemon.deadLetters(), []);
  });
});
`;
}
