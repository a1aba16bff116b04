// Formats between layers: which conversions a choice of mappings needs, what they cost, and the best choice for a whole
// network when they count.

import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { compressionOf } from "../../mapping/product-mapping.ts";
import { energyOf } from "../accounts.ts";
import type { Objective } from "../machine.ts";
import type { PreparedProduct } from "../prepared.ts";
import type { Conversion, ConversionTotal, LayerResult, PathTotal } from "../result.ts";
import { score } from "../score.ts";
import { cheapestPath } from "./transitions-path.ts";

/** A layer under one mapping, conversions left out. */
interface Option {
  readonly name: string;
  readonly mapping: ProductMapping;
  readonly cycles: number;
  readonly seconds: number;
  readonly energy: number;
}

/** What the choice along a network depends on. */
export interface TransitionOptions {
  readonly objective: Objective;
  /** `count`: conversions are part of the layers' figures and of the choice. `ignore`: they are only reported. */
  readonly conversions: "ignore" | "count";
  /** Whether each layer takes the result of the one before it in the list; the first never does. */
  readonly follows: readonly boolean[];
}

/**
 * The conversion of `elements` stored entries of the operand that is the result of the layer before, or undefined where
 * the mapping before leaves it in the format that this one requires.
 *
 * The rule is that of the authors of the published figures: a conversion is needed exactly where the format that a
 * mapping leaves C in differs from the one that the next mapping requires, and costs so many cycles for each non-zero of
 * the next layer's operand. Theirs takes C as the next operand A. Here A is the weights and B the activations, so C
 * comes in as B, which is their rule on the transposed products: each mapping changes places with its like where the
 * other operand rests. `conversion.operand` of the machine says which of the two holds.
 *
 * Assumed, for nothing is published beyond the cycles: the layer waits for its conversion; every entry is read from the
 * off-chip memory and written back to it, value and coordinate, at no more than its bandwidth; row or column starts and
 * the logic that reorders cost nothing. The energy is that traffic's and the leakage of the memories meanwhile.
 */
export function conversionBetween(
  before: ProductMapping,
  after: ProductMapping,
  elements: number,
  prepared: Pick<PreparedProduct, "machine" | "engine" | "dram" | "prices" | "leakageWatts">,
): Conversion | undefined {
  const { operand, cyclesPerElement } = prepared.machine.conversion;
  const from = compressionOf(before).C;
  const to = compressionOf(after)[operand];
  if (from === to) return undefined;
  const { home } = prepared.engine;
  const bytes = convertedBytes(elements, prepared);
  const bytesPerCycle = prepared.dram === undefined ? Infinity : prepared.dram.bandwidth / after.clock;
  const cycles = Math.ceil(Math.max(elements * cyclesPerElement, (2 * bytes) / bytesPerCycle));
  const seconds = cycles / after.clock;
  const components = energyOf({ [`${home}.readBit`]: bytes * 8, [`${home}.writeBit`]: bytes * 8 }, prepared, seconds);
  const used = Object.fromEntries(Object.entries(components).filter(([, joules]) => joules > 0));
  let total = 0;
  for (const joules of Object.values(used)) total += joules;
  return { operand, from, to, elements, cycles, seconds, energy: { total, components: used } };
}

const convertedBytes = (elements: number, { engine }: Pick<PreparedProduct, "engine">): number =>
  elements * engine.elementBytes;

/**
 * Chooses a mapping for every layer and says what the conversions between them take. `candidates` holds each layer's
 * results, one for each mapping where conversions count, otherwise the best one alone, whose alternatives tell the rest.
 * The best path has the least sum of the layers' scores, each with the conversion before it; ties go to the mapping
 * listed first, at the first layer where two paths differ. For the energy-delay product that is the sum of the layers'
 * products, as for the choice layer by layer.
 */
