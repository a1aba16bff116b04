// What a row-stationary split costs, in closed form: units at work, bytes in the shared memory, processing passes and
// their cycles, words through every memory; and the search for the best split under a chip's limits.

import { InputError } from "../../base/error.ts";
import type { Conv2d } from "../../workload/layer.ts";
import { convolutionOutput } from "../../workload/shapes.ts";
import type { RowStationarySplit, SetGrid } from "./row-stationary.ts";
import { activeUnits } from "./row-stationary.ts";

/** What bounds a split: the grid, the scratchpads of a unit, and a shared memory in banks that hold one kind of word. */
export interface RowStationaryLimits {
  readonly grid: SetGrid;
  /** Words of a unit's scratchpads. */
  readonly filterWords: number;
  readonly inputWords: number;
  readonly sumWords: number;
  readonly banks: number;
  readonly bankBytes: number;
  readonly wordBytes: number;
}

export interface SplitFigures {
  readonly units: number;
  /** Partial sums and inputs that wait in the shared memory. */
  readonly sumBytes: number;
  readonly inputBytes: number;
  readonly passes: number;
  /** Of a whole pass. */
  readonly passCycles: number;
  /** All passes, the cut-off ones taken as whole. */
  readonly cycles: number;
  /** Words through the shared memory: inputs in and out, sums in and back, finished results out. */
  readonly buffer: {
    readonly inputFills: number;
    readonly inputReads: number;
    readonly sumWrites: number;
    readonly sumReads: number;
    readonly resultReads: number;
  };
  /** Words off chip. */
  readonly dram: { readonly inputs: number; readonly filters: number; readonly results: number };
}

/**
 * Figures of a split (Chen et al., ISCA 2016): a pass has n images, p t filters, q r channels and a strip of e rows of
 * results; it takes n p q S cycles for each column of results, for a unit has one row of S taps. Inputs stay
 * for m filters, filters for one pass. Rows and columns of padding count as inputs in the shared memory, as in the
 * published identities; off chip there is no padding.
 */
export function splitFigures(conv: Conv2d, split: RowStationarySplit, wordBytes: number): SplitFigures {
  const { m, n, e, p, q, r, t } = split;
  const { groups, batch, kernelHeight: R, kernelWidth: S } = conv;
  const [E, F] = convolutionOutput(conv);
  const [stride] = conv.stride;
  const filters = conv.outChannels / groups;
  const channels = conv.inChannels / groups;
  const width = conv.width + conv.padding[1] + conv.padding[3];
  const strips = Math.ceil(E / e);
  const rowsOf = (results: number) => stride * (results - 1) + conv.dilation[0] * (R - 1) + 1;
  let rows = 0;
  let storedRows = 0;
  for (let first = 0; first < E; first += e) {
    const taken = rowsOf(Math.min(e, E - first));
    const top = first * stride - conv.padding[0];
    rows += taken;
    storedRows += Math.max(0, Math.min(conv.height, top + taken) - Math.max(0, top));
  }
  const channelSteps = Math.ceil(channels / (q * r));
  const passes = Math.ceil(batch / n) * groups * Math.ceil(filters / (p * t)) * channelSteps * strips;
  const passCycles = n * p * q * S * F;
  const inputs = batch * channels * rows * width;
  const results = batch * conv.outChannels * E * F;
  const loads = groups * Math.ceil(filters / m);
  return {
    units: activeUnits(split, R),
    ...waitingBytes(conv, split, wordBytes),
    passes,
    passCycles,
    cycles: passes * passCycles,
    buffer: {
      inputFills: loads * inputs,
      inputReads: groups * Math.ceil(filters / (p * t)) * inputs,
      sumWrites: results * channelSteps,
      sumReads: results * (channelSteps - 1),
      resultReads: results,
    },
    dram: {
      inputs: loads * batch * channels * storedRows * conv.width,
      filters: Math.ceil(batch / n) * strips * conv.outChannels * channels * R * S,
      results,
    },
  };
}

/** Partial sums and inputs of a split that wait in the shared memory. */
function waitingBytes(
  conv: Conv2d,
  { m, n, e, q, r }: RowStationarySplit,
  wordBytes: number,
): Pick<SplitFigures, "sumBytes" | "inputBytes"> {
  const [, F] = convolutionOutput(conv);
  const rows = conv.stride[0] * (e - 1) + conv.dilation[0] * (conv.kernelHeight - 1) + 1;
  const width = conv.width + conv.padding[1] + conv.padding[3];
  return { sumBytes: m * n * e * F * wordBytes, inputBytes: n * q * r * rows * width * wordBytes };
}

