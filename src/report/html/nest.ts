// A loop nest as a picture: a row for each level of memories from far to near, a column for each operand; what rests
// where, the loops over it as nested boxes, the units side by side as a grid, and arrows for what moves when.

import type { BoundaryCounts } from "../../dataflow/nest/evaluation.ts";
import type { NestPicture } from "../../dataflow/nest/picture.ts";
import type { OutlinedLevel, OutlinedLoop, OutlinedTile } from "../../mapping/nest/outline.ts";
import { byteText } from "../../mapping/nest/print.ts";
import type { OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import { engineering, grouped, percent, plural } from "../units.ts";
import type { Fragment, Markup } from "./markup.ts";
import { html } from "./markup.ts";
import { operandColour } from "./palette.ts";
import { figure, legend } from "./plot.ts";

const operandNames: Readonly<Record<OperandKey, string>> = { A: "A, weights", B: "B, inputs", C: "C, results" };

const width = 960;
const laneWidth = 310;
const laneGap = 15;
const loopsWidth = 620;
const loopHeight = 20;
const gapHeight = 62;
const laneStart = (operand: OperandKey): number => operandKeys.indexOf(operand) * (laneWidth + laneGap);

const soft = "fill:var(--soft)";
const panel = "fill:var(--panel);stroke:var(--line)";
const paper = "fill:var(--paper);stroke:var(--line)";

/** The picture with its legend and caption. */
export function nestFigure(title: string, picture: NestPicture): Markup {
  const key = legend(operandKeys.map((operand) => ({ name: operandNames[operand], colour: operandColour(operand) })));
  const caption =
    "Memories from far to near. Dots on a loop: operands whose tile it changes; the others stay. " +
    "Arrows grow with the bytes that they move in the whole layer; dashed, partial sums that come back.";
  return html`<div class="wide">${figure(title, key, nestSvg(title, picture), caption)}</div>`;
}

interface Band {
  readonly top: number;
  readonly height: number;
}

/** The drawing alone: SVG that takes its colours from the page (`--paper`, `--panel`, `--line`, `--soft`, `--accent`). */
export function nestSvg(title: string, picture: NestPicture): Markup {
  const { levels } = picture;
  const bands: Band[] = [];
  let bottom = 1;
  for (const level of levels) {
    bands.push({ top: bottom, height: bandHeight(level) });
    bottom += bandHeight(level) + gapHeight;
  }
  bands.push({ top: bottom, height: 34 });
  const height = bottom + 35;
  const description = describe(picture);
  return html`<svg class="nest" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-size="12" fill="currentColor" role="img" aria-label="${title}. ${description}"><desc>${description}</desc>${arrows(picture, bands)}${levels.map((level, index) => band(level, bands[index] ?? { top: 0, height: 0 }, index === 0))}${datapath(picture, bands.at(-1)?.top ?? 0)}</svg>`;
}

/** The whole picture in words, for readers who do not see it. */
function describe({ levels, boundaries, macs, units }: NestPicture): string {
  const parts = levels.map(({ name, memories, temporal, spatial }) => {
    const tiles = memories.flatMap((memory) => memory.tiles);
    const held = tiles.map(({ operand, words }) => `${operand} (${plural(words, "word")})`).join(", ");
    const loops = temporal.map((loop) => `${loop.dimension} ${loop.steps} times`).join(", ");
    const beside = spatial
      .map((loop) => `${loop.dimension} ${loop.steps} times on ${loop.axis?.name ?? ""}`)
      .join(", ");
    return `${name} holds ${held === "" ? "nothing" : held}${loops === "" ? "" : `; loops: ${loops}`}${beside === "" ? "" : `; side by side: ${beside}`}.`;
  });
  const moves = boundaries.map(({ operand, parent, child, reads, partialWrites, finalWrites }) => {
    const from = levels[parent]?.name ?? "";
    const to = levels[child]?.name ?? "the multipliers";
    const up = partialWrites + finalWrites;
    return `${operand} from ${from} to ${to}: ${plural(reads, "word")} read${up > 0 ? `, ${plural(up, "word")} written` : ""}.`;
  });
  return [...parts, ...moves, `${plural(macs, "multiplication")} on ${plural(units, "unit")}.`].join(" ");
}

/** Axes of more than one unit; the first two make the grid. */
const openAxes = ({ axes }: OutlinedLevel): OutlinedLevel["axes"] => axes.filter(({ units }) => units > 1);

/** Rows of text beside or below the loops: one for each axis. */
const gridHeight = (level: OutlinedLevel): number => {
  const axes = openAxes(level);
  return axes.length === 0 ? 0 : Math.max(32 * axes.length, gridSize(axes).height + 2);
};

const bandHeight = (level: OutlinedLevel): number => {
  const below = Math.max(level.temporal.length * loopHeight, gridHeight(level));
  return 76 + (below === 0 ? 0 : below + 10);
};

function band(level: OutlinedLevel, { top, height }: Band, first: boolean): Markup {
  const tiles = level.memories.flatMap((memory) => memory.tiles);
  return html`<g transform="translate(0 ${top})"><rect width="${width - 1}" height="${height}" x="0.5" rx="8" style="${panel}"/><text x="12" y="20" font-weight="600" font-size="13">${level.name}${level.instances > 1 ? html`<tspan font-weight="400" style="${soft}"> × ${grouped(level.instances)}</tspan>` : undefined}</text>${fill(level)}${operandKeys.map(
    (operand) =>
      tileBox(
        tiles.find((tile) => tile.operand === operand),
        operand,
        first,
      ),
  )}${loopBoxes(level.temporal)}${spatialGrid(level)}</g>`;
}

/** How full the memories of a level are: a bar for each that has a bound, with the share of each operand. */
function fill({ memories, name }: OutlinedLevel): Fragment {
  const bounded = memories.flatMap((memory) =>
    memory.capacity === undefined || memory.tiles.length === 0 ? [] : [{ ...memory, capacity: memory.capacity }],
  );
  let right = width - 12;
  return bounded.toReversed().map(({ name: memory, tiles, bytes, capacity }) => {
    const label = `${memory === name ? "" : `${memory}: `}${percent(bytes / capacity)} of ${byteText(capacity)}`;
    const labelWidth = label.length * 6 + 4;
    const barEnd = right - labelWidth;
    const start = barEnd - 50;
    let at = start;
    const shares = tiles.map(({ operand, bytes: held }) => {
      const share = (50 * held) / Math.max(capacity, bytes);
      at += share;
      return html`<rect x="${round(at - share)}" y="11" width="${round(share)}" height="10" fill="${operandColour(operand)}"/>`;
    });
    const text = html`<rect x="${start}" y="11" width="50" height="10" style="${paper}"/>${shares}<text x="${barEnd + 5}" y="20" font-size="11" style="${soft}">${label}</text>`;
    right = start - 14;
    return text;
  });
}

/** What rests of an operand in a level, in the operand's column. */
function tileBox(tile: OutlinedTile | undefined, operand: OperandKey, first: boolean): Markup {
  const x = laneStart(operand) + 10;
  if (tile === undefined) {
    return html`<line x1="${x + 16}" x2="${x + 16}" y1="30" y2="68" stroke="${operandColour(operand)}" stroke-width="2" stroke-dasharray="2 4"/><text x="${x + 28}" y="53" font-size="11" style="${soft}">${operand} passes by</text>`;
  }
  const { words, bytes, rests, changedBy } = tile;
  const stay = first
    ? "all of the layer"
    : changedBy === undefined
      ? "stays for the whole layer"
      : `stays ${plural(rests, "step")}, then next ${changedBy.dimension}${changedBy.level === "" ? "" : ` of ${changedBy.level}`}`;
  return html`<rect x="${x}" y="30" width="${laneWidth - 20}" height="38" rx="4" style="${paper}"/><rect x="${x}" y="30" width="6" height="38" rx="2" fill="${operandColour(operand)}"/><text x="${x + 14}" y="46"><tspan font-weight="600">${operand}</tspan> ${plural(words, "word")}, ${byteText(bytes)}</text><text x="${x + 14}" y="61" font-size="11" style="${soft}">${stay}</text>`;
}

/** Temporal loops, each a box around those inside it. */
function loopBoxes(loops: readonly OutlinedLoop[]): Markup {
  const bottom = 76 + loops.length * loopHeight;
  return html`${loops.map((loop, depth) => {
    const x = 10 + 14 * depth;
    const y = 76 + depth * loopHeight;
    const short = loop.last === loop.tile ? "" : `, last of ${grouped(loop.last)}`;
    return html`<rect x="${x}" y="${y}" width="${loopsWidth - x - 4 * depth}" height="${bottom - y}" rx="3" style="${paper}"/><text x="${x + 8}" y="${y + 14}">for <tspan font-weight="600">${loop.dimension}</tspan> in steps of ${grouped(loop.tile)}<tspan style="${soft}"> · ${grouped(loop.steps)} ×${short}</tspan></text>${loop.changes.map((operand) => html`<circle cx="${loopsWidth - 4 * depth - 44 + 12 * operandKeys.indexOf(operand)}" cy="${y + 10}" r="4" fill="${operandColour(operand)}"><title>changes ${operand}</title></circle>`)}`;
  })}`;
}

/** Cells of the grid of units: at most 96 pixels a side. */
function gridSize(axes: OutlinedLevel["axes"]): {
  readonly cell: number;
  readonly width: number;
  readonly height: number;
} {
  const rows = axes[0]?.units ?? 1;
  const columns = axes[1]?.units ?? 1;
  const cell = Math.min(12, 96 / Math.max(rows, columns));
  return { cell, width: cell * columns, height: cell * rows };
}

/** Units below a level: those in use filled, rows down and columns across, and what lies along each axis. */
function spatialGrid(level: OutlinedLevel): Markup | undefined {
  const axes = openAxes(level);
  const [down, across] = axes;
  if (down === undefined) return undefined;
  const { cell, width: gridWidth, height } = gridSize(axes);
  const x = loopsWidth + 22;
  const y = 77;
  const used = { width: cell * (across?.used ?? 1), height: cell * down.used };
  // Lines between the cells where they can be told apart.
  const lines =
    cell < 3
      ? ""
      : `${Array.from({ length: down.units - 1 }, (_, row) => `M${x} ${round(y + cell * (row + 1))}h${round(gridWidth)}`).join("")}${Array.from({ length: (across?.units ?? 1) - 1 }, (_, column) => `M${round(x + cell * (column + 1))} ${y}v${round(height)}`).join("")}`;
  const labels = axes.map((axis, index) => {
    const cuts = level.spatial.filter((loop) => loop.axis?.name === axis.name);
    const along = cuts.map(({ dimension, tile }) => `${dimension} by ${grouped(tile)}`).join(", ");
    const left = x + round(gridWidth) + 10;
    const top = y + 10 + 32 * index;
    return html`<text x="${left}" y="${top}" font-size="11"><tspan font-weight="600">${axis.name}</tspan> ${along === "" ? "idle" : along}<tspan style="${soft}"> · ${grouped(axis.used)} of ${grouped(axis.units)}</tspan></text><text x="${left}" y="${top + 14}" font-size="11" style="${soft}">${togetherness(cuts)}</text>`;
  });
  return html`<rect x="${x}" y="${y}" width="${round(gridWidth)}" height="${round(height)}" style="${paper}"/><rect x="${x}" y="${y}" width="${round(used.width)}" height="${round(used.height)}" style="fill:var(--accent)" fill-opacity="0.75"/><path d="${lines}" style="stroke:var(--line)" stroke-width="1"/>${labels}`;
}

/** What units along an axis have in common: inputs that all of them need, results that they add to together. */
function togetherness(loops: readonly OutlinedLoop[]): string {
  if (loops.length === 0) return "";
  const common = operandKeys.filter((operand) => loops.every(({ changes }) => !changes.includes(operand)));
  const inputs = common.flatMap((operand) => (operand === "C" ? [] : [operand === "A" ? "weights" : "inputs"]));
  const parts = [
    ...(inputs.length > 0 ? [`need the same ${inputs.join(" and ")}`] : []),
    ...(common.includes("C") ? ["add to the same results"] : []),
  ];
  return parts.length === 0 ? "each has its own" : parts.join(", ");
}

/** Arrows of every operand from each level that keeps it to the next; results go up, partial sums come back. */
function arrows({ boundaries, wordBytes, levels, steps }: NestPicture, bands: readonly Band[]): Markup {
  const bytesOf = ({ operand, reads, partialWrites, finalWrites }: BoundaryCounts): number =>
    operand === "C"
      ? (reads + partialWrites) * wordBytes.partial + finalWrites * wordBytes.C
      : reads * wordBytes[operand];
  const most = Math.max(1, ...boundaries.map(bytesOf));
  return html`${boundaries.map((boundary) => {
    const { operand, parent, child, reads, deliveries, partialWrites, finalWrites } = boundary;
    const colour = operandColour(operand);
    const x = laneStart(operand) + 26;
    const above = bands[parent];
    const below = bands[child];
    if (above === undefined || below === undefined) return undefined;
    const top = above.top + above.height;
    const thick = round(1.5 + 7 * Math.sqrt(bytesOf(boundary) / most));
    const writes = partialWrites + finalWrites;
    const head = Math.max(5, thick);
    const down = `M${x - head} ${below.top - head - 3}h${2 * head}l${-head} ${head + 1}z`;
    const up = `M${x - head} ${top + head + 3}h${2 * head}l${-head} ${-head - 1}z`;
    const line = (at: number, dashed: boolean): Markup =>
      html`<line x1="${at}" x2="${at}" y1="${top + (operand === "C" && !dashed ? head + 3 : 1)}" y2="${below.top - (operand !== "C" || dashed ? head + 3 : 1)}" stroke="${colour}" stroke-width="${dashed ? 2 : thick}"${dashed ? html` stroke-dasharray="4 3"` : undefined}/>`;
    const back = x + 14;
    const shaft =
      operand === "C"
        ? html`${line(x, false)}<path d="${up}" fill="${colour}"/>${reads > 0 ? html`${line(back, true)}<path d="M${back - 5} ${below.top - 8}h10l-5 7z" fill="${colour}"/>` : undefined}`
        : html`${line(x, false)}<path d="${down}" fill="${colour}"/>`;
    const words = (count: number): string => `${engineering(count, "")} ${count === 1 ? "word" : "words"}`;
    const finished =
      finalWrites === 0 ? "all partial" : partialWrites === 0 ? "all final" : `${engineering(finalWrites, "")} final`;
    const first =
      operand === "C"
        ? `${words(writes)} written, ${finished}`
        : `${words(reads)} read${deliveries > reads ? `, ${engineering(deliveries, "")} delivered` : ""}`;
    const tile = levels[child]?.memories.flatMap((memory) => memory.tiles).find((held) => held.operand === operand);
    const each =
      tile === undefined ? `every step, ${engineering(steps, "")} of them` : `${plural(tile.words, "word")} a tile`;
    const second = operand === "C" && reads > 0 ? `${words(reads)} read back` : each;
    const textX = x + (operand === "C" && reads > 0 ? 28 : 16);
    return html`${shaft}<text x="${textX}" y="${below.top - 34}" font-size="11">${first}</text><text x="${textX}" y="${below.top - 19}" font-size="11" style="${soft}">${second}</text>`;
  })}`;
}

function datapath({ macs, steps, units }: NestPicture, top: number): Markup {
  return html`<g transform="translate(0 ${top})"><rect width="${width - 1}" x="0.5" height="33" rx="8" style="${panel}"/><text x="12" y="21"><tspan font-weight="600">multipliers</tspan><tspan style="${soft}"> × ${grouped(units)} · ${engineering(macs, "")} multiplications in ${grouped(steps)} steps, ${percent(macs / Math.max(1, steps * units))} of those units at work</tspan></text></g>`;
}

/** Coordinates to a tenth of a pixel. */
const round = (value: number): number => Math.round(value * 10) / 10;
