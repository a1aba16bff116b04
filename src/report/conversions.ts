// The sparse dataflow of each layer as rows of letters, and where operands change their format between layers, in words:
// what the terminal and the HTML report say about machines whose mappings prescribe formats.

import type { PathTotal, RunResult } from "../simulate/result.ts";
import { wrap } from "./table.ts";
import { engineering, grouped, percent, plural, printable } from "./units.ts";

/** Layers in a group of letters, and characters before the first group. */
const groupSize = 10;
const titleWidth = 12;

/** Whether there is something to say: with one layer there is no layer before it. */
export const hasTransitions = (run: RunResult): boolean => run.conversions !== undefined && run.layers.length > 1;

/** One letter for each layer; a dot where a mapping's name says nothing, or where nothing is converted. */
export interface MapLetters {
  /** I inner, O outer, G Gustavson product. */
  readonly dataflow: string;
  /** M: A rests; N: B rests. */
  readonly resting: string;
  /** x: an operand changes its format before the layer. */
  readonly converted: string;
}

/** The letters of a run's layers, in their order. */
export function mapLetters(run: RunResult): MapLetters {
  const parts = run.layers.map(({ mapping }) => /^(inner|outer|gustavson)-(m|n)$/.exec(mapping));
  return {
    dataflow: parts.map((part) => part?.[1]?.[0]?.toUpperCase() ?? "·").join(""),
    resting: parts.map((part) => part?.[2]?.toUpperCase() ?? "·").join(""),
    converted: run.layers.map(({ conversion }) => (conversion === undefined ? "·" : "x")).join(""),
  };
}

/** What the letters stand for. */
export const letterKey =
  "I inner, O outer, G Gustavson product; M: A rests, N: B rests; x: an operand changes its format before the layer.";

/** The rows of letters with the number of each tenth layer above, in lines of at most `width` characters where it can be. */
export function mapLines(run: RunResult, width: number): readonly string[] {
  const { dataflow, resting, converted } = mapLetters(run);
  const perLine = groupSize * Math.max(1, Math.floor((width - titleWidth) / (groupSize + 1)));
  const grouping = (letters: string): string => letters.replace(/(.{10})(?=.)/g, "$1 ");
  const lines: string[] = [];
  for (let start = 0; start < run.layers.length; start += perLine) {
    const end = Math.min(run.layers.length, start + perLine);
    let numbers = "";
    for (let first = start; first < end; first += groupSize) numbers += String(first + 1).padEnd(groupSize + 1);
    if (start > 0) lines.push("");
    for (const [title, letters] of [
      ["layer", numbers.trimEnd()],
      ["dataflow", grouping(dataflow.slice(start, end))],
      ["resting", grouping(resting.slice(start, end))],
      ["converted", grouping(converted.slice(start, end))],
    ] as const) {
      lines.push(`${title.padEnd(titleWidth)}${letters}`);
    }
  }
  return lines;
}

/** What the conversions between layers take, and what choosing mappings for all layers together changes. */
export function conversionSentences(run: RunResult, label: string): readonly string[] {
  const { conversions } = run;
  if (conversions === undefined) return [];
  const { counted, operand, paths } = conversions;
  const { layerByLayer, best } = paths;
  const needed = `operand ${operand} in another format before ${plural(conversions.conversions, "layer")}`;
  const cost = `${grouped(conversions.cycles)} cycles and ${engineering(conversions.energy, "J")} for ${plural(conversions.elements, "non-zero")}`;
  if (counted) {
    const share = run.total.cycles > 0 ? ` (${percent(conversions.cycles / run.total.cycles)} of the cycles)` : "";
    return [
      conversions.conversions === 0
        ? `${label} needs no change of format between layers along the best path.`
        : `${label} needs ${needed}: ${cost}${share}, counted.`,
      equal(layerByLayer, best)
        ? "The best mapping of each layer by itself would take as much."
        : `The best mapping of each layer by itself would take ${figures(layerByLayer)}, the best path takes ${figures(best)}.`,
    ];
  }
  if (conversions.conversions === 0) return [`${label} needs no change of format between layers.`];
  return [
    `${label} needs ${needed}: ${cost}, not counted.`,
    equal(layerByLayer, best)
      ? `With these counted it takes ${figures(best)}, and no other choice of mappings is better.`
      : `With these counted it takes ${figures(layerByLayer)}; the best path, which --conversions count chooses, takes ${figures(best)}.`,
  ];
}

const figures = ({ conversions, cycles, energy }: PathTotal): string =>
  `${grouped(cycles)} cycles and ${engineering(energy, "J")} with ${plural(conversions, "conversion")}`;

const equal = (a: PathTotal, b: PathTotal): boolean =>
  a.conversions === b.conversions && a.cycles === b.cycles && a.energy === b.energy;

/** The terminal's text: letters, their key and the sentences; empty for a run without transitions. */
export function conversionText(run: RunResult, label: string, width: number): string {
  if (!hasTransitions(run)) return "";
  const words = printable(conversionSentences(run, label).join(" "));
  return `${[...mapLines(run, width), ...wrap(letterKey, width), "", ...wrap(words, width)].join("\n")}\n`;
}
