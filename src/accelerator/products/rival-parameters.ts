// Parameters that the machines for large sparse matrices share: elements of a wide value and a coordinate, off-chip
// memory of 128 GB/s.

import type { Source } from "../../base/source.ts";
import { assumed } from "../../base/source.ts";
import { formatBits } from "../../component/component.ts";
import type { NumberFormat } from "../../technology/technology.ts";
import type { ChoiceParameter, NumberParameter } from "../parameters.ts";
import {
  accumulatorParameter,
  bandwidthParameter,
  dramParameter,
  formats,
  latencyParameter,
  operandParameter,
} from "../systolic-parameters.ts";

/** A whole number from 1 that is part of the machine's own organisation: comparisons leave it alone. */
export const countParameter = (
  description: string,
  value: number,
  source: Source,
  maximum = 2 ** 20,
): NumberParameter => ({ kind: "integer", default: value, minimum: 1, maximum, unit: "", description, source });

const asDouble = (parameter: ChoiceParameter): ChoiceParameter => ({
  ...parameter,
  default: "double",
  choices: [...parameter.choices, "double"],
  description: `${parameter.description}; double is priced as float32`,
});

/** Values of 64 bits with coordinates of 32, unless another format is asked for. The tables price no arithmetic wider than float32. */
export const wideElementParameters = (source: Source) => ({
  operand: asDouble(operandParameter("float32", source)),
  accumulator: asDouble(accumulatorParameter("float32", source)),
  coordinateBits: {
    ...countParameter(
      "bits of a coordinate beside a value that is no double; a double's has 32",
      16,
      assumed("as Flexagon's, so that elements are equal where formats are"),
      64,
    ),
    resource: true,
  },
});

/** Formats of arithmetic; bits of a coordinate, and bytes of an element: value and coordinate together. */
export function wideElement(values: {
  readonly operand: string;
  readonly accumulator: string;
  readonly coordinateBits: number;
}): {
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
  readonly coordinateBits: number;
  readonly elementBytes: number;
} {
  const priced = (format: string): string => (format === "double" ? "float32" : format);
  const { operand, accumulator } = formats(priced(values.operand), priced(values.accumulator));
  const [valueBits, coordinateBits] =
    values.operand === "double" ? [64, 32] : [formatBits[operand], values.coordinateBits];
  return { operand, accumulator, coordinateBits, elementBytes: (valueBits + coordinateBits) / 8 };
}

/** High-bandwidth memory of 128 GB/s. */
export const offChipParameters = (bandwidth: Source, latency: Source) => ({
  bandwidth: bandwidthParameter(128e9, bandwidth),
  latency: latencyParameter(100e-9, latency),
  memory: dramParameter("HBM2", assumed("high-bandwidth memory; its generation is not stated")),
});
