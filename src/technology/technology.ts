// What one action costs at one process node: the interface that components price themselves with. Tables of figures
// with their sources live beside this file; a price always names the table that it came from.

import type { Source } from "../base/source.ts";

export const numberFormats = ["int8", "int16", "int32", "int64", "float16", "float32"] as const;

/** Number formats of arithmetic units. */
export type NumberFormat = (typeof numberFormats)[number];

export const dramKinds = ["LPDDR4", "LPDDR", "DDR3", "DDR4", "GDDR5", "GDDR6", "HMC", "HBM2", "HBM3", "HBM4"] as const;

/** Kinds of off-chip memory with a known energy per bit. */
export type DramKind = (typeof dramKinds)[number];

/** Energy of one action in joules, and the table it was read or derived from. */
export interface EnergyPrice {
  readonly joules: number;
  readonly table: string;
}

/** A building block's cost: joules an action, square millimetres an instance. */
export interface UnitPrice extends EnergyPrice {
  readonly squareMillimetres: number;
}

/** One SRAM array: joules per access of `widthBits`, leakage in watts, area in square millimetres. */
export interface SramPrice {
  readonly readJoules: number;
  readonly writeJoules: number;
  readonly leakageWatts: number;
  readonly squareMillimetres: number;
  readonly table: string;
}

/** A named table of figures and where it comes from. */
export interface PriceTable {
  readonly name: string;
  readonly source: Source;
}

/** A process node with prices. All functions are pure and throw InputError where no figure exists. */
export interface Technology {
  readonly name: string;
  readonly title: string;
  readonly nodeNanometres: number;
  readonly voltage: number;
  /** Every table that a price of this technology may name. */
  readonly tables: readonly PriceTable[];
  /** One multiplication of two operands in `format`. */
  readonly multiply: (format: NumberFormat) => UnitPrice;
  /** One addition in `format`. */
  readonly add: (format: NumberFormat) => UnitPrice;
  /** One write of a register of `bits` bits; proportional to `bits`. */
  readonly register: (bits: number) => UnitPrice;
  /** One array (or bank) of `bytes` bytes accessed `widthBits` at a time; `widthBits` must not exceed its capacity. */
  readonly sram: (bytes: number, widthBits: number) => SramPrice;
  /** One bit over one millimetre of wire. */
  readonly wireBitMillimetre: EnergyPrice;
  /** One bit to or from off-chip memory. */
  readonly dramBit: (kind: DramKind) => EnergyPrice;
}
