// What SCALE-Sim reports that is not what a reader takes it for: each with SCALE-Sim's value in this run, the right
// one, and why they differ. Nothing here changes a report.

import type { Product } from "./model/operands.ts";
import { ofmapSize, productOf } from "./model/operands.ts";
import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayerResult,
  ScalesimLayout,
  ScalesimVersion,
} from "./scalesim.ts";

/** One thing to know; values are those of the whole run where they can be added, else of the layer that `where` names. */
export interface Quirk {
  readonly quirk: string;
  readonly where: string;
  readonly compat: string;
  readonly right: string;
  readonly why: string;
}

/** What is needed of a product: its address tables would make memory grow with the number of layers. */
type Sizes = Pick<
  Product,
  "pixels" | "filters" | "window" | "storedWindow" | "rowFolds" | "columnFolds" | "foldCycles"
> & {
  /** Weights that are really stored: null slots of the row-wise mode left out. */
  readonly storedWeights: number;
};

interface Case {
  readonly layer: ScalesimLayer;
  readonly product: Sizes;
  readonly result: ScalesimLayerResult;
}

interface Run {
  readonly cases: readonly Case[];
  readonly configuration: ScalesimConfiguration;
  readonly version: ScalesimVersion;
  readonly layouts: readonly ScalesimLayout[];
}

/**
 * The quirks that this run shows, in the order of the reports' columns; `results` are those of `layers`. Stalls that
 * count twice are named where the results have `stallCyclesCountedOnce`.
 */
export function explainScalesim(
  layers: readonly ScalesimLayer[],
  results: readonly ScalesimLayerResult[],
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[] = [],
): readonly Quirk[] {
  const cases = layers.flatMap((layer, i) => {
    const result = results[i];
    return result === undefined ? [] : [{ layer, product: sizesOf(layer, configuration), result }];
  });
  const run: Run = { cases, configuration, version, layouts };
  return [
    lastCycle(run),
    doubledStalls(run),
    bandwidthKeys(run),
    denseMacs(run),
    longFolds(run),
    blockReads(run),
    halvedWeights(run),
    inflatedWrites(run),
    partialSums(run),
    paddedWrites(run),
    forgottenWords(run),
    windowsOff(run),
    depthwise(run),
    layoutOfFirst(run),
  ].filter((quirk) => quirk !== undefined);
}

function sizesOf(layer: ScalesimLayer, configuration: ScalesimConfiguration): Sizes {
  const { pixels, filters, window, storedWindow, rowFolds, columnFolds, foldCycles, filter } = productOf(
    layer,
    configuration,
  );
  const slots = filter.kind === "stationary" ? filter.slots : undefined;
  const storedWeights =
    slots === undefined ? storedWindow * filters : slots.reduce((stored, slot) => (slot < 0 ? stored : stored + 1), 0);
  return { pixels, filters, window, storedWindow, rowFolds, columnFolds, foldCycles, storedWeights };
}

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const percent = (value: number): string => `${value.toFixed(2)} %`;
const total = (cases: readonly Case[], value: (item: Case) => number): number =>
  cases.reduce((sum, item) => sum + value(item), 0);

/** An entry about values that add up, if any layer shows it. */
function summed(
  run: Run,
  quirk: string,
  unit: string,
  why: string,
  compat: (item: Case) => number,
  right: (item: Case) => number,
): Quirk | undefined {
  const shown = run.cases.filter((item) => compat(item) !== right(item));
  if (shown.length === 0) return undefined;
  const where =
    shown.length === run.cases.length ? "all layers together" : `${shown.length} of ${run.cases.length} layers`;
  return {
    quirk,
    where,
    compat: `${count(total(shown, compat))} ${unit}`,
    right: `${count(total(shown, right))} ${unit}`,
    why,
  };
}

/** An entry about a ratio, shown on the layer where the two differ most. */
function worst(
  run: Run,
  quirk: string,
  why: string,
  compat: (item: Case) => number,
  right: (item: Case) => number,
): Quirk | undefined {
  let shown: Case | undefined;
  let most = 0.005;
  for (const item of run.cases) {
    const apart = Math.abs(compat(item) - right(item));
    if (apart > most) [shown, most] = [item, apart];
  }
  if (shown === undefined) return undefined;
  return {
    quirk,
    where: `most in layer ${shown.layer.name}`,
    compat: percent(compat(shown)),
    right: percent(right(shown)),
    why,
  };
}

