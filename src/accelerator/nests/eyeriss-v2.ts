// Eyeriss v2: clusters of processing elements that skip zero inputs and zero weights, on a network whose ports grow with
// the clusters; and what its authors compare it with, the same resources with dense elements and on a flat network.

import type { Citation, Source } from "../../base/source.ts";
import { assumed, derived, recalled, stated } from "../../base/source.ts";
import { formatBits } from "../../component/component.ts";
import { registerFile } from "../../component/memory/register-file.ts";
import type { Sram } from "../../component/memory/sram.ts";
import { sram } from "../../component/memory/sram.ts";
import { unitArray } from "../../component/unit-array.ts";
import type { NestBasedMachine } from "../../simulate/machine.ts";
import { technologyNames } from "../../technology/technologies.ts";
import type { Accelerator } from "../accelerator.ts";
import { eyerissMeshClaims, eyerissV2Claims } from "./eyeriss-v2-claims.ts";
import type { ChoiceParameter, NumberParameter, ParameterTable, ParameterValues } from "../parameters.ts";
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
  title: "Eyeriss v2: A Flexible Accelerator for Emerging Deep Neural Networks on Mobile Devices",
  authors: "Y.-H. Chen, T.-J. Yang, J. S. Emer, V. Sze",
  venue: "IEEE Journal on Emerging and Selected Topics in Circuits and Systems 9(2)",
  year: 2019,
  identifier: "doi 10.1109/JETCAS.2019.2910232, arXiv 1807.07928",
};

const paper = "Chen et al., JETCAS 2019";
const sameStorage = "the same elements and storage as the newer machine (stated); their split is its own";
const sameArray = `12 x 16, the chip's 12 rows; 192 elements are stated, ${paper}`;
const flat = "the chip's buses: one input, four weights and four sums a cycle (recalled, medium confidence), of 8 bits";
const denseElement = "the bits of the sparse element's scratchpad, as plain words";

type Sourced = readonly [value: number, source: Source];

/** What the machines differ in. */
interface Variant {
  readonly clusterRows: Sourced;
  readonly clusterColumns: Sourced;
  readonly rows: Sourced;
  readonly columns: Sourced;
  readonly lanes: Sourced;
  readonly filters: Sourced;
  readonly inputs: Sourced;
  readonly bufferInputs: Sourced;
  readonly bufferOutputs: Sourced;
  readonly bankInputs: Sourced;
  readonly bankOutputs: Sourced;
  readonly bankInputBits: Sourced;
  readonly bankOutputBits: Sourced;
  readonly queue: Sourced;
  readonly portInputs: Sourced;
  readonly portWeights: Sourced;
  readonly portOutputs: Sourced;
  readonly zeros: readonly [value: "skipped" | "gated", source: Source];
}

const bits = (description: string, [value, source]: Sourced): NumberParameter => ({
  kind: "integer",
  default: value,
  minimum: 1,
  maximum: 2 ** 16,
  unit: "",
  description,
  source,
  resource: true,
});

const choice = (
  description: string,
  [value, source]: readonly [string, Source],
  choices: readonly string[],
): ChoiceParameter => ({ kind: "choice", default: value, choices, description, source });

