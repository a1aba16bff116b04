// One layer on a sparse-product machine: its operands by their entries, every mapping timed on them, the best one's
// result.

import { InputError } from "../../base/error.ts";
import { productMachineAt } from "../../dataflow/product/parts.ts";
import type { ProductRun } from "../../dataflow/product/product.ts";
import { runProduct } from "../../dataflow/product/run-product.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import { compressionOf } from "../../mapping/product-mapping.ts";
import { denseMacs } from "../../workload/effectual.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { lower } from "../../workload/lowering.ts";
import type { OperandPair } from "../../workload/sparse-operands.ts";
import { sparseOperands } from "../../workload/sparse-operands.ts";
import { energyOf } from "../accounts.ts";
import type { PreparedProduct } from "../prepare-machine.ts";
import type { LayerResult } from "../result.ts";
import { score } from "../score.ts";
import type { MappingChoice, Verification } from "../simulate-layer.ts";
import { productCounts, productTraffic } from "./product-accounts.ts";
import { checkProducts } from "./product-check.ts";

/** One mapping of a layer, timed and priced. */
interface MappedProduct {
  readonly name: string;
  readonly mapping: ProductMapping;
  readonly run: ProductRun;
  readonly cycles: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly traffic: LayerResult["traffic"];
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly energy: number;
}

/** The whole result of a layer. Throws InputError naming the layer for an unknown mapping or impossible operands. */
export function simulateProductLayer(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  choice: MappingChoice & Verification,
): LayerResult {
  const { pairs, all } = mapEach(layer, prepared, choice);
  const best = all.reduce((least, mapped) =>
    score(mapped, choice.objective) < score(least, choice.objective) ? mapped : least,
  );
  return resultOf(layer, prepared, choice, pairs, best, all);
}

/** The result of a layer under every mapping, in the machine's order; throws as `simulateProductLayer` does. */
export function simulateProductMappings(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  choice: MappingChoice & Verification,
): readonly LayerResult[] {
  const { pairs, all } = mapEach(layer, prepared, choice);
  return all.map((mapped) => resultOf(layer, prepared, choice, pairs, mapped, all));
}

function mapEach(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  choice: MappingChoice & Verification,
): { readonly pairs: readonly OperandPair[]; readonly all: readonly MappedProduct[] } {
  const { mappings } = prepared.machine;
  const names = choice.mapping === undefined ? Object.keys(mappings) : [choice.mapping];
  if (choice.auditPercent > 0) {
    throw new InputError({
      path: "audit",
      message: `${prepared.machine.name} has no tiles to step: its dataflows are held against a stepped machine in tests`,
      found: String(choice.auditPercent),
      expected: "0",
    });
  }
  const pairs = sparseOperands(layer, choice.seed);
  const all = names.map((name): MappedProduct => {
    const mapping = mappings[name];
    if (mapping === undefined) {
      throw new InputError({
        path: "mapping",
        message: `${prepared.machine.name} has no such mapping`,
        found: name,
        known: Object.keys(mappings),
        expected: Object.keys(mappings).join(", "),
      });
    }
    return mapProduct(pairs, prepared, name, mapping);
  });
  return { pairs, all };
}

/** What is reported of a layer under one of `all` mappings. */
function resultOf(
  layer: ComputeLayer,
  prepared: PreparedProduct,
  choice: MappingChoice & Verification,
  pairs: readonly OperandPair[],
  mapped: MappedProduct,
  all: readonly MappedProduct[],
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
    count: pairs.length,
    density: layer.density,
    densitySource: layer.densitySource,
    nonZeros: {
      A: pairs.reduce((sum, { A }) => sum + A.column.length, 0),
      B: pairs.reduce((sum, { B }) => sum + B.column.length, 0),
    },
    mapping: mapped.name,
    loops: loopsOf(mapped.mapping, prepared.units),
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
    check: checkProducts(pairs, mapped.mapping, prepared.units, choice.check, choice.seed),
    alternatives: all
      .filter((other) => other !== mapped)
      .map(({ name, cycles, seconds, energy }) => ({ mapping: name, cycles, seconds, energy })),
  };
}

function mapProduct(
  pairs: readonly OperandPair[],
  prepared: PreparedProduct,
  name: string,
  mapping: ProductMapping,
): MappedProduct {
  const { machine, parts, dram } = prepared;
  const product = productMachineAt(parts, machine, dram, mapping.clock);
  const run = pairs.map(({ A, B }) => runProduct(A, B, product, mapping)).reduce(addRuns);
  const seconds = run.cycles / mapping.clock;
  const traffic = productTraffic(run, parts, mapping);
  const counts = productCounts(run, parts, traffic);
  const energyComponents = energyOf(counts, prepared, seconds);
  let energy = 0;
  for (const joules of Object.values(energyComponents)) energy += joules;
  return { name, mapping, run, cycles: run.cycles, seconds, counts, traffic, energyComponents, energy };
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

/** The loop nest, outermost first, for a person to read. */
function loopsOf(mapping: ProductMapping, multipliers: number): readonly string[] {
  const [outer, inner, rest, stream] = mapping.stationary === "M" ? ["m", "n", "A", "B"] : ["n", "m", "B", "A"];
  const { A, B, C } = compressionOf(mapping);
  const formats = `A in ${A.toUpperCase()}, B in ${B.toUpperCase()}, C in ${C.toUpperCase()}`;
  switch (mapping.dataflow) {
    case "inner":
      return [
        `for ${outer} in packs of rows of at most ${multipliers} entries of ${rest}, resting`,
        `for ${inner}: ${stream} streams past, sums leave the tree`,
        formats,
      ];
    case "outer":
      return [
        `for k: entries of ${rest}, ${multipliers} at a time, resting`,
        `for ${inner}: entries of ${stream} stream past, partial results wait by ${outer}`,
        `for ${outer}: merge, ${multipliers} fibres at a time`,
        formats,
      ];
    case "gustavson":
      return [
        `for ${outer}, for k in runs of ${multipliers} entries of ${rest}, resting`,
        `for ${inner}: the rows of ${stream} that they select stream past and merge`,
        formats,
      ];
  }
}