const lastCycle = (run: Run): Quirk | undefined =>
  summed(
    run,
    "Total Cycles is the index of the last cycle",
    "cycles",
    "Cycles are numbered from 0, so a layer takes one more than its last number; utilisations and bandwidths divide by the smaller figure.",
    ({ result }) => result.totalCycles,
    ({ result }) => result.totalCycles + 1,
  );

const doubledStalls = (run: Run): Quirk | undefined =>
  summed(
    run,
    "Stall Cycles count late prefetches twice",
    "stall cycles",
    "v3 adds the time that a prefetch is late once always and once more when it is positive; v2 had this mended, and a later merge lost it.",
    ({ result }) => result.stallCycles,
    ({ result }) => result.stallCyclesCountedOnce ?? result.stallCycles,
  );

function bandwidthKeys({ configuration, version }: Run): Quirk | undefined {
  const { mode, bandwidth, layout } = configuration;
  const given = bandwidth[0];
  if (mode !== "USER" || version !== "v3" || given === undefined) return undefined;
  if (layout.ifmap.bandwidth === given && layout.filter.bandwidth === given) return undefined;
  return {
    quirk: "Bandwidth governs the ofmap only",
    where: "configuration",
    compat: `ifmap ${layout.ifmap.bandwidth}, filter ${layout.filter.bandwidth}, ofmap ${given} words per cycle`,
    right: `${given} words per cycle for each`,
    why: "v3 reads ifmap and filter at IfmapSRAMBankBandwidth and FilterSRAMBankBandwidth of section [layout], whether layouts are used or not.",
  };
}

const denseMacs = (run: Run): Quirk | undefined =>
  run.configuration.sparsity === undefined
    ? undefined
    : worst(
        run,
        "Overall Util % counts weights that are not there",
        "The utilisation divides the dense layer's multiplications by the cycles of the sparse one, so that it can pass 100 %.",
        ({ result }) => result.overallUtilisationPercent,
        ({ result, product }) =>
          (result.overallUtilisationPercent * product.storedWeights) / (product.window * product.filters),
      );

function longFolds(run: Run): Quirk | undefined {
  const { arrayWidth, dataflow } = run.configuration;
  if (dataflow === "os") return undefined;
  return worst(
    run,
    "Compute Util % takes a fold for too long",
    "A stationary fold is divided by the cycles of its matrix plus the array's width once more, C - 1 cycles more than it takes.",
    ({ result }) => result.computeUtilisationPercent,
    ({ result, product }) =>
      (result.computeUtilisationPercent * (product.foldCycles + arrayWidth - 1)) / product.foldCycles,
  );
}

function blockReads(run: Run): Quirk | undefined {
  const { sparsity, dataflow } = run.configuration;
  if (sparsity === undefined || dataflow !== "ws") return undefined;
  return summed(
    run,
    "SRAM IFMAP Reads of a sparse filter are multiplied",
    "words",
    sparsity.mapping === "row-wise"
      ? "Every row of the array is charged a whole block of inputs in every cycle of the stream and of its skew, nulls included."
      : "Inputs of a block are charged M/N times for every weight kept, on the assumption that nothing is broadcast; only the N that meet a weight are used.",
    ({ result }) => result.sram.ifmap.words,
    ({ product }) => product.pixels * product.storedWindow * product.columnFolds,
  );
}

function halvedWeights(run: Run): Quirk | undefined {
  const { sparsity } = run.configuration;
  if (sparsity?.mapping !== "row-wise") return undefined;
  return summed(
    run,
    "Row-wise sparsity always halves the filter",
    "stored weights",
    "Each filter draws how many weights of a block it keeps, but every block takes half a block of slots whatever was drawn; empty slots cost cycles and reads.",
    ({ product }) => product.storedWindow * product.filters,
    ({ product }) => product.storedWeights,
  );
}

function inflatedWrites(run: Run): Quirk | undefined {
  if (run.configuration.dataflow !== "os") return undefined;
  return summed(
    run,
    "SRAM OFMAP Writes are inflated",
    "words",
    "Output stationary, every fold adds the array's height and width to the writes, a sum where the product had been counted already.",
    ({ result }) => result.sram.ofmap.words,
    ({ product }) => product.pixels * product.filters,
  );
}

