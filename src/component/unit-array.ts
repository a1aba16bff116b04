// An array of multiply-accumulate units with lanes, the network that brings them operands and the adders that sum what
// several of them contribute to one result: what a loop nest is spread over.

import { InputError } from "../base/error.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";
import { multiplyAccumulateArea, multiplyAccumulateEnergy } from "./multiply-accumulate.ts";

export interface UnitArray {
  readonly kind: "unitArray";
  readonly units: number;
  /** Multipliers of one unit. */
  readonly lanes: number;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
  /** Adders that sum results of different units or lanes on their way to memory. */
  readonly adders: number;
}

/** @throws InputError for an array without units or lanes. */
export function unitArray(parameters: Omit<UnitArray, "kind">): UnitArray {
  for (const path of ["units", "lanes"] as const) {
    const value = parameters[path];
    if (!Number.isInteger(value) || value < 1) {
      throw new InputError({
        path,
        message: "impossible array",
        found: String(value),
        expected: "a whole number from 1",
      });
    }
  }
  return { kind: "unitArray", ...parameters };
}

/**
 * Share of a multiplication and addition that a gated unit still takes: 0.066 of 2.200 pJ for 16 bits at 45 nm in the
 * energy tables of Accelergy-Project/micro22-sparseloop-artifact (stated), for all formats and nodes (assumed).
 */
const gatedShare = 0.066 / 2.2;

/**
 * Energy of `multiplyAccumulate`, of `gatedMac` (the unit waits with its inputs held), of `add` (one addition between
 * units) and of `deliverBit` (one bit of an operand or a partial result latched at a unit; wires are not priced). Area
 * of the units with a register for each operand and for the sum, and of the adders.
 */
export function unitArrayCost(array: UnitArray, technology: Technology): ComponentCost {
  const { operand, accumulator, units, lanes, adders } = array;
  const multiplyAccumulate = multiplyAccumulateEnergy({ operand, accumulator }, technology);
  const area = multiplyAccumulateArea({ operand, accumulator }, technology);
  const add = technology.add(accumulator);
  const bit = technology.register(1);
  const registerBits = 2 * formatBits[operand] + formatBits[accumulator];
  return {
    energy: {
      multiplyAccumulate,
      gatedMac: { joules: gatedShare * multiplyAccumulate.joules, table: multiplyAccumulate.table },
      add: { joules: add.joules, table: add.table },
      deliverBit: { joules: bit.joules, table: bit.table },
    },
    squareMillimetres:
      units * lanes * (area.squareMillimetres + registerBits * bit.squareMillimetres) + adders * add.squareMillimetres,
    tables: [...new Set([...area.tables, bit.table])],
    leakageWatts: 0,
  };
}
