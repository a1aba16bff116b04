// Bars of a cycle stack in text: each cause takes its share of a fixed width, told apart by colour on a terminal and by
// the density of the block elsewhere.

import type { Cell } from "./table.ts";

const glyphs = ["█", "▒", "░", "▓", "▚", "▞", "▪", "·"] as const;
// The Okabe-Ito palette, which colour-blind readers can tell apart, in the nearest of the 256 terminal colours.
const terminalColours = [32, 214, 73, 166, 175, 227, 36, 245] as const;

/** The glyph of the cause at `index`, painted where `colour` is true. */
export function swatch(index: number, colour: boolean): string {
  return paint(1, index, colour);
}

/**
 * `width` characters shared among `causes` in proportion to their cycles, by largest remainder (ties to the earlier
 * cause), so that the bar is always full. Blank when the stack is empty.
 */
export function stackBar(
  stack: Readonly<Record<string, number>>,
  causes: readonly string[],
  width: number,
  colour: boolean,
): Cell {
  const values = causes.map((cause) => Math.max(0, stack[cause] ?? 0));
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return " ".repeat(width);
  const exact = values.map((value) => (value / total) * width);
  const cells = exact.map(Math.floor);
  const order = exact.map((_, index) => index).sort((a, b) => remainder(exact, b) - remainder(exact, a) || a - b);
  let spare = width - cells.reduce((sum, value) => sum + value, 0);
  for (const index of order) {
    if (spare <= 0) break;
    cells[index] = (cells[index] ?? 0) + 1;
    spare--;
  }
  return {
    text: cells.map((count, index) => paint(count, index, false)).join(""),
    painted: cells.map((count, index) => paint(count, index, colour)).join(""),
  };
}

function remainder(values: readonly number[], index: number): number {
  const value = values[index] ?? 0;
  return value - Math.floor(value);
}

function paint(count: number, index: number, colour: boolean): string {
  if (count === 0) return "";
  if (!colour) return (glyphs[index % glyphs.length] ?? "█").repeat(count);
  return `\u001b[38;5;${String(terminalColours[index % terminalColours.length] ?? 245)}m${"█".repeat(count)}\u001b[39m`;
}
