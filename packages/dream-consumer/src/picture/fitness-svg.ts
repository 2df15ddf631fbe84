/**
 * `fitness.svg`: every candidate of a cycle as a dot, the best so far as a line, failures below, what is in use as a dashed
 * line. Stands alone (no fonts, no scripts), and follows the reader's choice of light or dark. Pure: numbers in, text out.
 */
import { type Curve, curveOf, type Point } from "./curve.ts";
import { type Axis, axis } from "./ticks.ts";

export interface FitnessPicture {
  readonly title: string;
  readonly subtitle: string;
  readonly direction: "up" | "down";
  readonly points: readonly Point[];
  /** What the champion was compared with; null: nothing, or it did not run. */
  readonly incumbent: { readonly label: string; readonly fitness: number } | null;
}

const WIDTH = 860;
const HEIGHT = 460;
const PLOT = { left: 84, right: 836, top: 76, bottom: 364 };
/** The strip of failures below the plot. */
const FAILED_Y = 380;
const X_TICKS = 10;
const Y_TICKS = 6;
/** Lines between generations are left out when there are more. */
const MAX_GENERATION_LINES = 60;
/** Longest title or label, in characters. */
const MAX_LABEL = 90;

// Attributes are the light picture, for viewers without style sheets; the sheet adds the dark one.
const STYLE = `<style>
text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif}
@media (prefers-color-scheme:dark){
.paper{fill:#14171c}.ink{fill:#e8eaed}.soft{fill:#a3abb6}.axis{stroke:#5c6672}.grid{stroke:#2a3038}
.dot{fill:#6fb1ff}.best{stroke:#ffb454}.champion{fill:#ffb454}.failed{stroke:#ff7b72}.incumbent{stroke:#7ee787}}
</style>`;

/** The picture as SVG text; with no candidates at all it says so. */
export function fitnessSvg(picture: FitnessPicture): string {
  const curve = curveOf(picture.points, picture.direction);
  const x = axis(1, Math.max(1, curve.count), X_TICKS, true);
  const y = verticalAxis(curve, picture.incumbent?.fitness ?? null);
  const place = placer(x, y);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(picture.title)}">`,
    `<title>${escaped(picture.title)}</title>`,
    STYLE,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 30, picture.title, `class="ink" font-size="18" font-weight="600" fill="#1c2128"`),
    text(PLOT.left, 52, picture.subtitle, `class="soft" font-size="13" fill="#57606a"`),
    horizontalMarks(curve, x, place),
    verticalMarks(y, place, picture.direction),
    curve.count === 0 ? text((PLOT.left + PLOT.right) / 2, 220, "no candidates", SOFT_CENTRED) : "",
    marks(curve, place),
    picture.incumbent === null ? "" : incumbentLine(picture.incumbent, place),
    legend(curve, picture.incumbent),
    "</svg>",
    "",
  ].join("\n");
}

type Place = (at: number, fitness: number) => { x: string; y: string; clipped: boolean };

const SOFT = `class="soft" font-size="12" fill="#57606a"`;
const SOFT_CENTRED = `${SOFT} text-anchor="middle"`;

function verticalAxis(curve: Curve, incumbent: number | null): Axis {
  const best = curve.steps.at(-1)?.fitness ?? null;
  const values = [curve.range?.low, curve.range?.high, best, incumbent].filter(
    (value) => typeof value === "number",
  );
  if (values.length === 0) return axis(0, 1, Y_TICKS);
  return axis(Math.min(...values), Math.max(...values), Y_TICKS);
}

function placer(x: Axis, y: Axis): Place {
  return (at, fitness) => {
    const right = (at - x.min) / (x.max - x.min);
    const up = Math.min(1, Math.max(0, (fitness - y.min) / (y.max - y.min)));
    return {
      x: fixed(PLOT.left + right * (PLOT.right - PLOT.left)),
      y: fixed(PLOT.bottom - up * (PLOT.bottom - PLOT.top)),
      clipped: fitness < y.min || fitness > y.max,
    };
  };
}

function horizontalMarks(curve: Curve, axisOfX: Axis, place: Place): string {
  const generations = curve.generations.length > MAX_GENERATION_LINES ? [] : curve.generations.slice(1);
  const lines = generations.map((first) => {
    const { x } = place(first - 0.5, 0);
    return `<line class="grid" x1="${x}" y1="${PLOT.top}" x2="${x}" y2="${PLOT.bottom}" stroke="#e4e8ec"/>`;
  });
  const ticks = axisOfX.ticks
    .filter((tick) => tick >= 1 && tick <= curve.count)
    .map((tick) => text(Number(place(tick, 0).x), 406, axisOfX.label(tick), SOFT_CENTRED));
  const parts = generations.length > 0 ? " (lines part the generations)" : "";
  const shown = curve.dots.length + curve.failed.length;
  const name = `candidate, in order${parts}${shown < curve.count ? `; ${shown} of ${curve.count} drawn` : ""}`;
  return [...lines, ...ticks, text((PLOT.left + PLOT.right) / 2, 428, name, SOFT_CENTRED)].join("\n");
}