export function settleConversions(
  candidates: readonly (readonly LayerResult[])[],
  prepared: PreparedProduct,
  { objective, conversions, follows }: TransitionOptions,
): { readonly layers: readonly LayerResult[]; readonly total: ConversionTotal } {
  const { conversion: rule, mappings } = prepared.machine;
  const { operand } = rule;
  // At one clock the least seconds are the least cycles, whose sums are exact: ties stay ties.
  const oneClock = new Set(Object.values(mappings).map(({ clock }) => clock)).size === 1;
  const goal = objective === "seconds" && oneClock ? "cycles" : objective;
  const options = candidates.map((results) => optionsOf(results, prepared));
  const elements = candidates.map((results) => results[0]?.nonZeros?.[operand] ?? 0);
  const conversionAt = (layer: number, state: number, before: number | undefined): Conversion | undefined => {
    const from = before === undefined ? undefined : options[layer - 1]?.[before]?.mapping;
    const to = options[layer]?.[state]?.mapping;
    if (from === undefined || to === undefined || follows[layer] !== true) return undefined;
    return conversionBetween(from, to, elements[layer] ?? 0, prepared);
  };
  const costs = options.map((list) => list.map((option) => score(option, goal)));
  const layerByLayer = costs.map((list) => list.reduce((least, cost, i) => (cost < (list[least] ?? 0) ? i : least), 0));
  const best = cheapestPath(
    options.map((list) => list.length),
    (layer, state, before) => {
      const option = options[layer]?.[state];
      if (option === undefined) throw new Error(`no mapping ${state} of layer ${layer}`);
      return score(withConversion(option, conversionAt(layer, state, before)), goal);
    },
  );
  const needs = (path: readonly number[]): readonly (Conversion | undefined)[] =>
    path.map((state, layer) => conversionAt(layer, state, layer === 0 ? undefined : path[layer - 1]));
  const totalOf = (path: readonly number[]): PathTotal => {
    const needed = needs(path);
    const figures = path.map((state, layer) => {
      const option = options[layer]?.[state];
      return option === undefined ? nothing : withConversion(option, needed[layer]);
    });
    return { conversions: needed.filter((conversion) => conversion !== undefined).length, ...sumOf(figures) };
  };
  const counted = conversions === "count";
  const chosen = counted ? best : layerByLayer;
  const needed = needs(chosen);
  const layers = candidates.map((results, layer): LayerResult => {
    const name = options[layer]?.[chosen[layer] ?? 0]?.name;
    const result = results.find(({ mapping }) => mapping === name);
    if (result === undefined) throw new Error(`layer ${layer} has no result for ${name ?? "any mapping"}`);
    const conversion = needed[layer];
    if (conversion === undefined) return result;
    return { ...(counted ? charged(result, conversion, prepared) : result), conversion };
  });
  const all = needed.filter((conversion) => conversion !== undefined);
  return {
    layers,
    total: {
      counted,
      operand,
      conversions: all.length,
      elements: all.reduce((sum, conversion) => sum + conversion.elements, 0),
      ...sumOf(all.map(({ cycles, seconds, energy }) => ({ cycles, seconds, energy: energy.total }))),
      paths: { layerByLayer: totalOf(layerByLayer), best: totalOf(best) },
    },
  };
}

interface Figures {
  readonly cycles: number;
  readonly seconds: number;
  readonly energy: number;
}

const nothing: Figures = { cycles: 0, seconds: 0, energy: 0 };

const withConversion = (figures: Figures, conversion: Conversion | undefined): Figures =>
  conversion === undefined ? figures : sumOf([figures, { ...conversion, energy: conversion.energy.total }]);

const sumOf = (list: readonly Figures[]): Figures =>
  list.reduce(
    (sum, { cycles, seconds, energy }) => ({
      cycles: sum.cycles + cycles,
      seconds: sum.seconds + seconds,
      energy: sum.energy + energy,
    }),
    nothing,
  );

/** Every mapping that was tried on a layer, in the machine's order. */
function optionsOf(results: readonly LayerResult[], { machine }: PreparedProduct): readonly Option[] {
  const [first] = results;
  if (first === undefined) throw new Error("a layer without a result");
  const { mapping, cycles, seconds, energy } = first;
  const tried = [{ mapping, cycles, seconds, energy: energy.total }, ...first.alternatives];
  return Object.entries(machine.mappings).flatMap(([name, own]) =>
    tried
      .filter((other) => other.mapping === name)
      .map((other): Option => ({
        name,
        mapping: own,
        cycles: other.cycles,
        seconds: other.seconds,
        energy: other.energy,
      })),
  );
}

/** A layer that waits for its conversion: cycles, traffic, events and energy of both. */
function charged(layer: LayerResult, conversion: Conversion, prepared: PreparedProduct): LayerResult {
  const { home } = prepared.engine;
  const bytes = convertedBytes(conversion.elements, prepared);
  const cycles = layer.cycles + conversion.cycles;
  const components: Record<string, number> = { ...layer.energy.components };
  for (const [name, joules] of Object.entries(conversion.energy.components)) {
    components[name] = (components[name] ?? 0) + joules;
  }
  const counts: Record<string, number> = { ...layer.counts };
  for (const event of [`${home}.readBit`, `${home}.writeBit`]) counts[event] = (counts[event] ?? 0) + bytes * 8;
  const moved = layer.traffic[home];
  const own = moved?.operands[conversion.operand];
  const traffic =
    moved === undefined || own === undefined
      ? layer.traffic
      : {
          ...layer.traffic,
          [home]: {
            read: moved.read + bytes,
            write: moved.write + bytes,
            operands: {
              ...moved.operands,
              [conversion.operand]: { read: own.read + bytes, write: own.write + bytes },
            },
          },
        };
  return {
    ...layer,
    cycles,
    seconds: cycles / layer.clock,
    utilisation: cycles === 0 ? 0 : layer.macs.executed / (prepared.units * cycles),
    stack: { ...layer.stack, "format conversion": conversion.cycles },
    counts,
    traffic,
    energy: { total: layer.energy.total + conversion.energy.total, components },
  };
}
