// A multiplier and the adder that accumulates its products, in a pair of number formats.

import type { EnergyPrice, NumberFormat, Technology } from "../technology/technology.ts";

export interface MultiplyAccumulate {
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
}

/** Joules of one multiplication and one accumulation. */
export function multiplyAccumulateEnergy(unit: MultiplyAccumulate, technology: Technology): EnergyPrice {
  const multiply = technology.multiply(unit.operand);
  const add = technology.add(unit.accumulator);
  return { joules: multiply.joules + add.joules, table: joinTables([multiply.table, add.table]) };
}

/** Square millimetres of one unit, and the tables they come from. */
export function multiplyAccumulateArea(
  unit: MultiplyAccumulate,
  technology: Technology,
): { squareMillimetres: number; tables: readonly string[] } {
  const multiply = technology.multiply(unit.operand);
  const add = technology.add(unit.accumulator);
  return { squareMillimetres: multiply.squareMillimetres + add.squareMillimetres, tables: [multiply.table, add.table] };
}

const joinTables = (tables: readonly string[]): string => [...new Set(tables)].join(" + ");