const parametersOf = (variant: Variant) =>
  ({
    "clusters.rows": unitsParameter("rows of clusters of elements and memories", ...variant.clusterRows),
    "clusters.columns": unitsParameter("columns of clusters", ...variant.clusterColumns),
    "array.rows": unitsParameter("rows of processing elements of a cluster", ...variant.rows),
    "array.columns": unitsParameter("columns of processing elements of a cluster", ...variant.columns),
    "array.lanes": unitsParameter("weights that an element multiplies by the same input in a cycle", ...variant.lanes),
    "registers.filters": bytesParameter("weights that an element holds, without their counts", ...variant.filters),
    "registers.inputs": bytesParameter("inputs that an element holds, without their counts", ...variant.inputs),
    "registers.outputs": bytesParameter(
      "sums that an element holds",
      80,
      stated(`32 words of 20 bits, ${paper}; the other machines': the same storage`),
    ),
    "buffer.inputs": bytesParameter("memory of a cluster for inputs", ...variant.bufferInputs),
    "buffer.outputs": bytesParameter("memory of a cluster for sums", ...variant.bufferOutputs),
    "bank.inputs": bytesParameter("bytes of a bank for inputs", ...variant.bankInputs),
    "bank.outputs": bytesParameter("bytes of a bank for sums", ...variant.bankOutputs),
    "bank.inputs.bits": bits("bits that a bank for inputs serves in a cycle", variant.bankInputBits),
    "bank.outputs.bits": bits("bits that a bank for sums serves in a cycle", variant.bankOutputBits),
    "queue.weights": bytesParameter("what a cluster keeps of weights on their way past its memory", ...variant.queue),
    "port.inputs": bits("bits of inputs that a cluster's network takes from its memory in a cycle", variant.portInputs),
    "port.weights": bits("bits of weights that a cluster's network takes in a cycle", variant.portWeights),
    "port.outputs": bits("bits of sums that a cluster's network moves in a cycle, each way", variant.portOutputs),
    zeros: choice("what an element makes of a zero input, and of a zero weight if it skips them", variant.zeros, [
      "skipped",
      "gated",
    ]),
    barrier: choice(
      "elements wait for each other when a tile of their scratchpads is done, or one of their clusters' memories",
      ["scratchpads", assumed("a word goes to several elements at once, and only when all of them have room")],
      ["scratchpads", "buffer"],
    ),
    operand: operandParameter("int8", stated(`8-bit weights and inputs, ${paper}; the other machines': assumed equal`)),
    accumulator: accumulatorParameter("int32", derived("20 bits in memory; wider sums are exact here")),
    "partialSum.bits": bits("bits of a partial sum in memory", [20, stated(paper)]),
    clock: clockParameter("clock of the array", 200e6, recalled(`200 MHz, ${paper}`)),
    bandwidth: bandwidthParameter(25.6e9, stated(`the memory that the authors discuss, ${paper}`)),
    latency: latencyParameter(0, assumed("not stated")),
    memory: dramParameter("DDR4", assumed("25.6 GB/s is a module of DDR4; the published figures leave the memory out")),
    technology: technologyParameter("65nm", technologyNames(), stated(`65 nm, ${paper}`)),
    search: {
      kind: "integer",
      default: 20_000,
      minimum: 1,
      maximum: 2 ** 24,
      unit: "",
      description: "moves of each of the 16 runs of the search for a layer",
      source: assumed("as for other machines of loop nests"),
    },
  }) as const satisfies ParameterTable;

type EyerissV2Parameters = ReturnType<typeof parametersOf>;

const mesh = {
  clusterRows: [8, stated(`16 clusters, 8 x 2, ${paper}`)],
  clusterColumns: [2, stated(`16 clusters, 8 x 2, ${paper}`)],
  rows: [3, stated(`3 x 4 elements in a cluster, ${paper}`)],
  columns: [4, stated(`3 x 4 elements in a cluster, ${paper}`)],
  bufferInputs: [3 * 1536, stated(`3 banks of 1.5 KB, ${paper}`)],
  bufferOutputs: [4 * 1920, stated(`4 banks of 1.875 KB, ${paper}`)],
  bankInputs: [1536, stated(paper)],
  bankOutputs: [1920, stated(paper)],
  bankInputBits: [24, stated(`ports of 24 bits, ${paper}`)],
  bankOutputBits: [40, stated(`ports of 40 bits, ${paper}`)],
  queue: [12 * 288, assumed("weights pass the memory (stated): no more than the elements below hold")],
  portInputs: [3 * 24, stated(`3 routers of 24 bits, ${paper}`)],
  portWeights: [3 * 24, stated(`3 routers of 24 bits, ${paper}`)],
  portOutputs: [4 * 40, stated(`4 routers of 40 bits, ${paper}`)],
} as const;

