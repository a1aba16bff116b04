// One layer on a sparse-product machine: its operands by their entries, every mapping timed on them, the best one's
// result.

import { InputError } from "../../base/error.ts";
import type { ProductBooks, ProductRun } from "../../dataflow/product/product.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { denseMacs } from "../../workload/effectual.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { lower } from "../../workload/lowering.ts";
import type { OperandPair } from "../../workload/sparse-operands.ts";
import { sparseOperands } from "../../workload/sparse-operands.ts";
import { energyOf } from "../accounts.ts";
import type { PreparedProduct } from "../prepared.ts";
import type { LayerAudit, LayerResult } from "../result.ts";
import { score } from "../score.ts";
import type { MappingChoice, Verification } from "../simulate-layer.ts";
import { auditProducts } from "./product-audit.ts";
import { productMappingNames } from "./mapping-names.ts";
import { checkProducts } from "./product-check.ts";

/** One mapping of a layer, timed and priced; plain data, with what of its operands is reported. */
export interface MappedProduct {
  readonly name: string;
  readonly mapping: ProductMapping;
  readonly run: ProductRun;
  readonly cycles: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly traffic: LayerResult["traffic"];
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly energy: number;
  /** Products of the layer, and the stored entries of their operands. */
  readonly products: number;
  readonly nonZeros: { readonly A: number; readonly B: number };
}

/**
 * What a layer may end as (`layerCandidates`): its mappings one after the other, then the check of what is reported.
 * Throws InputError naming the layer for an unknown mapping or impossible operands.
 */
export function simulateProductLayer(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  choice: MappingChoice & Verification,
): readonly LayerResult[] {
  const names = productMappingNames(prepared, choice);
  const pairs = sparseOperands(layer, choice.seed);
  const all = names.map((name) => mapProduct(pairs, prepared, name));
  return reportedMappings(all, choice).map((mapped) => {
    const check = checkProducts(pairs, mapped.mapping, prepared.engine.rows, choice.check, choice.seed);
    if (choice.auditPercent === 0) return productResult(layer, prepared, mapped, all, { check });
    const audit = auditProduct(layer, pairs, prepared, mapped.name, unitsOf(mapped), choice);
    return productResult(layer, prepared, mapped, all, { check, audit });
  });
}

/** Those of all mappings of a layer that it may end as: the best, or all where the choice depends on other layers. */
export function reportedMappings(all: readonly MappedProduct[], choice: MappingChoice): readonly MappedProduct[] {
  if (choice.conversions === "count") return all;
  return [
    all.reduce((least, mapped) => (score(mapped, choice.objective) < score(least, choice.objective) ? mapped : least)),
  ];
}

/** Batches and merge passes of all products of a layer. */
export const unitsOf = ({ run }: MappedProduct): number => run.counts.batches + run.counts.mergePasses;

/** Audits the percentage of `units` that is asked for, on the machine at the mapping's clock. */
export function auditProduct(
  { name: layer }: ComputeLayer,
  pairs: readonly OperandPair[],
  { machine, engine }: PreparedProduct,
  name: string,
  units: number,
  { auditPercent: percent, seed }: Verification,
): LayerAudit {
  const mapping = machine.mappings[name];
  if (mapping === undefined) throw new Error(`no mapping ${name}`);
  const product = engine.array?.(mapping.clock);
  if (product === undefined) {
    throw new InputError({
      path: "audit",
      message: `${machine.name} has no batches to step: its dataflow is held against a stepped machine in tests`,
      found: String(percent),
      expected: "0",
    });
  }
  return auditProducts(pairs, mapping, product, { layer, units, percent, seed });
}

/** How a result was verified. */
export type Verified = Pick<LayerResult, "check" | "audit">;

/** What is reported of a layer under one of `all` mappings. */
export function productResult(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  mapped: MappedProduct,
  all: readonly MappedProduct[],
  verified: Verified,
): LayerResult {
  const { run } = mapped;
  const dense = denseMacs(layer);
  const product = lower(layer.operation, "per-group");
  return {
    name: layer.name,
    operator: layer.operation.operator,
    M: product.M,
    N: product.N,
    K: product.K,
    count: mapped.products,
    density: layer.density,
    densitySource: layer.densitySource,
    nonZeros: mapped.nonZeros,
    mapping: mapped.name,
    loops: prepared.engine.loops(mapped.mapping),
    macs: {
      dense,
      effectual: run.counts.multiplications,
      executed: run.counts.executed,
      skipped: dense - run.counts.executed,
      gated: 0,
      effectualSource: "exact",
    },
    cycles: mapped.cycles,
    clock: mapped.mapping.clock,
    seconds: mapped.seconds,
    utilisation: mapped.cycles === 0 ? 0 : run.counts.executed / (prepared.units * mapped.cycles),
    stack: run.stack,
    counts: mapped.counts,
    traffic: mapped.traffic,
    energy: { total: mapped.energy, components: mapped.energyComponents },
    ...verified,
    alternatives: all
      .filter((other) => other !== mapped)
      .map(({ name, cycles, seconds, energy }) => ({ mapping: name, cycles, seconds, energy })),
  };
}

/** Times a mapping of the machine on a layer's operands. `come` is told how many of the entries that rest have done so. */
export function mapProduct(
  pairs: readonly OperandPair[],
  prepared: PreparedProduct,
  name: string,
  come?: (entries: number) => void,
): MappedProduct {
  const { machine, engine } = prepared;
  const mapping = machine.mappings[name];
  if (mapping === undefined) throw new Error(`no mapping ${name}`);
  let before = 0;
  const runs = pairs.map(({ A, B }) => {
    const watch = come && (({ counts }: ProductBooks) => come(before + counts.stationaryWords));
    const run = engine.run(A, B, mapping, watch);
    before += run.counts.stationaryWords;
    return run;
  });
  const run = runs.reduce(addRuns);
  const seconds = run.cycles / mapping.clock;
  const traffic = engine.traffic(run, mapping);
  const counts = engine.counts(run, traffic);
  const energyComponents = energyOf(counts, prepared, seconds);
  let energy = 0;
  for (const joules of Object.values(energyComponents)) energy += joules;
  const nonZeros = {
    A: pairs.reduce((sum, { A }) => sum + A.column.length, 0),
    B: pairs.reduce((sum, { B }) => sum + B.column.length, 0),
  };
  const timed = { name, mapping, run, cycles: run.cycles, seconds, counts, traffic, energyComponents, energy };
  return { ...timed, products: pairs.length, nonZeros };
}

const addRecords = <Key extends string>(
  a: Readonly<Record<Key, number>>,
  b: Readonly<Record<Key, number>>,
): Record<Key, number> => {
  const sums: Record<Key, number> = { ...a };
  for (const key in b) sums[key] = (sums[key] ?? 0) + b[key];
  return sums;
};

/** Two products one after the other. */
const addRuns = (a: ProductRun, b: ProductRun): ProductRun => ({
  cycles: a.cycles + b.cycles,
  stack: addRecords(a.stack, b.stack),
  counts: addRecords<keyof ProductRun["counts"]>(a.counts, b.counts),
  dram: addRecords<keyof ProductRun["dram"]>(a.dram, b.dram),
});
