// The conventional weight-stationary array at 2 GHz that the ArrayFlex paper measures against: ArrayFlex's rival, with
// nothing to choose but its size, precision and memories.

import type { Accelerator } from "./accelerator.ts";
import type { ParameterTable } from "./parameters.ts";
import { arrayflex } from "./arrayflex.ts";
import { systolic } from "./systolic.ts";

const { dataflow: _dataflow, streaming: _streaming, preload: _preload, ...parameters } = systolic.parameters;

export const fixedPipeline: Accelerator<typeof parameters & ParameterTable> = {
  name: "fixed-pipeline",
  title: "Conventional systolic array at 2 GHz (ArrayFlex's baseline)",
  summary: "Weight stationary, ordinary pipeline, exposed pre-load: what ArrayFlex's savings are relative to.",
  citation: arrayflex.citation,
  parameters,
  multipliers: ["rows", "columns"],
  build: (values) => ({
    ...systolic.build({ ...values, dataflow: "weight-stationary", streaming: "whole", preload: "exposed" }),
    name: "fixed-pipeline",
  }),
};
