// FlexNN: an array of processing elements whose dataflow is data, a schedule per layer; and the machines that it must
// beat, which are the same array held to one dataflow each.

import type { Citation } from "../../base/source.ts";
import { assumed, derived, recalled, stated } from "../../base/source.ts";
import { formatBits } from "../../component/component.ts";
import type { ReductionNetwork } from "../../component/reduction-tree.ts";
import { levelsFor, reductionTree } from "../../component/reduction-tree.ts";
import { layoutDrain } from "../../component/layout-drain.ts";
import { registerFile } from "../../component/memory/register-file.ts";
import { sram } from "../../component/memory/sram.ts";
import type { RoundBarrier } from "../../component/sparse-lanes/sparse-lanes.ts";
import { widestBank } from "../../component/sparse-lanes/sparse-lanes.ts";
import { zeroSkipping } from "../../component/zero-skipping.ts";
import { unitArray } from "../../component/unit-array.ts";
import type { DataflowName, NestMapping } from "../../mapping/nest/nest-mapping.ts";
import { dataflowNames } from "../../mapping/nest/nest-mapping.ts";
import type { NestBasedMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { Accelerator } from "../accelerator.ts";
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

const citation: Citation = {
  title: "FlexNN: A Dataflow-aware Flexible Deep Learning Accelerator for Energy-Efficient Edge Devices",
  authors: "A. Raha et al.",
  venue: "arXiv 2403.09026; Frontiers in High Performance Computing 3",
  year: 2025,
  identifier: "doi 10.3389/fhpcp.2025.1570210",
};

const rtl = "a third-party SystemVerilog re-implementation of the paper's figures 4 to 6";
const silent = "no figure of the publication was at hand";

const count = (description: string, value: number, source: NumberParameter["source"]): NumberParameter => ({
  kind: "integer",
  default: value,
  minimum: 1,
  maximum: 2 ** 24,
  unit: "",
  description,
  source,
  resource: true,
});

/** The array of FlexNN and its memories; the machines held to one dataflow have the same. */
export const arrayParameters = {
  "array.rows": unitsParameter(
    "rows of processing elements",
    16,
    recalled("16 x 16 in the product of the same team; medium confidence"),
  ),
  "array.columns": unitsParameter(
    "columns of processing elements",
    16,
    recalled("16 x 16 in the product of the same team; medium confidence"),
  ),
  "array.lanes": unitsParameter(
    "multipliers of a processing element",
    4,
    stated(`4, ${rtl}; the same team's product has 8 (recalled, medium confidence)`),
  ),
  "registers.inputs": bytesParameter(
    "register file for inputs of a processing element, in two halves",
    64,
    stated(`4 sub-banks of 8 bytes, double-buffered, ${rtl}`),
  ),
  "registers.filters": bytesParameter(
    "register file for weights of a processing element, in two halves",
    64,
    stated(`4 sub-banks of 8 bytes, double-buffered, ${rtl}`),
  ),
  "registers.outputs": bytesParameter(
    "register file for results of a processing element, in two halves",
    256,
    stated(`4 lanes of 8 sums of 32 bits, double-buffered, ${rtl}`),
  ),
  "buffer.bytes": bytesParameter("memory that the array shares, in two halves", 2 ** 20, assumed(silent)),
  "buffer.bytesPerCycle": count("bytes that the shared memory reads in a cycle, and writes", 256, assumed(silent)),
  operand: operandParameter("int8", stated(`8-bit operands, ${rtl}`)),
  accumulator: accumulatorParameter("int32", stated(`32-bit accumulators, ${rtl}`)),
  clock: clockParameter("clock of the array", 1e9, assumed(silent)),
  bandwidth: bandwidthParameter(64e9, assumed(silent)),
  latency: latencyParameter(0, assumed("schedules are known ahead, so that every transfer is requested early")),
  memory: dramParameter("LPDDR4", assumed("an accelerator for edge devices")),
  technology: technologyParameter("28nm", technologyNames(), assumed(silent)),
  sparsity: {
    kind: "choice",
    default: "both",
    choices: ["none", "weights", "inputs", "both"],
    description: "operands whose zeros the lanes skip",
    source: stated("skips a multiplication if either operand is zero, abstract of arXiv 2403.09026"),
  },
  barrier: {
    kind: "choice",
    default: "pe",
    choices: ["lane", "pe", "column", "array"],
    description: "who ends a round together: the lanes of an element, or all elements of a column or of the array",
    source: stated(`the round ends when no lane of an element has work, ${rtl}; what waits beyond it is not stated`),
  },
  "barrier.rounds": {
    ...count("rounds after which a column or the array waits", 16, assumed(silent)),
    resource: false,
  },
  tree: {
    kind: "choice",
    default: "variable",
    choices: ["variable", "fixed", "chain"],
    description:
      "what adds sums of the elements of a column: a tree with a tap at every level, one of all levels, or a chain of neighbours",
    source: stated("an adder tree outside the elements whose depth is set for each layer (FlexTree), US 12,147,836"),
  },
  drain: {
    kind: "choice",
    default: "reordering",
    choices: ["reordering", "plain"],
    description: "whether results are laid out for the next layer on their way, or lie in the order in which they left",
    source: stated("the drain reorders outputs for the next layer's schedule, US 11,907,827 and US 12,288,153"),
  },
  compression: {
    kind: "choice",
    default: "zvc",
    choices: ["none", "zvc"],
    description:
      "storage of weights and inputs in every memory: packed non-zeros with a bit for each element, or all words",
    source: stated("zero-value compression with a bitmap, US 11,804,851 and US 12,229,673"),
  },
  "search.each": {
    ...count(
      "moves of each of the 16 runs of the search for a layer in one of the classic dataflows",
      2500,
      derived("of 120 searches eight times as long, 15 ended more than 1 % lower and 3 more than 1 % higher"),
    ),
    resource: true,
  },
} as const satisfies ParameterTable;

const flexnnParameters = {
  ...arrayParameters,
  search: {
    ...count(
      "moves of each of the 16 runs of the search for a layer among all schedules",
      30_000,
      derived("energy-delay of each layer of ResNet-50 within 1 % of far longer searches"),
    ),
    resource: false,
  },
} as const satisfies ParameterTable;

function build(
  name: string,
  mappings: NestBasedMachine["mappings"],
  values: ParameterValues<typeof arrayParameters>,
): NestBasedMachine {
  const { operand, accumulator } = formats(values.operand, values.accumulator);
  const rows = values["array.rows"];
  const columns = values["array.columns"];
  const lanes = values["array.lanes"];
  const units = rows * columns;
  const port = 128;
  const packed = { kind: "zvc", block: 32 } as const;
  // A bank is a lane's share of half a register file.
  const bankBits = Math.max(1, Math.min(widestBank, Math.floor(values["registers.inputs"] / 2 / lanes)));
  const registers = (bytes: number, wordBits: number) =>
    registerFile({ bytes, wordBits, ports: lanes, instances: units, transfers: "halves" });
  return {
    kind: "nest",
    name,
    components: {
      dram: offChip(values.memory, values.bandwidth, values.latency),
      buffer: sram({
        bytes: values["buffer.bytes"],
        banks: Math.max(1, Math.ceil((8 * values["buffer.bytesPerCycle"]) / port)),
        portBits: port,
        doubleBuffered: true,
      }),
      filterRegisters: registers(values["registers.filters"], formatBits[operand]),
      inputRegisters: registers(values["registers.inputs"], formatBits[operand]),
      outputRegisters: registers(values["registers.outputs"], formatBits[accumulator]),
      accumulators: registerFile({
        bytes: formatBits[accumulator] / 8,
        wordBits: formatBits[accumulator],
        ports: 1,
        instances: units * lanes,
        transfers: "exclusive",
      }),
      zeroSkipping: zeroSkipping({
        lanes: units * lanes,
        bankBits,
        banks: 1,
        sparsity: word(["none", "weights", "inputs", "both"], values.sparsity),
        barrier: barrierOf(values.barrier, values["barrier.rounds"]),
      }),
      array: unitArray({
        rows,
        columns,
        lanes,
        registerBytes: values["registers.filters"] + values["registers.inputs"] + values["registers.outputs"],
        operand,
        accumulator,
        // A tree over the lanes of each element.
        adders: units * (lanes - 1),
      }),
      reductionTree: reductionTree({
        units: rows,
        network: networkOf(values.tree, rows),
        accumulator,
        instances: columns,
      }),
      drain: layoutDrain({
        width: columns,
        wordElements: Math.max(1, Math.floor(port / formatBits[operand])),
        elementBits: formatBits[operand],
        reorders: values.drain === "reordering",
      }),
    },
    zeros: {
      formats:
        values.compression === "zvc"
          ? Object.fromEntries(["dram", "buffer", "registers"].map((level) => [level, { A: packed, B: packed }]))
          : {},
      gated: [],
      skipping: {
        component: "zeroSkipping",
        lanes: { level: 2, axis: "lanes" },
        columns: { level: 1, axis: "columns" },
        // Halves of registers and buffers of columns let elements run ahead of each other between the barriers asked for.
        joins: "buffer",
      },
    },
    levels: [
      { name: "dram", memories: ["dram"], axes: [] },
      {
        name: "buffer",
        memories: ["buffer"],
        axes: [
          { name: "rows", units: rows, reduction: values.tree === "chain" ? "chain" : "tree", multicast: true },
          { name: "columns", units: columns, reduction: "none", multicast: true },
        ],
      },
      {
        name: "registers",
        memories: ["filterRegisters", "inputRegisters", "outputRegisters"],
        // Multipliers read nothing but registers.
        keeps: ["A", "B"],
        // Lanes share an output and split its channels (VxV), or share inputs and have an output channel each (MxM);
        // without channels to sum, groups take their place.
        axes: [{ name: "lanes", units: lanes, dimensions: ["C", "K", "M", "G"], reduction: "tree", multicast: true }],
      },
      { name: "lanes", memories: ["accumulators"], keeps: ["C"], axes: [] },
    ],
    reduction: { component: "reductionTree", level: 1, axis: "rows" },
    drain: { component: "drain", memory: "buffer" },
    arrayBelow: "buffer",
    paths: {
      A: "dram > buffer > filterRegisters > array",
      B: "dram > buffer > inputRegisters > array",
      C: "dram > buffer > outputRegisters > accumulators > array",
    },
    output: operand,
    mappings,
    technology: values.technology,
  };
}

/** The search in one of the classic dataflows. */
const oneDataflow = (
  dataflow: Exclude<DataflowName, "any">,
  values: ParameterValues<typeof arrayParameters>,
): NestMapping => ({ kind: "nest", dataflow, clock: values.clock, moves: values["search.each"] });

const fixedNames = dataflowNames.filter((name) => name !== "any");

/** The searches in each of them; a line of elements is no array and has none. */
const inEachDataflow = (values: ParameterValues<typeof arrayParameters>): NestBasedMachine["mappings"] =>
  values["array.rows"] > 1 && values["array.columns"] > 1
    ? Object.fromEntries(fixedNames.map((name) => [name, oneDataflow(name, values)]))
    : {};

function networkOf(tree: string, rows: number): ReductionNetwork {
  const shape = word(["variable", "fixed", "chain"], tree);
  return shape === "fixed" ? { shape, depth: levelsFor(rows) } : { shape };
}

function barrierOf(scope: string, rounds: number): RoundBarrier {
  const checked = word(["lane", "pe", "column", "array"], scope);
  return checked === "column" || checked === "array" ? { scope: checked, rounds } : { scope: checked };
}

export const flexnn: Accelerator<typeof flexnnParameters, NestBasedMachine> = {
  name: "flexnn",
  title: "FlexNN",
  summary:
    "16 x 16 processing elements of 4 lanes whose dataflow is a schedule, searched for each layer: among all schedules, and in each classic dataflow.",
  citation,
  parameters: flexnnParameters,
  multipliers: ["array.rows", "array.columns", "array.lanes"],
  build: (values) =>
    build(
      "flexnn",
      {
        search: { kind: "nest", dataflow: "any", clock: values.clock, moves: values.search },
        ...inEachDataflow(values),
      },
      values,
    ),
};

const fixedTitles: Readonly<Record<Exclude<DataflowName, "any">, string>> = {
  "weight-stationary": "weights rest, as in a TPU",
  "output-stationary": "results rest, as in ShiDianNao",
  "input-stationary": "inputs rest, as in SCNN",
  "row-stationary": "rows of filters and inputs rest, as in Eyeriss",
  "no-local-reuse": "nothing rests but in the shared memory, as in DianNao",
};

/** What a machine of one dataflow lacks. */
const fixedParameters = {
  ...arrayParameters,
  drain: {
    ...arrayParameters.drain,
    default: "plain",
    source: assumed("a machine of one dataflow leaves every layer's results in the same order"),
  },
} as const satisfies ParameterTable;

/** FlexNN's own array held to one dataflow each. */
export const fixedDataflows: readonly Accelerator<typeof fixedParameters, NestBasedMachine>[] = fixedNames.map(
  (dataflow) => ({
    name: `fixed-${dataflow}`,
    title: `FlexNN's array, ${dataflow} only`,
    summary: `The array and memories of FlexNN with one dataflow: ${fixedTitles[dataflow]}; the best schedule of it for each layer.`,
    citation,
    parameters: fixedParameters,
    multipliers: ["array.rows", "array.columns", "array.lanes"],
    build: (values) => build(`fixed-${dataflow}`, { [dataflow]: oneDataflow(dataflow, values) }, values),
  }),
);
