// Google's first Tensor Processing Unit as its paper describes it: 256 x 256 weight-stationary int8 units, weights
// streamed from DDR3 through a FIFO of four tiles, activations kept on chip in the unified buffer.

import type { Citation } from "../base/source.ts";
import { assumed, derived, recalled } from "../base/source.ts";
import { systolicGrid } from "../component/systolic-grid.ts";
import { fixedMappings } from "../mapping/grid-mapping.ts";
import { technologyNames } from "../technology/technologies.ts";
import type { GridBasedMachine } from "../simulate/machine.ts";
import type { Accelerator } from "./accelerator.ts";
import type { ParameterTable } from "./parameters.ts";
import {
  accumulatorParameter,
  bandwidthParameter,
  bytesParameter,
  clockParameter,
  dramParameter,
  edgeBuffer,
  formats,
  groupingParameter,
  latencyParameter,
  offChip,
  operandParameter,
  technologyParameter,
  unitsParameter,
  word,
} from "./systolic-parameters.ts";

const citation: Citation = {
  title: "In-Datacenter Performance Analysis of a Tensor Processing Unit",
  authors: "N. P. Jouppi et al.",
  venue: "ISCA",
  year: 2017,
  identifier: "arXiv 1704.04760",
};

const paper = "Jouppi et al., ISCA 2017, section 2";

const parameters = {
  rows: unitsParameter("rows of multiply-accumulate units", 256, recalled(paper)),
  columns: unitsParameter("columns of multiply-accumulate units", 256, recalled(paper)),
  streaming: {
    kind: "choice",
    default: "fit",
    choices: ["whole", "fit", "best"],
    description: "vectors in blocks that fit the accumulators, or all at once",
    source: derived("the matrix unit writes to the accumulators and nowhere else: larger layers are cut to fit"),
  },
  grouping: groupingParameter,
  operand: operandParameter("int8", recalled(paper)),
  accumulator: accumulatorParameter("int32", recalled(paper)),
  clock: clockParameter("clock of the matrix unit", 700e6, recalled("700 MHz, table 2")),
  "buffers.unified": bytesParameter(
    "unified buffer: activations, on chip between layers",
    24 * 2 ** 20,
    recalled("24 MiB"),
  ),
  "buffers.accumulators": bytesParameter(
    "accumulators: 4096 rows of 256 32-bit sums, in two halves",
    4 * 2 ** 20,
    recalled("4 MiB, double buffered"),
  ),
  "buffers.weights": bytesParameter("weight FIFO: four tiles of 64 KiB", 4 * 2 ** 16, recalled("four tiles deep")),
  bandwidth: bandwidthParameter(34e9, recalled("34 GB/s of DDR3 weight memory, table 2")),
  latency: latencyParameter(100e-9, assumed("a DDR3 access; the paper states none")),
  memory: dramParameter("DDR3", recalled("8 GiB of DDR3-2133")),
  technology: technologyParameter("28nm", technologyNames(), recalled("28 nm, table 2")),
} as const satisfies ParameterTable;

export const tpuV1: Accelerator<typeof parameters, GridBasedMachine> = {
  name: "tpu-v1",
  title: "TPU v1",
  summary:
    "256 x 256 weight-stationary int8 array at 700 MHz; weights from DDR3, activations stay in the unified buffer.",
  citation,
  parameters,
  multipliers: ["rows", "columns"],
  build: (values) => {
    const { operand, accumulator } = formats(values.operand, values.accumulator);
    return {
      name: "tpu-v1",
      components: {
        weightMemory: offChip(values.memory, values.bandwidth, values.latency),
        weightFifo: edgeBuffer(values["buffers.weights"], values.columns, operand),
        unifiedBuffer: { ...edgeBuffer(values["buffers.unified"], values.rows, operand), doubleBuffered: false },
        accumulators: edgeBuffer(values["buffers.accumulators"], values.columns, accumulator),
        grid: systolicGrid({
          rows: values.rows,
          columns: values.columns,
          operand,
          accumulator,
          preload: "hidden",
          unitAreaFactor: 1,
        }),
      },
      paths: {
        A: "weightMemory > weightFifo > grid",
        B: "unifiedBuffer > grid",
        C: "unifiedBuffer > accumulators > grid",
      },
      output: operand,
      mappings: fixedMappings(
        "weight-stationary",
        values.streaming,
        values.clock,
        word(["per-group", "block-diagonal"], values.grouping),
      ),
      technology: values.technology,
    };
  },
};
