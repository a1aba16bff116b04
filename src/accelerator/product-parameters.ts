// Parameters and parts that every sparse-product description shares: an array of multipliers under a tree, a cache for
// what streams, and the phases of the controller that drives them.

import type { Source } from "../base/source.ts";
import { assumed, derived, fitted, recalled, stated } from "../base/source.ts";
import { bankedCache } from "../component/banked-cache.ts";
import { formatBits } from "../component/component.ts";
import { mergeTree } from "../component/merge-tree.ts";
import { productArray } from "../component/product-array.ts";
import { sram } from "../component/sram.ts";
import type { ControlCycles } from "../dataflow/product/product.ts";
import type { ProductDataflow, ProductMapping } from "../mapping/product-mapping.ts";
import { productMappingName } from "../mapping/product-mapping.ts";
import type { ProductBasedMachine } from "../simulate/machine.ts";
import { technologyNames } from "../technology/technologies.ts";
import type { NumberParameter, ParameterTable, ParameterValues } from "./parameters.ts";
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
} from "./systolic-parameters.ts";

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

/** Parameters of a variant; SIGMA-like and the others have the same resources. */
export const productParameters = (variant: Variant) => {
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

/** What distinguishes the machines: their dataflows and whether they have a memory for partial results. */
export interface ProductVariant {
  readonly name: string;
  readonly dataflows: readonly ProductDataflow[];
  /** Share of `partialSums.bytes` that the machine has. */
  readonly partialSumShare: number;
}

/** A machine of multipliers, tree, cache and memory for partial results, from its parameters. */
export function productMachine(
  { name, dataflows, partialSumShare }: ProductVariant,
  values: ParameterValues<ProductParameters>,
): ProductBasedMachine {
  const { operand, accumulator } = formats(values.operand, values.accumulator);
  const wordBytes = (formatBits[operand] + values.coordinateBits) / 8;
  const hasSums = partialSumShare > 0;
  const mapping = (dataflow: ProductDataflow, stationary: "M" | "N"): [string, ProductMapping] => [
    productMappingName({ dataflow, stationary }),
    { kind: "product", dataflow, stationary, clock: values.clock },
  ];
  const port = 8 * wordBytes;
  return {
    kind: "product",
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
            partialSums: sram({
              bytes: values["partialSums.bytes"] * partialSumShare,
              banks: 16,
              portBits: port,
              doubleBuffered: false,
            }),
          }
        : {}),
      tree: mergeTree({
        leaves: values.multipliers,
        // A queue narrower than two turns of the root would hold the root up.
        fifoDepth: 2 * values.mergeWidth,
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
    outputWrites: word(["timed", "untimed"], values.outputWrites),
    conversion: {
      operand: word(["A", "B"], values["conversion.operand"]),
      cyclesPerElement: values["conversion.cyclesPerElement"],
    },
    technology: values.technology,
  };
}
