/** Columns of text. Pure. */
import type { Paint } from "./paint.ts";

export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines with aligned columns. A title that begins with `>` is of a column of numbers, aligned to the right. */
export function drawTable(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint,
): string[] {
  const right = titles.map((title) => title.startsWith(">"));
  const head = titles.map((title) => title.replace(/^>/u, ""));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => textOf(row[column] ?? "").length)),
  );
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, column) => {
        const text = textOf(cell);
        const width = widths[column] ?? 0;
        const padding = " ".repeat(Math.max(0, width - text.length));
        const painted = typeof cell === "string" ? cell : cell.paint(text);
        if (right[column] === true) return padding + painted;
        return column === cells.length - 1 ? painted : painted + padding;
      })
      .join("  ")
      .trimEnd();
  return [line(head.map((text) => ({ text, paint: paint.dim }))), ...rows.map(line)];
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
