// flexnn is at most every fixed dataflow on every layer, for each objective: by the same searches on the same array, one
// for each dataflow, beside its own among all schedules.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import type { Objective } from "../../src/simulate/machine.ts";
import type { LayerResult, RunResult } from "../../src/simulate/result.ts";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { comparedRequests } from "../../src/workbench/request/equalise.ts";
import { runRequest } from "../../src/workbench/request/run-request.ts";
import type { MachineFlags } from "../../src/workbench/request/settings.ts";
import { machineRequests } from "../../src/workbench/request/settings.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import type { ComputeLayer, ComputeOperation, Network } from "../../src/workload/layer.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { operationArbitrary } from "../support/machines.ts";
import { figureOf, fixedMachines, missesOn } from "./flexible.ts";

/** Searches that are soon done: as long for each dataflow as the fixed machines' own. */
const quick = { search: 20, "search.each": 20 };
const objectives = fc.constantFrom("cycles", "seconds", "energy", "edp");
const share = fc.oneof(fc.constant(1), fc.double({ min: 0.1, max: 1, noNaN: true }));
const densities = fc.record({ A: share, B: share });

/** Sizes down to an array as small as the layers, and every other choice but the drain. */
const settings = fc.record(
  {
    "array.rows": fc.constantFrom(2, 4),
    "array.columns": fc.constantFrom(2, 4),
    "buffer.bytes": fc.constantFrom(1024, 2048),
    bandwidth: fc.constantFrom(1e9, 4e9),
    latency: fc.constantFrom(0, 1e-7),
    tree: fc.constantFrom("variable", "fixed", "chain"),
    barrier: fc.constantFrom("lane", "pe", "column", "array"),
    compression: fc.constantFrom("none", "zvc"),
    sparsity: fc.constantFrom("none", "weights", "inputs", "both"),
  },
  { requiredKeys: [] },
);

const layerOf = (name: string, operation: ComputeOperation, density: ComputeLayer["density"]): ComputeLayer => ({
  kind: "compute",
  name,
  operation,
  weightsConstant: true,
  density,
  densitySource: { A: "given", B: "given" },
});

test("the machines differ in their mappings and in the drain, and share the searches of the dataflows", () => {
  const flexible = acceleratorNamed("flexnn").configure({}).machine;
  const { search, ...dataflows } = flexible.mappings;
  expect(search).toMatchObject({ dataflow: "any" });
  expect(Object.keys(dataflows).map((name) => `fixed-${name}`)).toEqual(fixedMachines);
  for (const [name, mapping] of Object.entries(dataflows)) {
    const { machine } = acceleratorNamed(`fixed-${name}`).configure({ drain: "reordering" });
    expect(machine).toEqual({ ...flexible, name: `fixed-${name}`, mappings: { [name]: mapping } });
  }
});

test("layers with and without zeros, on arrays of any kind", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(operationArbitrary, densities, objectives, settings, (operation, density, objective, set) => {
      expect(missesOn(layerOf("layer", operation, density), objective, { ...set, ...quick })).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

test("a layer of a network, at the defaults", { timeout: 120_000 }, () => {
  const layer = computeLayers(builtinNetwork("mobilenet-v1"))[1];
  if (layer === undefined) throw new Error("no such layer");
  expect(missesOn(layer, "edp")).toEqual([]);
});

describe("networks, as a comparison runs them", () => {
  const everyone = ["flexnn", ...fixedMachines].join();
  const set = Object.entries(quick).map(([path, value]) => `${path}=${value}`);

  async function compared(network: Network, objective: Objective, flags: MachineFlags): Promise<readonly RunResult[]> {
    const { requests } = comparedRequests(machineRequests({ on: everyone, ...flags }), false);
    const runs: RunResult[] = [];
    for (const request of requests) {
      runs.push(await runWorkload(network, await runRequest(network, request, { objective })));
    }
    return runs;
  }

  const networks = fc
    .array(fc.record({ operation: operationArbitrary, density: densities }), { minLength: 2, maxLength: 2 })
    .map((layers): Network => ({
      name: "random",
      source: "test",
      inputs: [],
      layers: layers.map(({ operation, density }, i) => layerOf(`layer${i}`, operation, density)),
      warnings: [],
    }));

  /** Layers on which a machine ends below the first one, the figures of each as `of` has them. */
  function misses(
    [flexible, ...fixed]: readonly RunResult[],
    objective: Objective,
    of: (layer: LayerResult) => LayerResult = (layer) => layer,
  ): readonly string[] {
    // A layout's joules are added to a sum of floating numbers: taken away again, the last digit may differ.
    const own = (flexible?.layers ?? []).map((layer) => figureOf(of(layer), objective) * (1 - 1e-12));
    return fixed.flatMap(({ accelerator, layers }) =>
      layers.flatMap((layer, i) =>
        (own[i] ?? Infinity) > figureOf(of(layer), objective) ? [`${accelerator} ${layer.name}`] : [],
      ),
    );
  }

  /** A layer without what the order of its inputs costs. */
  function withoutLayout(layer: LayerResult): LayerResult {
    const { cycles, seconds, clock, energy, layout } = layer;
    if (layout === undefined) return layer;
    const alone = cycles - layout.cycles;
    return {
      ...layer,
      cycles: alone,
      seconds: layout.cycles === 0 ? seconds : alone / clock,
      energy: { ...energy, total: energy.total - layout.energy },
    };
  }

  test.each([
    ["by default", [], 3],
    ["with drains that reorder", ["drain=reordering"], 2],
  ] as const)("%s: every layer, and the sums of cycles and energy", { timeout: 120_000 }, async (_, drain, numRuns) => {
    await fc.assert(
      fc.asyncProperty(networks, fc.constantFrom("cycles", "energy", "edp"), async (network, objective) => {
        const runs = await compared(network, objective, { set: [...set, ...drain] });
        expect(misses(runs, objective)).toEqual([]);
        if (objective === "edp") return;
        const [flexible, ...fixed] = runs.map(({ total }) => total[objective]);
        for (const total of fixed) expect(flexible).toBeLessThanOrEqual(total * (1 + 1e-12));
      }),
      { numRuns },
    );
  });

  test("with plain drains: every layer but for what the order of its inputs costs", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(networks, fc.constantFrom("cycles", "energy", "edp"), async (network, objective) => {
        const runs = await compared(network, objective, { set: [...set, "drain=plain"] });
        expect(misses(runs, objective, withoutLayout)).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});
