// A systolic array of any size, dataflow and precision; by default the fixed-pipeline array that ArrayFlex is measured
// against, so that the two compare as in the paper.

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

const paper = "ArrayFlex, DATE 2023, evaluation set-up";
const silent = "the paper times the array alone and states no memory";

const parameters = {
  rows: unitsParameter("rows of multiply-accumulate units", 128, recalled(paper)),
  columns: unitsParameter("columns of multiply-accumulate units", 128, recalled(paper)),
  dataflow: {
    kind: "choice",
    default: "weight-stationary",
    choices: ["weight-stationary", "input-stationary", "output-stationary", "best"],
    description: "operand that rests in the units; `best` chooses layer by layer",
    source: recalled(paper),
  },
  streaming: {
    kind: "choice",
    default: "whole",
    choices: ["whole", "fit", "best"],
    description: "stream all vectors through a tile at once, or in blocks whose partial sums stay on chip",
    source: recalled("tile latency 2R + C + T - 2 with T the whole layer, ArrayFlex, DATE 2023"),
  },
  preload: {
    kind: "choice",
    default: "exposed",
    choices: ["exposed", "hidden"],
    description: "whether loading a stationary tile overlaps the tile before it",
    source: recalled("the pre-load of R cycles a tile is part of the latency, ArrayFlex, DATE 2023"),
  },
  grouping: groupingParameter,
  operand: operandParameter("int32", recalled("32-bit operands, ArrayFlex, DATE 2023")),
  accumulator: accumulatorParameter("int64", recalled("64-bit accumulation, ArrayFlex, DATE 2023")),
  clock: clockParameter("clock of the array", 2e9, recalled("2 GHz conventional array at 28 nm, ArrayFlex, DATE 2023")),
  "buffers.weights": bytesParameter("weight buffer, in two halves", 2 ** 20, assumed(silent)),
  "buffers.inputs": bytesParameter("input buffer, in two halves", 2 ** 21, assumed(silent)),
  "buffers.sums": bytesParameter("partial-sum buffer, in two halves", 2 ** 22, assumed(silent)),
  bandwidth: bandwidthParameter(Infinity, derived(`unlimited: ${silent}`)),
  latency: latencyParameter(0, derived(silent)),
  memory: dramParameter("HBM2", assumed("off-chip energy is not part of the paper")),
  technology: technologyParameter("28nm", technologyNames(), recalled("28 nm, ArrayFlex, DATE 2023")),
} as const satisfies ParameterTable;

export const systolic: Accelerator<typeof parameters, GridBasedMachine> = {
  name: "systolic",
  title: "Fixed-pipeline systolic array",
  summary: "Any size, dataflow and precision; by default the conventional array that ArrayFlex is compared with.",
  citation: {
    title: "Why Systolic Architectures?",
    authors: "H. T. Kung",
    venue: "IEEE Computer 15(1)",
    year: 1982,
    identifier: "doi 10.1109/MC.1982.1653825",
  },
  parameters,
  multipliers: ["rows", "columns"],
  build: (values) => {
    const { operand, accumulator } = formats(values.operand, values.accumulator);
    return {
      name: "systolic",
      components: {
        dram: offChip(values.memory, values.bandwidth, values.latency),
        weightBuffer: edgeBuffer(values["buffers.weights"], Math.max(values.columns, values.rows), operand),
        inputBuffer: edgeBuffer(values["buffers.inputs"], Math.max(values.columns, values.rows), operand),
        sumBuffer: edgeBuffer(values["buffers.sums"], values.columns, accumulator),
        grid: systolicGrid({
          rows: values.rows,
          columns: values.columns,
          operand,
          accumulator,
          preload: word(["exposed", "hidden"], values.preload),
          unitAreaFactor: 1,
        }),
      },
      paths: { A: "dram > weightBuffer > grid", B: "dram > inputBuffer > grid", C: "dram > sumBuffer > grid" },
      output: operand,
      mappings: fixedMappings(
        values.dataflow,
        values.streaming,
        values.clock,
        word(["per-group", "block-diagonal"], values.grouping),
      ),
      technology: values.technology,
    };
  },
};