function verticalMarks(axisOfY: Axis, place: Place, direction: "up" | "down"): string {
  const ticks = axisOfY.ticks.flatMap((tick) => {
    const { y } = place(1, tick);
    return [
      `<line class="grid" x1="${PLOT.left}" y1="${y}" x2="${PLOT.right}" y2="${y}" stroke="#e4e8ec"/>`,
      text(PLOT.left - 8, Number(y) + 4, axisOfY.label(tick), `${SOFT} text-anchor="end"`),
    ];
  });
  const middle = (PLOT.top + PLOT.bottom) / 2;
  const name = `fitness (${direction === "up" ? "higher" : "lower"} is better)`;
  const frame = `<path class="axis" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}" fill="none" stroke="#8c959f"/>`;
  return [
    ...ticks,
    frame,
    text(20, middle, name, `${SOFT_CENTRED} transform="rotate(-90 20 ${middle})"`),
  ].join("\n");
}

function marks(curve: Curve, place: Place): string {
  const dots = curve.dots.map(({ at, fitness }) => {
    const { x, y, clipped } = place(at, fitness);
    return `<circle class="dot" cx="${x}" cy="${y}" r="${clipped ? 1.5 : 2.6}" fill="#2f6fc0" fill-opacity="0.7"/>`;
  });
  const crosses = curve.failed.map((at) => {
    const x = Number(place(at, 0).x);
    return `M${fixed(x - 3)} ${FAILED_Y - 3}l6 6m0 -6l-6 6`;
  });
  const failed =
    crosses.length === 0
      ? ""
      : `<path class="failed" d="${crosses.join("")}" fill="none" stroke="#c5372c" stroke-width="1.3"/>`;
  return [...dots, failed, bestLine(curve, place)].join("\n");
}

function bestLine({ steps, count }: Curve, place: Place): string {
  const [first, ...others] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return "";
  const begin = place(first.at, first.fitness);
  const path = others.map(({ at, fitness }) => place(at, fitness)).map(({ x, y }) => `H${x}V${y}`);
  const end = `H${place(count, last.fitness).x}`;
  const champion = place(last.at, last.fitness);
  return [
    `<path class="best" d="M${begin.x} ${begin.y}${path.join("")}${end}" fill="none" stroke="#c26a00" stroke-width="2"/>`,
    `<circle class="champion" cx="${champion.x}" cy="${champion.y}" r="5" fill="#c26a00"/>`,
  ].join("\n");
}

function incumbentLine({ fitness }: NonNullable<FitnessPicture["incumbent"]>, place: Place): string {
  const { y } = place(1, fitness);
  return `<line class="incumbent" x1="${PLOT.left}" y1="${y}" x2="${PLOT.right}" y2="${y}" ${INCUMBENT_STROKE}/>`;
}

const INCUMBENT_STROKE = `stroke="#1a7f37" stroke-width="1.5" stroke-dasharray="6 4"`;

function legend(curve: Curve, incumbent: FitnessPicture["incumbent"]): string {
  const y = 448;
  const [dots, best, failed, used] = [PLOT.left, PLOT.left + 110, PLOT.left + 220, PLOT.left + 330];
  const inUse =
    incumbent === null
      ? ""
      : `<line class="incumbent" x1="${used}" y1="${y - 4}" x2="${used + 24}" y2="${y - 4}" ${INCUMBENT_STROKE}/>\n` +
        text(used + 30, y, incumbent.label, SOFT);
  return [
    `<circle class="dot" cx="${dots + 6}" cy="${y - 4}" r="3" fill="#2f6fc0"/>`,
    text(dots + 16, y, "candidate", SOFT),
    `<line class="best" x1="${best}" y1="${y - 4}" x2="${best + 24}" y2="${y - 4}" stroke="#c26a00" stroke-width="2"/>`,
    text(best + 30, y, "best so far", SOFT),
    `<path class="failed" d="M${failed} ${y - 7}l6 6m0 -6l-6 6" stroke="#c5372c" stroke-width="1.3"/>`,
    text(failed + 14, y, `failed: ${curve.failures}`, SOFT),
    inUse,
  ].join("\n");
}

function text(x: number, y: number, content: string, attributes: string): string {
  const short = content.length > MAX_LABEL ? `${content.slice(0, MAX_LABEL - 1)}…` : content;
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escaped(short)}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  // Control characters are not allowed in XML at all.
  return content
    .replaceAll(/\p{Cc}/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
