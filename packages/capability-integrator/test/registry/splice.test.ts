import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { entryAsRead } from "../../src/registry/entry-text.ts";
import type { ModuleEntry } from "../../src/registry/module-entry.ts";
import { addEntries, modelOf } from "../../src/registry/splice.ts";
import { entryOf } from "../entries.ts";

function add(text: string, ...entries: ModuleEntry[]): string {
  const before = modelOf(Buffer.from(text));
  if (before.kind !== "model") throw new Error(`${before.kind}: ${before.message}`);
  let { model } = before;
  for (const entry of entries) {
    const after = addEntries(model, [entry]);
    if (after.kind !== "model") throw new Error(`${after.kind}: ${after.message}`);
    model = after.model;
  }
  return model.bytes.toString();
}

/** What stands before and behind the insertion, for texts that only grow in one place. */
function expectOnlyInserted(before: string, after: string): void {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  expect(after.endsWith(before.slice(start))).toBe(true);
}

const FIELD = `# KLoROS Capability Registry

memory:
  module: kloros_memory
  enabled: true   # never switch off
tts:
  router:
    module: 'tts.router'
  backends:
  - name: piper
    module: tts.adapters.piper
config:
  module: config
  auto_discovered: true
  discovered_at: '2025-11-08T17:35:14.700422'
  py_files: 4
# vim: set ft=yaml:
`;

