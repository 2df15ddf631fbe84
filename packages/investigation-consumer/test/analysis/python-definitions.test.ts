import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ParsedSource } from "../../src/analysis/findings.ts";
import { decodeSource } from "../../src/analysis/files/decode-source.ts";
import { parseSource } from "../../src/analysis/parse-source.ts";
import { type Definition, findPython, pythonTruth } from "./python-truth.ts";

const python = findPython();

const MODULES = [
  "argparse.py asyncio collections concurrent configparser.py contextlib.py dataclasses.py datetime.py decimal.py",
  "email enum.py functools.py heapq.py http importlib inspect.py json logging multiprocessing os.py pathlib.py",
  "pickle.py random.py re shutil.py socket.py sqlite3 ssl.py subprocess.py tarfile.py threading.py tkinter",
  "tokenize.py types.py typing.py unittest urllib wsgiref xml zipfile.py _pydecimal.py _pyio.py",
].join(" ");

describe.skipIf(python === null)("Python, compared with Python's own ast", () => {
  it("finds exactly the functions, classes, methods, imports and docstrings of the standard library", async () => {
    const { executable, library } = python!;
    const files = MODULES.split(" ").flatMap((name) => pythonFilesUnder(library, name));
    const truth = pythonTruth(executable, files);
    expect(files.length).toBeGreaterThan(150);
    let compared = 0;
    for (const file of files) {
      const parsed = await parsePython(readFileSync(file));
      const expected = truth[file]!;
      expect(definitionsOf(parsed), file).toEqual(sorted(expected.definitions));
      expect([...new Set(parsed.imports.map((each) => each.specifier))].sort(), file).toEqual(
        expected.imports,
      );
      expect(parsed.doc !== null, file).toBe(expected.doc);
      expect(parsed.syntax_errors, file).toEqual([]);
      compared += expected.definitions.length;
    }
    expect(compared).toBeGreaterThan(5_000);
  });
});

describe("Python", () => {
  it("finds conditional, decorated, async and nested definitions, and nothing inside functions", async () => {
    const parsed = await parsePython(`
"""What it does.

More."""
import os, sys as system
from . import sibling
from ..pkg.part import (first as one, second)
try:
    def fallback(): ...
except* ImportError:
    async def fallback() -> None: ...
else:
    pass
finally:
    class Last: ...
match os.name:
    case "nt":
        def only_on_windows(a, /, b: int = 2, *rest, c, **more) -> "str | None": ...
@cache
@app.route("/x")
class Outer(Base, metaclass=Meta):
    r'''Doc of Outer.'''
    if True:
        @property
        def value(self): return 1
    class Inner:
        async def deep(self):
            def hidden(): ...
            class Hidden: ...
type Alias[T] = list[T]
def generic[T: int](x: T) -> T: return x
__all__ = ["Outer"]
__all__ += ("generic",)
__all__.extend(["Alias"])
LIMIT = OTHER = 3
if "__main__" == __name__: generic(1)
`);
    expect(parsed.syntax_errors).toEqual([]);
    expect(parsed.doc).toBe("What it does.");
    expect(parsed.functions.map((each) => each.signature)).toEqual([
      "def fallback()",
      "async def fallback() -> None",
      'def only_on_windows(a, /, b: int = 2, *rest, c, **more) -> "str | None"',
      "def generic(x: T) -> T",
    ]);
    expect(
      parsed.classes.map((each) => [
        each.name,
        each.bases,
        each.decorators,
        each.methods.map((m) => m.name),
        each.doc,
      ]),
    ).toEqual([
      ["Last", [], [], [], null],
      ["Outer", ["Base", "metaclass=Meta"], ["cache", 'app.route("/x")'], ["value"], "Doc of Outer."],
      ["Outer.Inner", [], [], ["deep"], null],
    ]);
    expect(parsed.imports.map(({ specifier, names }) => [specifier, names])).toEqual([
      ["os", []],
      ["sys", []],
      [".", ["sibling"]],
      ["..pkg.part", ["first", "second"]],
    ]);
    expect(parsed.exports).toEqual(["Outer", "generic", "Alias"]);
    expect(parsed.constants).toEqual(["LIMIT", "OTHER"]);
    expect(parsed.runs_as_main).toBe(true);
  });

  it("keeps what stands around a syntax error, and says where the error is", async () => {
    const parsed = await parsePython(
      "def before(): pass\n\ndef broken(:\n    return (\n\nclass After:\n    def method(self): pass\n",
    );
    expect(parsed.syntax_errors.length).toBeGreaterThan(0);
    expect(parsed.syntax_errors[0]!.line).toBeGreaterThanOrEqual(3);
    expect(parsed.functions.map((each) => each.name)).toContain("before");
  });

  it("survives text that nests without end", async () => {
    const nested = Array.from({ length: 5_000 }, (_, depth) => `${" ".repeat(depth)}if x:`).join("\n");
    await expect(parsePython(nested)).resolves.toBeDefined();
    await expect(parsePython("(".repeat(200_000))).resolves.toBeDefined();
  });
});

async function parsePython(source: Buffer | string): Promise<ParsedSource> {
  const text = typeof source === "string" ? source : decodeSource(source, "python").text;
  const parsed = await parseSource("python", text);
  if (parsed === null) throw new Error("the parser gave up");
  return parsed;
}

function definitionsOf(parsed: ParsedSource): Definition[] {
  const found: Definition[] = parsed.functions.map((each) => defOf(each, ""));
  for (const each of parsed.classes) {
    found.push(["class", each.name, each.line, false, each.decorators.length, each.doc !== null, false]);
    found.push(...each.methods.map((method) => defOf(method, `${each.name}.`)));
  }
  return sorted(found);
}

function defOf(each: ParsedSource["functions"][number], prefix: string): Definition {
  return [
    "def",
    prefix + each.name,
    each.line,
    each.async,
    each.decorators.length,
    each.doc !== null,
    each.returns !== null,
  ];
}

function sorted(definitions: Definition[]): Definition[] {
  return definitions.toSorted((a, b) => a[2] - b[2] || (a[1] < b[1] ? -1 : 1));
}

function pythonFilesUnder(library: string, name: string): string[] {
  const path = join(library, name);
  if (name.endsWith(".py")) return [path];
  try {
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".py") && !file.includes("/tests/"))
      .map((file) => join(path, file));
  } catch {
    return []; // Debian leaves some out (tkinter).
  }
}
