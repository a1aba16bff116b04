// An array of multiply-accumulate units with lanes, the network that brings them operands and the adders that sum what
// several of them contribute to one result: what a loop nest is spread over.

import { InputError } from "../base/error.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";
import { multiplyAccumulateArea, multiplyAccumulateEnergy } from "./multiply-accumulate.ts";

export interface UnitArray {
  readonly kind: "unitArray";
  readonly rows: number;
  readonly columns: number;
  /** Multipliers of one unit. */
  readonly lanes: number;
  readonly operand: NumberFormat;
  readonly accumulator: NumberFormat;
  /** Adders that sum results of different units or lanes on their way to memory. */
  readonly adders: number;
  /** Bytes of registers in a unit, which set how far apart units lie; they are priced as components of their own. */
  readonly registerBytes: number;
}

/** @throws InputError for an array without units or lanes. */
export function unitArray(parameters: Omit<UnitArray, "kind">): UnitArray {
  for (const path of ["rows", "columns", "lanes"] as const) {
    const value = parameters[path];
    if (!Number.isInteger(value) || value < 1) {
      const fault = { message: "impossible array", found: String(value), expected: "a whole number from 1" };
      throw new InputError({ path, ...fault });
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
 * units), of `sendBit` (one bit on the trunk between the memory beside the array and the unit in its middle: half its
 * rows and half its columns of wire) and of `deliverBit` (one bit taken up by a unit: the wire from its neighbour and a
 * latch). A bus is so priced by the units that it serves, a word for one unit by its way (both our choice). Area of the
 * units with a register for each operand and for the sum, and of the adders; wires lie above them.
 */
export function unitArrayCost(array: UnitArray, technology: Technology): ComponentCost {
  const { operand, accumulator, rows, columns, lanes, adders } = array;
  const multiplyAccumulate = multiplyAccumulateEnergy({ operand, accumulator }, technology);
  const area = multiplyAccumulateArea({ operand, accumulator }, technology);
  const add = technology.add(accumulator);
  const bit = technology.register(1);
  const registerBits = 2 * formatBits[operand] + formatBits[accumulator];
  const unitArea = lanes * (area.squareMillimetres + registerBits * bit.squareMillimetres);
  const { joules: perMillimetre, table: wire } = technology.wireBitMillimetre;
  const pitch = unitPitch(array, unitArea, technology);
  return {
    energy: {
      multiplyAccumulate,
      gatedMac: { joules: gatedShare * multiplyAccumulate.joules, table: multiplyAccumulate.table },
      add: { joules: add.joules, table: add.table },
      sendBit: { joules: ((rows + columns) / 2) * pitch * perMillimetre, table: wire },
      deliverBit: { joules: bit.joules + pitch * perMillimetre, table: `${bit.table} + ${wire}` },
    },
    squareMillimetres: rows * columns * unitArea + adders * add.squareMillimetres,
    tables: [...new Set([...area.tables, bit.table, wire])],
    leakageWatts: 0,
  };
}

/** Millimetres between the middles of neighbouring units, which are squares. */
function unitPitch({ registerBytes, operand }: UnitArray, unitArea: number, technology: Technology): number {
  const registers = technology.sram(registerBytes, formatBits[operand]).squareMillimetres;
  return Math.sqrt(unitArea + registers);
}
