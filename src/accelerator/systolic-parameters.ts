// Parameters and components that every systolic description shares, so that each machine's own file holds only what
// is particular to it.

import { InputError } from "../base/error.ts";
import type { Source } from "../base/source.ts";
import { assumed } from "../base/source.ts";
import { dram } from "../component/memory/dram.ts";
import { formatBits } from "../component/component.ts";
import type { Sram } from "../component/memory/sram.ts";
import { sram } from "../component/memory/sram.ts";
import type { DramKind, NumberFormat } from "../technology/technology.ts";
import { dramKinds } from "../technology/technology.ts";
import type { ChoiceParameter, NumberParameter } from "./parameters.ts";

export const unitsParameter = (description: string, value: number, source: Source): NumberParameter => ({
  kind: "integer",
  default: value,
  minimum: 1,
  maximum: 4096,
  unit: "",
  description,
  source,
  resource: true,
});

export const bytesParameter = (description: string, value: number, source: Source): NumberParameter => ({
  kind: "integer",
  default: value,
  minimum: 1,
  maximum: 2 ** 34,
  unit: "B",
  description,
  source,
  resource: true,
});

export const clockParameter = (description: string, value: number, source: Source): NumberParameter => ({
  kind: "number",
  default: value,
  minimum: 1e3,
  maximum: 1e12,
  unit: "Hz",
  description,
  source,
});

export const bandwidthParameter = (value: number, source: Source): NumberParameter => ({
  kind: "number",
  default: value,
  minimum: 1,
  maximum: Infinity,
  unit: "B/s",
  description: "bandwidth of the off-chip memory, reads and writes together",
  source,
  resource: true,
});

export const latencyParameter = (value: number, source: Source): NumberParameter => ({
  kind: "number",
  default: value,
  minimum: 0,
  maximum: 1,
  unit: "s",
  description: "time from a request to off-chip memory to its first byte",
  source,
  resource: true,
});

const operandFormats = ["int8", "int16", "int32", "float32"] as const;
const sumFormats = ["int32", "int64", "float32"] as const;

export const operandParameter = (value: (typeof operandFormats)[number], source: Source): ChoiceParameter => ({
  kind: "choice",
  default: value,
  choices: operandFormats,
  description: "number format of weights, inputs and results",
  source,
  resource: true,
});

export const accumulatorParameter = (value: (typeof sumFormats)[number], source: Source): ChoiceParameter => ({
  kind: "choice",
  default: value,
  choices: sumFormats,
  description: "number format of partial sums",
  source,
  resource: true,
});

export const technologyParameter = (value: string, choices: readonly string[], source: Source): ChoiceParameter => ({
  kind: "choice",
  default: value,
  choices,
  description: "energy and area tables",
  source,
  resource: true,
});

export const dramParameter = (value: DramKind, source: Source): ChoiceParameter => ({
  kind: "choice",
  default: value,
  choices: dramKinds,
  description: "kind of off-chip memory, for its energy per bit",
  source,
  resource: true,
});

export const groupingParameter: ChoiceParameter = {
  kind: "choice",
  default: "per-group",
  choices: ["per-group", "block-diagonal"],
  description: "grouped convolutions as one product a group, or as one with zeros off the diagonal",
  source: assumed("the literal lowering; block-diagonal trades zeros for fewer, fuller tiles"),
};

/** The word as a member of a closed list; parameter tables have checked it already. */
export function word<const Words extends readonly string[]>(words: Words, value: string): Words[number] {
  const found = words.find((candidate) => candidate === value);
  if (found === undefined) throw new InputError({ message: "not a valid word", found: value, known: words });
  return found;
}

/** Operand and accumulator formats together. Throws when one is an integer and the other is not. */
export function formats(operand: string, accumulator: string): { operand: NumberFormat; accumulator: NumberFormat } {
  const pair = { operand: word(operandFormats, operand), accumulator: word(sumFormats, accumulator) };
  if ((pair.operand === "float32") !== (pair.accumulator === "float32")) {
    throw new InputError({
      path: "accumulator",
      message: "integers and floating point do not mix",
      found: accumulator,
      expected: pair.operand === "float32" ? "float32" : "int32 or int64",
    });
  }
  return pair;
}

/** A double-buffered memory whose banks together serve an array edge of `words` words of `format` every cycle. */
export function edgeBuffer(bytes: number, words: number, format: NumberFormat): Sram {
  const portBits = 128;
  const banks = Math.max(1, Math.ceil((words * formatBits[format]) / portBits));
  return sram({ bytes, banks, portBits, doubleBuffered: true });
}

export const offChip = (memory: string, bandwidth: number, latency: number) =>
  dram({ memory: word(dramKinds, memory), bandwidth, latency });
