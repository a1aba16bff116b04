// Makes a Technology of its parts: checks arguments, converts units, applies a supply voltage, remembers prices.

import { InputError } from "../base/error.ts";
import type { Source } from "../base/source.ts";
import { wireName, wirePicojoulesPerBitMillimetre, wireSource } from "./tables/wire.ts";
import { dramFigures } from "./tables/dram.ts";
import { scaleEnergy } from "./scaling.ts";
import { checkMemory } from "./sram.ts";
import type { SramPricer } from "./sram.ts";
import { dramKinds, numberFormats } from "./technology.ts";
import type {
  DramKind,
  EnergyPrice,
  NumberFormat,
  PriceTable,
  SramPrice,
  Technology,
  UnitPrice,
} from "./technology.ts";

/** A price with the source of its table. */
export interface SourcedPrice extends UnitPrice {
  readonly source: Source;
}

export type FormatPrices = Readonly<Record<NumberFormat, SourcedPrice>>;

/** The figures of a technology at its nominal supply. */
export interface TechnologyParts {
  readonly name: string;
  readonly title: string;
  readonly nodeNanometres: number;
  /** Nominal supply in volts. */
  readonly voltage: number;
  readonly add: FormatPrices;
  readonly multiply: FormatPrices;
  /** One bit of a register. */
  readonly registerBit: SourcedPrice;
  readonly sram: { readonly price: SramPricer; readonly tables: readonly PriceTable[] };
  /** Replaces the energies by kind of memory. */
  readonly dram?: EnergyPrice & { readonly source: Source };
}

/** Prices kept for one technology; a sweep over more memories than this starts again. */
const rememberedMemories = 4096;

/**
 * A technology at `voltage` volts: every on-chip energy is carried from the nominal supply by Stillmaker and Baas;
 * areas, leakage and off-chip energy stay.
 */
export function assemble(parts: TechnologyParts, voltage: number): Technology {
  const { nodeNanometres } = parts;
  const nominal = voltage === parts.voltage;
  const factor = nominal ? 1 : scaleEnergy(1, { nodeNanometres, voltage: parts.voltage }, { nodeNanometres, voltage });
  const suffix = nominal ? "" : `, at ${voltage} V`;
  const tables = new Map<string, Source>();
  const atVoltage = (price: SourcedPrice): UnitPrice => {
    const table = price.table + suffix;
    tables.set(table, price.source);
    return { joules: price.joules * factor, squareMillimetres: price.squareMillimetres, table };
  };
  const add = byFormat(parts.add, atVoltage);
  const multiply = byFormat(parts.multiply, atVoltage);
  const registerBit = atVoltage(parts.registerBit);
  for (const { name, source } of parts.sram.tables) tables.set(name + suffix, source);
  const dram = dramPrices(parts, tables);
  const wire = { joules: wirePicojoulesPerBitMillimetre * 1e-12 * voltage ** 2, table: wireName };
  tables.set(wireName, wireSource);

  const sram = (bytes: number, widthBits: number): SramPrice => {
    checkMemory(bytes, widthBits);
    const price = parts.sram.price(bytes, widthBits);
    return {
      ...price,
      readJoules: price.readJoules * factor,
      writeJoules: price.writeJoules * factor,
      table: price.table + suffix,
    };
  };
  return {
    name: parts.name,
    title: parts.title,
    nodeNanometres,
    voltage,
    tables: [...tables].map(([name, source]) => ({ name, source })),
    add: (format) => priceOf(add, format, numberFormats, "number format"),
    multiply: (format) => priceOf(multiply, format, numberFormats, "number format"),
    register: (bits) => registerPrice(registerBit, bits),
    sram: remember(sram),
    wireBitMillimetre: wire,
    dramBit: (kind) => priceOf(dram, kind, dramKinds, "kind of memory"),
  };
}

function byFormat(prices: FormatPrices, convert: (price: SourcedPrice) => UnitPrice): ReadonlyMap<string, UnitPrice> {
  return new Map(numberFormats.map((format) => [format, convert(prices[format])]));
}

function dramPrices(parts: TechnologyParts, tables: Map<string, Source>): ReadonlyMap<string, EnergyPrice> {
  const one = (kind: DramKind): EnergyPrice => {
    if (parts.dram !== undefined) {
      tables.set(parts.dram.table, parts.dram.source);
      return { joules: parts.dram.joules, table: parts.dram.table };
    }
    const { picojoulesPerBit, table } = dramFigures[kind];
    tables.set(table.name, table.source);
    return { joules: picojoulesPerBit * 1e-12, table: table.name };
  };
  return new Map(dramKinds.map((kind) => [kind, one(kind)]));
}

/** Words may come from a user's file, so that the type alone does not vouch for them. */
function priceOf<Price>(
  prices: ReadonlyMap<string, Price>,
  word: string,
  known: readonly string[],
  what: string,
): Price {
  const price = prices.get(word);
  if (price !== undefined) return price;
  throw new InputError({ message: `unknown ${what}`, found: word, expected: `one of ${known.join(", ")}`, known });
}

function registerPrice(bit: UnitPrice, bits: number): UnitPrice {
  if (!(bits > 0 && bits < Infinity)) {
    throw new InputError({
      message: "no price for a register of this width",
      found: String(bits),
      expected: "a finite number of bits above 0",
    });
  }
  return { joules: bit.joules * bits, squareMillimetres: bit.squareMillimetres * bits, table: bit.table };
}

/** The same function, which computes each price once: a simulation asks for the same few memories in every layer. */
function remember(price: SramPricer): SramPricer {
  const byWidth = new Map<number, Map<number, SramPrice>>();
  let count = 0;
  return (bytes, widthBits) => {
    let byBytes = byWidth.get(widthBits);
    const known = byBytes?.get(bytes);
    if (known !== undefined) return known;
    const fresh = price(bytes, widthBits);
    if (++count > rememberedMemories) {
      byWidth.clear();
      byBytes = undefined;
      count = 1;
    }
    if (byBytes === undefined) byWidth.set(widthBits, new Map([[bytes, fresh]]));
    else byBytes.set(bytes, fresh);
    return fresh;
  };
}