/** Which limit a split breaks and by how much, as a clause; undefined where it keeps them all. */
export function splitMisfit(conv: Conv2d, split: RowStationarySplit, limits: RowStationaryLimits): string | undefined {
  const { e, p, q, r, t } = split;
  const { grid, filterWords, inputWords, sumWords, banks, bankBytes, wordBytes } = limits;
  const { kernelHeight: R, kernelWidth: S } = conv;
  const width = Math.min(e, grid.columns);
  const tall = R * Math.ceil(e / width);
  // Sets lie below each other and side by side; one wider than the grid is folded onto further rows.
  const sets = Math.floor(grid.rows / tall) * Math.floor(grid.columns / width);
  if (r * t > sets) return `${r * t} sets of ${tall} x ${width} units where ${sets} fit`;
  if (p * q * S > filterWords) return `${p * q * S} weights in a scratchpad of ${filterWords}`;
  if (q * S > inputWords) return `${q * S} inputs in a scratchpad of ${inputWords}`;
  if (p > sumWords) return `${p} sums in a scratchpad of ${sumWords}`;
  const { sumBytes, inputBytes } = waitingBytes(conv, split, wordBytes);
  const taken = Math.ceil(sumBytes / bankBytes) + Math.ceil(inputBytes / bankBytes);
  return taken > banks ? `${taken} banks where there are ${banks}` : undefined;
}

/**
 * The split with the least `price` of all that keep the limits; the first of equals, in the order of the parameters.
 * Tries each number of strips, of filters and of channels a pass once, with the smallest split that gives it, and as many
 * filters together as the shared memory takes: `price` must not fall when more words are moved. Throws
 * InputError where nothing fits, with what the smallest split breaks.
 */
export function bestSplit(
  conv: Conv2d,
  limits: RowStationaryLimits,
  price: (figures: SplitFigures, split: RowStationarySplit) => number,
): { readonly split: RowStationarySplit; readonly figures: SplitFigures } {
  const filters = conv.outChannels / conv.groups;
  const channels = conv.inChannels / conv.groups;
  const [E] = convolutionOutput(conv);
  const { grid } = limits;
  let best: { split: RowStationarySplit; figures: SplitFigures; price: number } | undefined;
  for (const e of smallest(E, E)) {
    const width = Math.min(e, grid.columns);
    const tall = conv.kernelHeight * Math.ceil(e / width);
    const sets = Math.floor(grid.rows / tall) * Math.floor(grid.columns / width);
    for (let r = 1; r <= sets; r++) {
      for (let t = 1; r * t <= sets; t++) {
        for (const q of smallest(Math.ceil(channels / r), Math.floor(limits.inputWords / conv.kernelWidth))) {
          for (const p of smallest(Math.ceil(filters / t), limits.sumWords)) {
            for (const n of smallest(conv.batch, conv.batch)) {
              const m = filtersHeld(conv, { n, e, p, q, r, t }, limits);
              const split = { m, n, e, p, q, r, t };
              if (m === 0 || splitMisfit(conv, split, limits) !== undefined) continue;
              const figures = splitFigures(conv, split, limits.wordBytes);
              const asked = price(figures, split);
              if (best === undefined || asked < best.price) best = { split, figures, price: asked };
            }
          }
        }
      }
    }
  }
  if (best !== undefined) return best;
  const one = { m: 1, n: 1, e: 1, p: 1, q: 1, r: 1, t: 1 };
  throw new InputError({
    message: "no row-stationary split fits",
    found: splitMisfit(conv, one, limits) ?? "nothing",
    expected: "a layer within the limits of the grid and its memories",
  });
}

/** The fewest filters that spare as many loads of inputs as the shared memory allows; 0 where not even one pass fits. */
function filtersHeld(
  conv: Conv2d,
  split: Omit<RowStationarySplit, "m">,
  { banks, bankBytes, wordBytes }: RowStationaryLimits,
): number {
  const filters = conv.outChannels / conv.groups;
  const together = split.p * split.t;
  const { sumBytes, inputBytes } = waitingBytes(conv, { ...split, m: 1 }, wordBytes);
  const left = (banks - Math.ceil(inputBytes / bankBytes)) * bankBytes;
  const passes = Math.floor(left / (sumBytes * together));
  if (left >= sumBytes * filters) return filters;
  if (passes < 1) return 0;
  const all = Math.ceil(filters / together);
  return Math.min(filters, Math.ceil(all / Math.ceil(all / passes)) * together);
}

/** For each number of steps that `size` can be cut into the smallest piece that gives it, ascending, up to `most`. */
function smallest(size: number, most: number): readonly number[] {
  const pieces = new Set<number>();
  for (let piece = 1; piece <= Math.min(size, most); piece++) pieces.add(Math.ceil(size / Math.ceil(size / piece)));
  return [...pieces].filter((piece) => piece <= most);
}