const dense = {
  lanes: [1, stated(`pairs of multiplications came with the sparse element, ${paper}`)],
  filters: [288, derived(denseElement)],
  inputs: [24, derived(denseElement)],
  zeros: ["gated", stated("the chip's elements wait at zero inputs; Chen et al., JSSC 2017")],
} as const;

const sparseMesh: Variant = {
  ...mesh,
  lanes: [2, stated(`two weights of a column a cycle, ${paper}`)],
  filters: [192, stated(`96 words of two weights of 8 + 4 bits, ${paper}`)],
  inputs: [16, stated(`16 words of 8 + 4 bits, ${paper}`)],
  zeros: ["skipped", stated(`compressed columns, ${paper}`)],
};

const denseMesh: Variant = { ...mesh, ...dense };

const denseFlat: Variant = {
  ...dense,
  clusterRows: [1, stated(`a flat network, ${paper}`)],
  clusterColumns: [1, stated(`a flat network, ${paper}`)],
  rows: [12, assumed(sameArray)],
  columns: [16, assumed(sameArray)],
  bufferInputs: [16 * 3 * 1536, assumed(sameStorage)],
  bufferOutputs: [16 * 4 * 1920, assumed(sameStorage)],
  bankInputs: [4096, stated("25 banks of 4 KB; Chen et al., JSSC 2017")],
  bankOutputs: [4096, stated("25 banks of 4 KB; Chen et al., JSSC 2017")],
  bankInputBits: [64, stated("accesses of 64 bits in the tables of Accelergy-Project/micro22-sparseloop-artifact")],
  bankOutputBits: [64, stated("accesses of 64 bits in the tables of Accelergy-Project/micro22-sparseloop-artifact")],
  queue: [8 * 1024, stated("8 KB that let weights through; Chen et al., JSSC 2017")],
  portInputs: [8, recalled(flat)],
  portWeights: [4 * 8, recalled(flat)],
  portOutputs: [4 * 20, recalled(flat)],
};

