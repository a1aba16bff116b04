// Eyeriss: 12 x 14 processing elements with scratchpads around a row-stationary dataflow; the chip, with its published
// figures.

import type { Citation } from "../../base/source.ts";
import { assumed, derived, stated } from "../../base/source.ts";
import { formatBits } from "../../component/component.ts";
import { registerFile } from "../../component/memory/register-file.ts";
import { sram } from "../../component/memory/sram.ts";
import { unitArray } from "../../component/unit-array.ts";
import type { NestBasedMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { Accelerator } from "../accelerator.ts";
import { eyerissClaims } from "./eyeriss-claims.ts";
import type { ParameterTable } from "../parameters.ts";
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
} from "../systolic-parameters.ts";

const citation: Citation = {
  title: "Eyeriss: An Energy-Efficient Reconfigurable Accelerator for Deep Convolutional Neural Networks",
  authors: "Y.-H. Chen, T. Krishna, J. S. Emer, V. Sze",
  venue: "IEEE Journal of Solid-State Circuits 52(1)",
  year: 2017,
  identifier: "doi 10.1109/JSSC.2016.2616357",
};

const table = "Chen et al., JSSC 2017, table of the chip";

const parameters = {
  "array.rows": unitsParameter("rows of processing elements", 12, stated(table)),
  "array.columns": unitsParameter("columns of processing elements", 14, stated(table)),
  "registers.filters": bytesParameter(
    "scratchpad for weights of a processing element",
    448,
    stated(`224 words, ${table}`),
  ),
  "registers.inputs": bytesParameter("scratchpad for inputs of a processing element", 24, stated(`12 words, ${table}`)),
  "registers.outputs": bytesParameter("scratchpad for sums of a processing element", 48, stated(`24 words, ${table}`)),
  "buffer.bytes": bytesParameter(
    "shared memory for inputs and partial sums",
    100 * 1024,
    stated("25 banks of 4 KB; the chip's other 8 KB let weights through, of which nothing is kept"),
  ),
  operand: operandParameter("int16", stated(`16-bit fixed point, ${table}`)),
  accumulator: accumulatorParameter("int32", derived("partial sums are kept with 16 bits; wider sums are exact here")),
  "partialSum.bytes": bytesParameter(
    "bytes of a partial sum in memory",
    2,
    stated("24 words in 48 bytes, 16 bits each"),
  ),
  clock: clockParameter("clock of the array", 200e6, stated("200 MHz, the published figures' clock")),
  bandwidth: bandwidthParameter(720e6, derived("a link of 64 bits (recalled) at 90 MHz, its highest clock (stated)")),
  latency: latencyParameter(0, assumed("not stated")),
  memory: dramParameter("DDR3", assumed("the chip's figures leave the memory out")),
  technology: technologyParameter("65nm", technologyNames(), stated("TSMC 65 nm LP")),
  search: {
    kind: "integer",
    default: 20_000,
    minimum: 1,
    maximum: 2 ** 24,
    unit: "",
    description: "moves of each of the 16 runs of the search for a layer",
    source: derived("within 1 % of longer searches"),
  },
} as const satisfies ParameterTable;

export const eyeriss: Accelerator<typeof parameters, NestBasedMachine> = {
  name: "eyeriss",
  title: "Eyeriss",
  summary: "12 x 14 processing elements with scratchpads and 100 KB of shared memory, row stationary, 16 bits, 65 nm.",
  citation,
  parameters,
  multipliers: ["array.rows", "array.columns"],
  claims: { rival: "eyeriss", list: eyerissClaims },
  build: (values) => {
    const { operand, accumulator } = formats(values.operand, values.accumulator);
    const units = values["array.rows"] * values["array.columns"];
    const word = formatBits[operand];
    const sumBits = 8 * values["partialSum.bytes"];
    // Queues at its ports let a unit work while words come and go (recalled).
    const scratchpad = (bytes: number, wordBits: number) =>
      registerFile({ bytes, wordBits, ports: 1, instances: units, transfers: "queued" });
    return {
      kind: "nest",
      name: "eyeriss",
      components: {
        dram: offChip(values.memory, values.bandwidth, values.latency),
        buffer: sram({
          bytes: values["buffer.bytes"],
          banks: Math.max(1, Math.floor(values["buffer.bytes"] / 4096)),
          portBits: 64,
          doubleBuffered: false,
        }),
        filterScratchpads: scratchpad(values["registers.filters"], word),
        inputScratchpads: scratchpad(values["registers.inputs"], word),
        sumScratchpads: scratchpad(values["registers.outputs"], sumBits),
        array: unitArray({
          rows: values["array.rows"],
          columns: values["array.columns"],
          lanes: 1,
          operand,
          accumulator,
          adders: units,
          registerBytes: values["registers.filters"] + values["registers.inputs"] + values["registers.outputs"],
        }),
      },
      levels: [
        { name: "dram", memories: ["dram"], axes: [] },
        {
          name: "buffer",
          memories: ["buffer"],
          axes: [
            { name: "rows", units: values["array.rows"], reduction: "chain", multicast: true },
            { name: "columns", units: values["array.columns"], reduction: "none", multicast: true },
          ],
        },
        {
          name: "scratchpads",
          memories: ["filterScratchpads", "inputScratchpads", "sumScratchpads"],
          keeps: ["A", "B", "C"],
          axes: [],
        },
      ],
      arrayBelow: "buffer",
      paths: {
        A: "dram > filterScratchpads > array",
        B: "dram > buffer > inputScratchpads > array",
        C: "dram > buffer > sumScratchpads > array",
      },
      output: operand,
      zeros: {
        // Runs of up to 31 zeros before each word; 64 bits hold three such pairs and a flag, which is 1.6 % more.
        formats: { dram: { B: { kind: "run-length", runBits: 5 }, C: { kind: "run-length", runBits: 5 } } },
        gated: ["B"],
      },
      partialSumBytes: values["partialSum.bytes"],
      mappings: {
        "row-stationary": {
          kind: "nest",
          dataflow: "row-stationary",
          clock: values.clock,
          moves: values.search,
        },
      },
      technology: values.technology,
    };
  },
};
