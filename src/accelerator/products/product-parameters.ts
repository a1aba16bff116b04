// Parameters and parts that every sparse-product description shares: an array of multipliers under a tree, a cache for
// what streams, and the phases of the controller that drives them.

import type { Source } from "../../base/source.ts";
import { assumed, derived, fitted, recalled, stated } from "../../base/source.ts";
import { bankedCache } from "../../component/memory/banked-cache.ts";
import { formatBits } from "../../component/component.ts";
import { mergeTree } from "../../component/merge-tree/merge-tree.ts";
import { partialSumStore } from "../../component/memory/partial-sum-store.ts";
import { productArray } from "../../component/product-array.ts";
import { sram } from "../../component/memory/sram.ts";
import type { ControlCycles } from "../../dataflow/product/product.ts";
import type { ProductDataflow, ProductMapping } from "../../mapping/product-mapping.ts";
import { productMappingName } from "../../mapping/product-mapping.ts";
import type { ArrayProductMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { NumberParameter, ParameterTable, ParameterValues } from "../parameters.ts";
import {
  accumulatorParameter,
  bandwidthParameter,
  bytesParameter,
  clockParameter,
  dramParameter,
  formats,
  latencyParameter,
  offChip,
  operandParameter,
  technologyParameter,
  unitsParameter,
  word,
} from "../systolic-parameters.ts";

const table = "Flexagon, ASPLOS 2023, table of the configuration";
const simulator = "configuration of the simulator that produced the paper's figures (SST-STONNE, branch tfm-adrian)";
const bookkeeping = "summary of the authors' later benchmarks (sst-stonne-benchmarks), run with 10 cycles an element";

/**
 * Cycles of the controller's states and registers, as the authors' simulator steps them: one state to configure, one
 * step that finds nothing, and the registers between a multiplier or the root and the controller. They give the cycles
 * of that simulator exactly for outer product and Gustavson behind an ideal memory, and within 4 for inner product.
 */
export const steppedControl: ControlCycles = {
  configure: 1,
  exhausted: 1,
  gustavsonTail: 4,
  outerTail: 1,
  innerTail: 2,
  mergePass: 4,
  emptyRow: 2,
};

const count = (description: string, value: number, source: Source, maximum = 2 ** 20): NumberParameter => ({
  kind: "integer",
  default: value,
  minimum: 1,
  maximum,
  unit: "",
  description,
  source,
  resource: true,
});

/** What the paper states of its machine, or what its authors' simulator was given. */
type Variant = "paper" | "simulator";

/** What the machines that the paper compares have of Flexagon's memory for partial results. */
export interface PartialSumShare {
  readonly share: number;
  readonly source: Source;
}

const wholeMemory: PartialSumShare = { share: 1, source: derived("the machine that has the memory") };

/** Parameters of a variant; SIGMA-like and the others have the same resources but for a share of one memory. */
export const productParameters = (variant: Variant, { share, source: shareSource } = wholeMemory) => {
  const published = variant === "simulator";
  const pick = <Value>(paper: Value, simulated: Value): Value => (published ? simulated : paper);
  const source = published ? stated(simulator) : recalled(table);
  return {
    multipliers: unitsParameter("multipliers, which are the leaves of the tree", 64, source),
    distributionWidth: count("elements that reach multipliers in a cycle", pick(16, 64), source),
    mergeWidth: count(
      "elements that leave the root of the tree in a cycle",
      pick(16, 1),
      published ? stated("one output a node and cycle, SST-STONNE") : recalled(table),
    ),
    mergeTurns: count(
      "turns of the root that the queue of each node of the tree holds",
      2,
      assumed("not stated; with one turn the root would wait in every other cycle"),
      1024,
    ),
    stationary: {
      kind: "choice",
      default: pick("fifo", "cache"),
      choices: ["fifo", "cache"],
      description: "what stationary elements come through",
      source,
    },
    resting: {
      kind: "choice",
      default: "best",
      choices: ["M", "N", "best"],
      description: "which operand rests: A (M), B (N), or whichever is best for a layer",
      source: recalled("six dataflows, of which the paper's figures use those with A resting"),
    },
    "fifo.bytes": bytesParameter("FIFO of stationary elements", 256, recalled(table)),
    "cache.bytes": bytesParameter("cache of streaming elements", 2 ** 20, source),
    "cache.lineBytes": count("bytes of a cache line", 128, source, 4096),
    "cache.ways": count("ways of the cache", 16, source, 64),
    "cache.banks": count("banks of the cache", pick(16, 32), source, 1024),
    "cache.wordsPerBank": count(
      "words of one line that a bank serves in an access",
      1,
      published
        ? derived("requests to one line are served one by one; the published ranking rests on it")
        : assumed("as in the simulation; the paper states a line, not a port"),
    ),
    "cache.hitCycles": count(
      "cycles from a bank's access to its word",
      pick(1, 2),
      published ? fitted("cycles of 176 published layers") : recalled(table),
    ),
    "cache.missCycles": {
      ...count(
        "cycles of a miss beyond hit and memory latency",
        pick(0, 4),
        published ? fitted("cycles of 176 published layers") : assumed("not stated"),
      ),
      minimum: 0,
    },
    "partialSums.bytes": bytesParameter("memory for partial results", 2 ** 18, recalled(table)),
    "partialSums.share": {
      kind: "number",
      default: share,
      minimum: 0,
      maximum: 1,
      unit: "",
      description: "share of that memory which the machine has; 0 has none",
      source: shareSource,
    },
    "partialSums.sets": count(
      "sets of that memory, row r of C in set r mod sets",
      4,
      assumed("indexed by row (recalled), number not stated; few, since Gustavson has one row at a time"),
      65_536,
    ),
    "partialSums.blockWords": count(
      "words of a block, which belongs to one fibre",
      16,
      assumed("a word of each bank; not stated"),
      4096,
    ),
    "partialSums.banks": count(
      "banks of that memory, a word wide",
      16,
      assumed("as the cache, and an element of each in a cycle; not stated"),
      1024,
    ),
    "partialSums.tagBits": count(
      "bits of a block's tag",
      17,
      assumed("the coordinate k and a valid bit (recalled: blocks are tagged by k)"),
      64,
    ),
    carriedSums: {
      kind: "choice",
      default: published || share === 0 ? "cache" : "partialSums",
      choices: ["partialSums", "cache"],
      description: "what the sums of a folded row wait in between its folds (inner product)",
      source: published
        ? stated("a sum is one more word of its column's request to the cache, SST-STONNE")
        : share === 0
          ? assumed("there is no other memory")
          : derived("the paper's tiers: a cache for what streams, a memory of their own for partial sums"),
    },
    partialSums: {
      kind: "choice",
      default: pick("bounded", "unbounded"),
      choices: ["bounded", "unbounded"],
      description: "whether partial results beyond that memory go off chip",
      source: published ? stated("unbounded queues, SST-STONNE") : recalled(table),
    },
    outputWrites: {
      kind: "choice",
      default: pick("timed", "untimed"),
      choices: ["timed", "untimed"],
      description: "whether results on their way out take part in the memory's bandwidth",
      source: published ? stated("stores do not block, SST-STONNE") : assumed("a memory of 256 GB/s has to take them"),
    },
    "conversion.operand": {
      kind: "choice",
      default: pick("B", "A"),
      choices: ["A", "B"],
      description: "operand that is the result of the layer before and may have to change its format",
      source: published
        ? stated(`${bookkeeping}: formats and non-zeros of A`)
        : derived("activations are operand B here; A, the weights, is stored in any format beforehand"),
    },
    "conversion.cyclesPerElement": {
      kind: "number",
      default: 10,
      minimum: 0,
      maximum: 1e6,
      unit: "",
      description: "cycles to bring one non-zero into another format",
      source: published ? stated(bookkeeping) : assumed(`as in the ${bookkeeping}; the paper states no cost`),
    },
    operand: operandParameter("int16", assumed("a word of 32 bits is value and coordinate; halves are assumed")),
    accumulator: accumulatorParameter("int32", assumed("not stated")),
    coordinateBits: count("bits of a coordinate", 16, assumed("a word of 32 bits is value and coordinate"), 64),
    clock: clockParameter(
      "clock of multipliers, tree and cache",
      pick(800e6, 1e9),
      published ? stated(simulator) : recalled(table),
    ),
    bandwidth: bandwidthParameter(pick(256e9, Infinity), published ? stated("no limit, simpleMem") : recalled(table)),
    latency: latencyParameter(pick(100e-9, 80e-9), published ? stated("simpleMem 80 ns") : recalled(table)),
    memory: dramParameter("HBM2", assumed("off-chip energy is not part of the paper")),
    technology: technologyParameter("28nm", technologyNames(), recalled("TSMC 28 nm")),
  } as const satisfies ParameterTable;
};

export type ProductParameters = ReturnType<typeof productParameters>;

/** What distinguishes the machines besides their parameters. */
export interface ProductVariant {
  readonly name: string;
  readonly dataflows: readonly ProductDataflow[];
}

/** A machine of multipliers, tree, cache and memory for partial results, from its parameters. */
export function productMachine(
  { name, dataflows }: ProductVariant,
  values: ParameterValues<ProductParameters>,
): ArrayProductMachine {
  const { operand, accumulator } = formats(values.operand, values.accumulator);
  const wordBytes = (formatBits[operand] + values.coordinateBits) / 8;
  const share = values["partialSums.share"];
  const hasSums = share > 0;
  const mapping = (dataflow: ProductDataflow, stationary: "M" | "N"): [string, ProductMapping] => [
    productMappingName({ dataflow, stationary }),
    { kind: "product", dataflow, stationary, clock: values.clock },
  ];
  const port = 8 * wordBytes;
  return {
    kind: "product",
    engine: "array",
    name,
    components: {
      dram: offChip(values.memory, values.bandwidth, values.latency),
      ...(values.stationary === "fifo"
        ? { stationaryFifo: sram({ bytes: values["fifo.bytes"], banks: 1, portBits: port, doubleBuffered: false }) }
        : {}),
      streamCache: bankedCache({
        bytes: values["cache.bytes"],
        lineBytes: values["cache.lineBytes"],
        ways: values["cache.ways"],
        banks: values["cache.banks"],
        wordBytes,
        wordsPerBank: values["cache.wordsPerBank"],
        hitCycles: values["cache.hitCycles"],
        missCycles: values["cache.hitCycles"] + values["cache.missCycles"] + Math.ceil(values.latency * values.clock),
        addressBits: 32,
      }),
      ...(hasSums
        ? {
            partialSums: partialSumStore({
              bytes: values["partialSums.bytes"] * share,
              wordBytes,
              blockWords: values["partialSums.blockWords"],
              sets: values["partialSums.sets"],
              banks: values["partialSums.banks"],
              tagBits: values["partialSums.tagBits"],
            }),
          }
        : {}),
      tree: mergeTree({
        leaves: values.multipliers,
        fifoDepth: values.mergeTurns * values.mergeWidth,
        rootWidth: values.mergeWidth,
        coordinateBits: values.coordinateBits,
        accumulator,
      }),
      multipliers: productArray({
        multipliers: values.multipliers,
        distributionWidth: values.distributionWidth,
        operand,
        coordinateBits: values.coordinateBits,
      }),
    },
    paths: {
      A: values.stationary === "fifo" ? "dram > stationaryFifo > multipliers" : "dram > streamCache > multipliers",
      B: "dram > streamCache > multipliers",
      C: hasSums ? "dram > partialSums > tree > multipliers" : "dram > tree > multipliers",
    },
    output: operand,
    mappings: Object.fromEntries(
      dataflows.flatMap((dataflow) =>
        (["M", "N"] as const)
          .filter((operand) => values.resting === "best" || values.resting === operand)
          .map((operand) => mapping(dataflow, operand)),
      ),
    ),
    control: steppedControl,
    partialSums: word(["bounded", "unbounded"], values.partialSums),
    carriedSums: word(["partialSums", "cache"], values.carriedSums),
    outputWrites: word(["timed", "untimed"], values.outputWrites),
    conversion: {
      operand: word(["A", "B"], values["conversion.operand"]),
      cyclesPerElement: values["conversion.cyclesPerElement"],
    },
    technology: values.technology,
  };
}
