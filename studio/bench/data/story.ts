// Three sentences on the example that a first visit shows. Every figure and every comparison in them is computed from the
// results; a sentence whose claim does not hold is left out.

import type { BenchResult, BenchRow } from "./prepare.ts";
import { grouped, percent, plural, times } from "../../../src/report/units.ts";
import type { RunResult } from "../../../src/simulate/result.ts";

/** Multipliers of a machine, from its peak rate and the clock of its first layer. */
export const multipliersOf = ({ peak, layers }: RunResult): number =>
  Math.round(peak.macsPerSecond / (layers[0]?.clock ?? peak.macsPerSecond));

/** Layers that give each filter one channel: many products, each with as little as one row of weights. */
const isDepthwise = ({ any }: BenchRow): boolean => any.count > 1 && any.M === 1;

/** The sentences that hold, in the order in which they build on each other. */
export function story(result: BenchResult): readonly string[] {
  // A sentence on some of the machines would not be of the example.
  if (result.scope !== "") return [];
  return [shareSentence(result), sizeSentence(result), winnersSentence(result)].filter(
    (sentence) => sentence !== undefined,
  );
}

/** Little work that takes most of the time. */
function shareSentence({ done, labels, rows }: BenchResult): string | undefined {
  const runs = done.map(({ run }) => run);
  const [first] = runs;
  const depthwise = rows.filter(isDepthwise);
  if (first === undefined || depthwise.length === 0) return undefined;
  const macs = depthwise.reduce((sum, { any }) => sum + any.macs.dense, 0) / first.total.macs.dense;
  const shares = runs.map(
    (run, index) => depthwise.reduce((sum, { layers }) => sum + (layers[index]?.seconds ?? 0), 0) / run.total.seconds,
  );
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  if (least <= macs) return undefined;
  return (
    `The ${depthwise.length} depthwise layers hold ${percent(macs)} of the multiplications of ${first.workload} but take ` +
    `${percent(least)} to ${percent(most)} of the time: each of their products is one filter of ` +
    `${grouped(Math.max(...depthwise.map(({ any }) => any.K)))} weights, so ${labels[0] ?? ""} keeps ` +
    `${percent(first.total.utilisation)} of its ${grouped(multipliersOf(first))} multipliers busy.`
  );
}

/** A machine with fewer multipliers that is faster than one with more. */
function sizeSentence({ done, labels }: BenchResult): string | undefined {
  const runs = done.map(({ run }) => run);
  const [first] = runs;
  if (first === undefined || runs.length < 2) return undefined;
  const fastest = runs.reduce((best, run) => (run.total.seconds < best.total.seconds ? run : best));
  const ratio = multipliersOf(first) / multipliersOf(fastest);
  if (fastest === first || ratio <= 1) return undefined;
  const smallest = runs.every((run) => multipliersOf(run) >= multipliersOf(fastest));
  const behind = runs.filter((run) => run !== fastest && multipliersOf(run) > multipliersOf(fastest)).length;
  const name = labels[runs.indexOf(fastest)] ?? "";
  return (
    `With ${grouped(multipliersOf(fastest))} multipliers, ${smallest ? "the fewest here and " : ""}one for every ` +
    `${grouped(Math.round(ratio * 10) / 10)} of ${labels[0] ?? ""}, ${name} is the fastest: ` +
    `${times(first.total.seconds / fastest.total.seconds)} as fast as ${labels[0] ?? ""}, and ahead of ${plural(behind, "larger array")}.`
  );
}

/** Who wins how many layers. */
function winnersSentence({ runs, labels, rows }: BenchResult): string | undefined {
  const wins = runs.map((_, index) => rows.filter(({ best }) => best.length === 1 && best[0] === index).length);
  const order = runs.map((_, index) => index).filter((index) => (wins[index] ?? 0) > 0);
  order.sort((a, b) => (wins[b] ?? 0) - (wins[a] ?? 0));
  const [most, second] = order;
  if (most === undefined || second === undefined) return undefined;
  const parts = order.map(
    (index, place) =>
      `${labels[index] ?? ""}${place === 0 ? " is fastest" : ""} in ${grouped(wins[index] ?? 0)}${place === 0 ? ` of ${plural(rows.length, "layer")}` : ""}`,
  );
  const largest = rows
    .filter(({ best, margin }) => best.length === 1 && best[0] !== most && margin !== undefined)
    .reduce<BenchRow | undefined>((top, row) => ((row.margin ?? 0) > (top?.margin ?? 0) ? row : top), undefined);
  const example =
    largest === undefined
      ? ""
      : `; at ${largest.name} ${labels[largest.best[0] ?? 0] ?? ""} is ${times(lossOf(largest, most))} as fast as ${labels[most] ?? ""}`;
  return `No machine wins everywhere: ${parts.join(", ")}${example}. Open a layer to see why.`;
}

const lossOf = (row: BenchRow, machine: number): number | undefined => {
  const [cost, least] = [row.costs[machine], row.costs[row.best[0] ?? -1]];
  return cost === undefined || least === undefined ? undefined : cost / least;
};
