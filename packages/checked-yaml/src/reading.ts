/** One pass over one file: its text, where things stand in it, and what was found wrong so far. */
import type { Document, LineCounter, Node } from "yaml";
import type { YamlProblem } from "./problem.ts";

/** More mistakes than this help nobody; a file of a megabyte could hold a hundred thousand. */
const MAX_PROBLEMS = 100;

export interface Position {
  readonly line: number;
  readonly column: number;
}

export class Reading {
  readonly document: Document;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #problems: YamlProblem[] = [];

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.document = document;
    this.#lines = lines;
  }

  /** In the order of the file. */
  get problems(): readonly YamlProblem[] {
    return this.#problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  get problemCount(): number {
    return this.#problems.length;
  }

  report(position: Position, path: string, message: string): void {
    if (this.#problems.length > MAX_PROBLEMS) return;
    this.#problems.push(
      this.#problems.length < MAX_PROBLEMS
        ? { file: this.#file, ...position, path, message }
        : { file: this.#file, ...position, path: "", message: "more problems follow; correct these first" },
    );
  }

  positionOf(node: Node | null | undefined): Position | undefined {
    const offset = node?.range?.[0];
    return offset === undefined ? undefined : this.at(offset);
  }

  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}
