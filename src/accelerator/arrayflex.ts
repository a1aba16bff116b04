// ArrayFlex: a weight-stationary systolic array whose pipeline depth is set layer by layer. k neighbouring units merge
// into one stage: the wave needs fewer cycles, each of them longer.

import type { Citation } from "../base/source.ts";
import { fitted, recalled } from "../base/source.ts";
import { systolicGrid } from "../component/systolic-grid.ts";
import type { GridMapping } from "../mapping/grid-mapping.ts";
import type { GridBasedMachine } from "../simulate/machine.ts";
import type { Accelerator } from "./accelerator.ts";
import type { ParameterTable } from "./parameters.ts";
import { arrayflexClaims } from "./arrayflex-claims.ts";
import { systolic } from "./systolic.ts";
import { clockParameter, formats, word } from "./systolic-parameters.ts";

const citation: Citation = {
  title: "ArrayFlex: A Systolic Array Architecture with Configurable Transparent Pipelining",
  authors: "C. Peltekis, D. Filippas, G. Dimitrakopoulos, C. Nicopoulos, D. Pnevmatikatos",
  venue: "DATE",
  year: 2023,
  identifier: "arXiv 2211.12600",
};

const { clock: _clock, dataflow: _dataflow, streaming: _streaming, preload: _preload, ...shared } = systolic.parameters;

const parameters = {
  ...shared,
  depths: {
    kind: "choice",
    default: "1,2,4",
    choices: ["1,2,4", "1,2,3,4", "1,2", "1"],
    description: "pipeline depths that the array can be set to; 3 is in the depth study only",
    source: recalled("modes of the implemented array"),
  },
  "clock.k1": clockParameter("clock with ordinary pipelining", 1.8e9, recalled("1.8 GHz, 28 nm synthesis")),
  "clock.k2": clockParameter("clock with pairs of units merged", 1.7e9, recalled("1.7 GHz, 28 nm synthesis")),
  "clock.k3": clockParameter(
    "clock with three units merged",
    1.5e9,
    recalled("about 1.5 GHz, low confidence; depth study only"),
  ),
  "clock.k4": clockParameter("clock with four units merged", 1.4e9, recalled("1.4 GHz, 28 nm synthesis")),
  unitAreaFactor: {
    kind: "number",
    default: 1.16,
    minimum: 1,
    maximum: 10,
    unit: "",
    description: "area of a unit over a conventional one: carry-save adder and bypass multiplexers",
    source: recalled("16 % larger unit, medium confidence"),
  },
} as const satisfies ParameterTable;

/**
 * Power of the array relative to the conventional one at its own clock. Not published: fitted to the paper's 13-23 %
 * power saving and 1.4-1.8x energy-delay gain, which therefore do not count as reproduced.
 */
const fittedRelativePower = {
  k1: 1.05,
  k2: 0.88,
  k4: 0.76,
  source: fitted("paper gives no power by mode"),
} as const;

export const arrayflex: Accelerator<typeof parameters, GridBasedMachine> = {
  name: "arrayflex",
  title: "ArrayFlex",
  summary: "Weight-stationary systolic array with configurable transparent pipelining, depth chosen layer by layer.",
  citation,
  parameters,
  multipliers: ["rows", "columns"],
  claims: { rival: "fixed-pipeline", list: arrayflexClaims },
  build: (values) => {
    const base = systolic.build({
      ...values,
      clock: values["clock.k1"],
      dataflow: "weight-stationary",
      streaming: "whole",
      preload: "exposed",
    });
    const grouping = word(["per-group", "block-diagonal"], values.grouping);
    const mode = (collapse: number, clock: number): GridMapping => ({
      kind: "grid",
      stationary: "weights",
      collapse,
      clock,
      grouping,
      streaming: "whole",
    });
    const modes = {
      k1: mode(1, values["clock.k1"]),
      k2: mode(2, values["clock.k2"]),
      k3: mode(3, values["clock.k3"]),
      k4: mode(4, values["clock.k4"]),
    };
    const { operand, accumulator } = formats(values.operand, values.accumulator);
    return {
      ...base,
      name: "arrayflex",
      components: {
        ...base.components,
        grid: systolicGrid({
          rows: values.rows,
          columns: values.columns,
          operand,
          accumulator,
          preload: "exposed",
          unitAreaFactor: values.unitAreaFactor,
        }),
      },
      mappings: Object.fromEntries(
        Object.entries(modes).filter(([name]) => values.depths.split(",").includes(name.slice(1))),
      ),
      relativePower: { k1: fittedRelativePower.k1, k2: fittedRelativePower.k2, k4: fittedRelativePower.k4 },
    };
  },
};