function partialSums(run: Run): Quirk | undefined {
  if (run.configuration.dataflow === "os") return undefined;
  return summed(
    run,
    "Partial sums are written, never read back",
    "words read from the ofmap memory",
    "Each row fold after the first has to add to what the one before it left; SCALE-Sim counts those writes, and sends them to the DRAM, but no read.",
    () => 0,
    ({ product }) => product.pixels * product.filters * (product.rowFolds - 1),
  );
}

const paddedWrites = (run: Run): Quirk | undefined =>
  summed(
    run,
    "DRAM OFMAP Writes count padding",
    "words",
    "A drain closes the line that is being filled; the words missing in it are counted as written unless it is the last of its batch.",
    ({ result }) => result.dram.ofmap.words,
    ({ product }) => product.pixels * product.filters * (run.configuration.dataflow === "os" ? 1 : product.rowFolds),
  );

function forgottenWords(run: Run): Quirk | undefined {
  const { mode, sparsity } = run.configuration;
  // Which pixels a pruned filter never meets depends on its pattern; no figure is better than a wrong one.
  if (sparsity !== undefined) return undefined;
  return summed(
    run,
    "DRAM reads are more than the words there are",
    "words of ifmap and filter",
    mode === "CALC"
      ? "Half of each memory is used, and when it is full all of it is forgotten; the right figure is each stored word once, which larger memories or another order of folds come near to."
      : "Lines are fetched and counted whole, with the nulls in them, and a missing word is never fetched itself: prefetches go round in one fixed order until it comes by. The right figure is each stored word once.",
    ({ result }) => result.dram.ifmap.words + result.dram.filter.words,
    // A first fill may be counted some words short, because the window that it fills is rounded up to whole sets.
    ({ layer, product, result }) =>
      Math.min(compulsoryWords(layer, product), result.dram.ifmap.words + result.dram.filter.words),
  );
}

/** Words that a dense layer needs at least once: its weights, and the pixels that any window covers. */
function compulsoryWords(layer: ScalesimLayer, product: Sizes): number {
  const along = (size: number, filter: number, steps: number): number => {
    const covered = filter >= layer.stride ? (steps - 1) * layer.stride + filter : steps * filter;
    return Math.min(size, covered);
  };
  const [height, width] = ofmapSize(layer);
  const pixels =
    along(layer.ifmapHeight, layer.filterHeight, height) * along(layer.ifmapWidth, layer.filterWidth, width);
  return product.window * product.filters + pixels * layer.channels;
}

const windowsOff = (run: Run): Quirk | undefined =>
  summed(
    run,
    "Windows run off the image",
    "multiplications",
    "The ofmap's size is rounded up, so that the last windows reach past the image; their multiplications and reads are counted as if there were something. A convolution without padding rounds down.",
    ({ product }) => product.pixels * product.filters * product.window,
    ({ layer, product }) => {
      const along = (size: number, filter: number): number => Math.floor((size - filter) / layer.stride) + 1;
      const pixels = along(layer.ifmapHeight, layer.filterHeight) * along(layer.ifmapWidth, layer.filterWidth);
      return pixels * product.filters * product.window;
    },
  );

function depthwise(run: Run): Quirk | undefined {
  const channels = run.cases.filter(({ layer }) => /DP.*Channel_\d+$/.test(layer.name));
  const several = channels.filter(({ layer }) => layer.filters > 1);
  if (several.length === 0) return undefined;
  return {
    quirk: "Depth-wise layers keep all their filters",
    where: `${several.length} of ${run.cases.length} layers`,
    compat: `${count(total(several, ({ product }) => product.pixels * product.filters * product.window))} multiplications`,
    right: `${count(total(several, ({ product }) => product.pixels * product.window))} multiplications`,
    why: "A name with DP in it makes one layer of each channel, but each gets all of Num Filter instead of one filter.",
  };
}

function layoutOfFirst({ configuration, version, layouts, cases }: Run): Quirk | undefined {
  const { ifmap, filter } = configuration.layout;
  if (version !== "v3" || configuration.mode !== "USER" || cases.length < 2) return undefined;
  if (!ifmap.customLayout && !filter.customLayout) return undefined;
  return {
    quirk: "The first layout holds for every layer",
    where: `${cases.length - 1} of ${cases.length} layers`,
    compat: `layout ${layouts[0]?.name ?? ""}`,
    right: "each layer's own row",
    why: "SCALE-Sim reads a row for each layer and asks for that of layer 0 every time.",
  };
}
