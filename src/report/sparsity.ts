// Statistics of densities held against counted data: how far they are apart over the layers of a run, and as text for the
// terminal.

import type { LayerResult, RunResult } from "../simulate/result.ts";
import type { Column } from "./table.ts";
import { table, wrap } from "./table.ts";
import { percent, plural } from "./units.ts";

/** One figure of one layer, by statistics and counted. */
export type ComparedFigure = NonNullable<LayerResult["sparsity"]>[number];

/** How far the statistics of one figure are from the data over all layers that have it. */
export interface FigureErrors {
  readonly figure: string;
  readonly layers: number;
  /** Mean size of the errors, and the largest one with its layer; undefined where no error is finite. */
  readonly mean?: number;
  readonly worst?: { readonly layer: string; readonly error: number };
}

/** What is compared, for a person who has not read the guide. */
export const comparisonNote =
  "Statistics of the densities, which searches go by, beside what was counted on the operands, or on seeded ones of the same densities; an error is what statistics have more than the count.";

/** Figures in the order in which layers first have them. */
export function figureErrors({ layers }: RunResult): readonly FigureErrors[] {
  const names = new Set(layers.flatMap(({ sparsity = [] }) => sparsity.map(({ figure }) => figure)));
  return [...names].map((figure) => {
    const all = layers.flatMap(({ name, sparsity = [] }) =>
      sparsity.filter((one) => one.figure === figure).map(({ error }) => ({ layer: name, error })),
    );
    const finite = all.filter(({ error }) => Number.isFinite(error));
    const [first] = finite;
    if (first === undefined) return { figure, layers: all.length };
    const worst = finite.reduce((most, one) => (Math.abs(one.error) > Math.abs(most.error) ? one : most), first);
    const mean = finite.reduce((sum, { error }) => sum + Math.abs(error), 0) / finite.length;
    return { figure, layers: all.length, mean, worst };
  });
}

/** A fraction as a percentage with its sign: "+2.3 %". */
export function signedPercent(fraction: number): string {
  const text = percent(Math.abs(fraction));
  if (text === "n/a" || text === percent(0)) return text;
  return `${fraction < 0 ? "−" : "+"}${text}`;
}

/** A table of the figures for each machine that has some, and what they are; empty where none has. */
export function sparsityText(
  runs: readonly RunResult[],
  labels: readonly string[],
  width: number,
  colour: boolean,
): string {
  const tables = runs.flatMap((run, index) => {
    const figures = figureErrors(run);
    return figures.length === 0 ? [] : [figuresTable(figures, labels[index] ?? run.accelerator, width, colour)];
  });
  return tables.length === 0 ? "" : `${tables.join("\n")}${wrap(comparisonNote, width).join("\n")}\n`;
}

function figuresTable(figures: readonly FigureErrors[], label: string, width: number, colour: boolean): string {
  const rows = figures.map(({ figure, layers, mean, worst }) => [
    figure,
    plural(layers, "layer"),
    mean === undefined ? "n/a" : percent(mean),
    worst === undefined ? "n/a" : signedPercent(worst.error),
    worst === undefined || worst.error === 0 ? "" : worst.layer,
  ]);
  const columns: readonly Column[] = [
    { title: `${label}: statistics against counts`, minimum: 26 },
    { title: "of", align: "right", drop: 2 },
    { title: "mean error", unit: "%", align: "right" },
    { title: "largest", unit: "%", align: "right" },
    { title: "in layer", minimum: 8, drop: 1 },
  ];
  return table(columns, rows, width, { colour });
}