function build(name: string, values: ParameterValues<EyerissV2Parameters>): NestBasedMachine {
  const { operand, accumulator } = formats(values.operand, values.accumulator);
  const clusters = values["clusters.rows"] * values["clusters.columns"];
  const rows = values["array.rows"];
  const columns = values["array.columns"];
  const lanes = values["array.lanes"];
  const units = clusters * rows * columns;
  const wordBits = formatBits[operand];
  const sumBits = values["partialSum.bits"];
  const sparse = word(["skipped", "gated"], values.zeros) === "skipped";
  const countBits = 4;
  const stored = { kind: "run-length", runBits: countBits } as const;
  const banked = (bytes: number, bankBytes: number, portBits: number, limits: NonNullable<Sram["limits"]>) => {
    const banks = Math.max(1, Math.ceil(bytes / bankBytes));
    return sram({ bytes, banks, portBits, limits, instances: clusters, doubleBuffered: false });
  };
  // Queues at its ports let an element work while words come and go.
  const scratchpad = (bytes: number, portBits: number, ports: number) =>
    registerFile({ bytes, wordBits: portBits, ports, instances: units, transfers: "queued" });
  const pairBits = wordBits + (sparse ? countBits : 0);
  return {
    kind: "nest",
    name,
    components: {
      dram: offChip(values.memory, values.bandwidth, values.latency),
      weightQueues: registerFile({
        bytes: values["queue.weights"],
        wordBits: values["port.weights"],
        ports: 1,
        instances: clusters,
        transfers: "queued",
      }),
      inputBuffers: banked(values["buffer.inputs"], values["bank.inputs"], values["bank.inputs.bits"], {
        readBits: values["port.inputs"],
      }),
      sumBuffers: banked(values["buffer.outputs"], values["bank.outputs"], values["bank.outputs.bits"], {
        readBits: values["port.outputs"],
        writeBits: values["port.outputs"],
      }),
      filterScratchpads: scratchpad(values["registers.filters"], lanes * pairBits, 1),
      inputScratchpads: scratchpad(values["registers.inputs"], pairBits, 1),
      sumScratchpads: scratchpad(values["registers.outputs"], sumBits, lanes),
      array: unitArray({
        rows: rows * values["clusters.rows"],
        columns: columns * values["clusters.columns"],
        lanes,
        operand,
        accumulator,
        adders: units,
        registerBytes: values["registers.filters"] + values["registers.inputs"] + values["registers.outputs"],
      }),
    },
    levels: [
      {
        name: "dram",
        memories: ["dram"],
        // Sums of clusters that share a result meet on their vertical network.
        axes: [{ name: "clusters", units: clusters, reduction: "chain", multicast: true }],
      },
      {
        name: "buffer",
        memories: ["weightQueues", "inputBuffers", "sumBuffers"],
        keeps: ["A", "B", "C"],
        axes: [
          { name: "rows", units: rows, reduction: "chain", multicast: true },
          { name: "columns", units: columns, reduction: "none", multicast: true },
        ],
      },
      {
        name: "scratchpads",
        memories: ["filterScratchpads", "inputScratchpads", "sumScratchpads"],
        keeps: ["A", "B", "C"],
        // Weights of one column, which are those of one input.
        axes: [{ name: "lanes", units: lanes, dimensions: ["M"], reduction: "none", multicast: true }],
      },
    ],
    arrayBelow: "buffer",
    paths: {
      A: "dram > weightQueues > filterScratchpads > array",
      B: "dram > inputBuffers > inputScratchpads > array",
      C: "dram > sumBuffers > sumScratchpads > array",
    },
    output: operand,
    zeros: sparse
      ? {
          // Values of 8 bits with counts of 4; where that takes more, plain words.
          formats: { dram: { A: stored, B: stored, C: stored }, buffer: { A: stored, B: stored } },
          gated: [],
          skipped: { leaders: ["A", "B"], barrier: values.barrier },
        }
      : { formats: { dram: { B: stored, C: stored } }, gated: ["B"] },
    partialSumBytes: sumBits / 8,
    mappings: {
      "row-stationary": { kind: "nest", dataflow: "row-stationary", clock: values.clock, moves: values.search },
    },
    technology: values.technology,
  };
}

const describe = (
  described: Pick<Accelerator, "name" | "title" | "summary" | "claims">,
  variant: Variant,
): Accelerator<EyerissV2Parameters, NestBasedMachine> => ({
  ...described,
  citation,
  parameters: parametersOf(variant),
  multipliers: ["clusters.rows", "clusters.columns", "array.rows", "array.columns", "array.lanes"],
  build: (values) => build(described.name, values),
});

export const eyerissV2 = describe(
  {
    name: "eyeriss-v2",
    title: "Eyeriss v2",
    summary:
      "16 clusters of 3 x 4 processing elements that skip zeros of both operands, hierarchical mesh, 8 bits, 65 nm.",
    claims: { rival: "eyeriss-v1-scaled", list: eyerissV2Claims, slow: true },
  },
  sparseMesh,
);

export const eyerissV15 = describe(
  {
    name: "eyeriss-v1.5",
    title: "Eyeriss v1.5",
    summary: "The mesh, elements and memories of Eyeriss v2 without its sparse elements: zero inputs are gated.",
    claims: { rival: "eyeriss-v1-scaled", list: eyerissMeshClaims, slow: true },
  },
  denseMesh,
);

export const eyerissV1Scaled = describe(
  {
    name: "eyeriss-v1-scaled",
    title: "Eyeriss v1, scaled",
    summary:
      "As many dense processing elements and as much storage as Eyeriss v2, on the flat network of the first chip.",
  },
  denseFlat,
);