describe("adding an entry", () => {
  it("appends to a registry of the field and keeps every byte of it", () => {
    const after = add(FIELD, entryOf("audio"), entryOf("video"));
    expect(after.startsWith(FIELD)).toBe(true);
    expect(parse(after)).toMatchObject({
      ...parse(FIELD),
      audio: {
        module: "src.audio",
        enabled: true,
        auto_discovered: true,
        py_files: 5,
        investigation_id: "inv_audio",
      },
      video: { module: "src.video", capabilities: ["process_audio", "extract features"] },
    });
  });

  it.each([
    ["a group called modules", "modules:\n  a:\n    module: src.a\n\nother: 1\n", "modules"],
    [
      "a group called capabilities that is empty",
      "version: 1\ncapabilities:\n  # none yet\n\nother: 1\n",
      "capabilities",
    ],
    ["an explicit null group", "modules: ~ # none\nother: 1\n", "modules"],
    [
      "the only group there is",
      "version: 1\nparts:\n    a:\n        module: src.a\n    b:\n        module: src.b\nrest: 2\n",
      "parts",
    ],
    [
      "the group that holds earlier discoveries",
      "x:\n  module: x\nfound:\n  a:\n    module: a\n    auto_discovered: true\n",
      "found",
    ],
    ["a flow map", "modules: {a: {module: src.a}, # first\n  }\nother: 1\n", "modules"],
    ["an empty flow map", "modules: {}\n", "modules"],
  ])("goes into %s", (_, before, group) => {
    const after = add(before, entryOf("audio"), entryOf("video"));
    const { [group]: grown, ...rest } = parse(after) as Record<string, Record<string, unknown>>;
    const { [group]: original, ...others } = parse(before) as Record<string, Record<string, unknown>>;
    expect(Object.keys(grown ?? {})).toEqual([...Object.keys(original ?? {}), "audio", "video"]);
    expect(rest).toEqual(others);
    for (const comment of before.match(/#.*/g) ?? []) expect(after).toContain(comment);
  });

  it("goes to the top level when modules stand in groups by topic", () => {
    const before =
      "tools:\n  tracker:\n    module: tools.tracker\nvad:\n  silero:\n    module: audio.silero\n";
    expect(parse(add(before, entryOf("audio")))).toMatchObject({
      ...parse(before),
      audio: { module: "src.audio" },
    });
  });

  it.each([
    ["an empty file", ""],
    ["comments only", "# one\n\n# two\n"],
    ["an explicit null", "# nothing\nnull # yet\n"],
    ["a document marker only", "---\n"],
    ["an empty flow map", "{}"],
    ["a flow map over several lines", "{\n  a: {module: a}, # c\n}\n"],
    ["no line break at the end", "a:\n  module: a"],
    ["an end marker", "---\na:\n  module: a\n...\n"],
    ["a directive", "%YAML 1.1\n---\na:\n  module: a\n"],
    ["a byte order mark", "\uFEFFa:\n  module: a\n"],
    ["anchors, aliases and merge keys", "base: &b\n  enabled: true\na:\n  <<: *b\n  module: a\nb: *b\n"],
    ["a block scalar that keeps blank lines", "a:\n  module: a\nb:\n  module: b\n  text: |+\n    x\n\n\n"],
    ["a folded scalar", "a:\n  module: a\n  text: >\n    x\n    y\n\n"],
    ["explicit keys", "? a\n: module: a\n"],
    ["a top level that is set in", "  a:\n    module: a\n"],
    ["keys with quotes and umlauts", "\"ä b\":\n  module: 'x'\n"],
  ])("copes with %s", (_, before) => {
    const after = add(before, entryOf("audio"), entryOf("video"));
    const read = parse(after, { merge: true }) as Record<string, unknown>;
    const original = (parse(before, { merge: true }) ?? {}) as Record<string, unknown>;
    expect(Object.keys(read)).toEqual([...Object.keys(original), "audio", "video"]);
    expect(read).toMatchObject(original);
    for (const comment of before.match(/#.*/g) ?? []) expect(after).toContain(comment);
  });

  it("keeps Windows line ends and uses them", () => {
    const before = "a:\r\n  module: a\r\n\r\nb:\r\n  module: b\r\n";
    const after = add(before, entryOf("audio"));
    expect(after.startsWith(before)).toBe(true);
    expect(after.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  it("separates entries by blank lines where the others are", () => {
    const before = "a:\n  module: a\n\nb:\n  module: b\n";
    expect(add(before, entryOf("audio"), entryOf("video"))).toMatch(/module: b\n\naudio:\n[^]*\n\nvideo:\n/);
    expect(add(before.replace("\n\n", "\n"), entryOf("audio"), entryOf("video"))).not.toContain("\n\n");
  });

  it("leaves a comment with the entry above it", () => {
    const after = add("modules:\n  a:\n    module: a\n    # about a\n\nother: 1\n", entryOf("audio"));
    expect(after).toMatch(/# about a\n {2}audio:\n/);
    expect(after).toMatch(/\n\nother: 1\n$/);
  });

  it("writes names that YAML would take for something else in quotes", () => {
    const names = ["on", "null", "1e3", "@scope/pkg", "a.b-c", "yes", "012", "constructor", "__proto__"];
    const after = add("x:\n  module: x\n", ...names.map((name) => entryOf(name)));
    expect([...(parse(after, { mapAsMap: true }) as Map<string, unknown>).keys()]).toEqual(["x", ...names]);
    expect([...(parse(after, { mapAsMap: true, version: "1.1" }) as Map<string, unknown>).keys()]).toEqual([
      "x",
      ...names,
    ]);
  });
});

describe("text that cannot take an entry", () => {
  it.each([
    ["unreadable", "a flow sequence that does not end", "a: 1\nb: [\n", 3, 1],
    ["unreadable", "tabs for indentation", "a:\n\tmodule: a\n", 2, 1],
    ["unreadable", "a key that stands twice", "a: 1\nb: 2\na: 3\n", 3, 1],
    ["unreadable", "a bad escape", 'a: "\\q"\n', 1, 5],
    ["unsupported", "a list", "# x\n- name: a\n", 2, 1],
    ["unsupported", "a scalar", "hello\n", 1, 1],
    ["unsupported", "several documents", "a: 1\n---\nb: 2\n", 2, 1],
  ])("is %s: %s, with line and column", (kind, _, text, line, column) => {
    expect(modelOf(Buffer.from(text))).toMatchObject({ kind, line, column });
  });

  it("is unreadable when it is no UTF-8, with the line of the first bad byte", () => {
    const bytes = Buffer.concat([Buffer.from("a: 1\nb: "), Buffer.from([0xff, 0xfe])]);
    expect(modelOf(bytes)).toMatchObject({ kind: "unreadable", line: 2 });
  });

  it("is unreadable, not a crash, when it is nested beyond all sense", () => {
    expect(modelOf(Buffer.from("[".repeat(100_000))).kind).toBe("unreadable");
  });

  it("does not expand aliases of aliases", () => {
    let bomb = "a0: &a0 {module: x}\n";
    for (let level = 1; level < 40; level++)
      bomb += `a${level}: &a${level} {p: *a${level - 1}, q: *a${level - 1}}\n`;
    expect(modelOf(Buffer.from(bomb)).kind).toBe("model");
  });
});

describe("properties", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
  const leaf = fc.oneof(word, fc.string({ maxLength: 30 }), fc.integer(), fc.boolean(), fc.constant(null));
  const module = fc.record(
    {
      module: word,
      enabled: fc.boolean(),
      description: fc.string({ unit: "binary", maxLength: 40 }),
      auto_discovered: fc.boolean(),
      list: fc.array(leaf, { maxLength: 3 }),
    },
    { requiredKeys: ["module"] },
  );
  const value = fc.oneof(module, fc.dictionary(word, module, { maxKeys: 4 }), leaf);
  // An explicit null gives way to the first entry, which has a test of its own.
  const registry = fc
    .dictionary(fc.oneof(word, fc.constant("modules")), value, { maxKeys: 8 })
    .filter(({ modules }) => modules !== null);
  const style = fc.record({
    indent: fc.constantFrom(2, 4),
    collectionStyle: fc.constantFrom("any", "block", "flow"),
    crlf: fc.boolean(),
    trailer: fc.constantFrom("", "\n", "# end\n"),
  });
  const text = fc.string({ unit: "binary", maxLength: 60 });

  it("splicing keeps all bytes around the insertion, and the result reads as before plus the entries", () => {
    fc.assert(
      fc.property(
        registry,
        style,
        text,
        fc.array(text, { maxLength: 3 }),
        (content, { indent, collectionStyle, crlf, trailer }, description, capabilities) => {
          const plain = `# head\n${stringify(content, { indent, collectionStyle } as never)}${trailer}`;
          const before = crlf ? plain.replaceAll("\n", "\r\n") : plain;
          const entries = [entryOf("New_1", { description, capabilities }), entryOf("New_2")];
          const after = add(before, ...entries);
          expectOnlyInserted(before, after);

          const read = parse(after, { mapAsMap: true }) as Map<string, unknown>;
          const grown = [read, ...read.values()].find((map) => map instanceof Map && map.has("New_1")) as Map<
            string,
            unknown
          >;
          for (const entry of entries) {
            expect(grown.get(entry.name)).toEqual(entryAsRead(entry).get(entry.name));
            grown.delete(entry.name);
          }
          const original = (parse(before, { mapAsMap: true }) ?? new Map()) as Map<string, unknown>;
          expect(read).toEqual(original);
        },
      ),
      { numRuns: 300 },
    );
  });
});
