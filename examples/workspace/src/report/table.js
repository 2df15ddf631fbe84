/**
 * Draws rows as a text table with aligned columns; numbers stand on the right.
 * @param {string[]} header
 * @param {(string | number)[][]} rows
 */
export function renderTable(header, rows) {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  return lines.map((line) => line.map((cell, column) => pad(cell, widths[column])).join("  ").trimEnd()).join("\n");
}

function pad(cell, width) {
  return typeof cell === "number" ? String(cell).padStart(width) : cell.padEnd(width);
}
