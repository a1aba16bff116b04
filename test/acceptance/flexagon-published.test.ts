// Flexagon as simulated against its published results, on the layers that take little time; all layers are in
// flexagon-published.slow.test.ts. Operands are random with the recorded numbers of non-zeros, the real ones are not
// public: their zeros lie in clusters, which is where the cycles differ.

import { expect, test } from "vitest";
import type { ComputeLayer, Network } from "../../src/workload/layer.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import {
  compare,
  compulsoryMisses,
  fastest,
  flexagonFile,
  modelledLayers,
  publishedLayers,
  threeDataflows,
} from "../support/flexagon-published.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const seed = 1;

/** Layers of up to 1.5 million products, were they spread evenly. */
const isCheap = ({ operation, nonZeros }: ComputeLayer): boolean =>
  operation.operator === "matmul" && ((nonZeros?.A ?? 0) * (nonZeros?.B ?? 0)) / operation.K < 1.5e6;

function cheapPart(name: string): { readonly network: Network; readonly layers: readonly ComputeLayer[] } {
  const network = builtinNetwork(name);
  const layers = network.layers.filter((layer) => layer.kind === "compute" && isCheap(layer));
  return { network: { ...network, layers }, layers: layers.flatMap((one) => (one.kind === "compute" ? [one] : [])) };
}

/** Mean error of the cycles over these layers, measured and rounded up: inner, outer, Gustavson. */
const cheap = [
  ["flexagon:squeezenet", 9, [0.056, 0.103, 0.084]],
  ["flexagon:ssd-mobilenet", 14, [0.039, 0.059, 0.086]],
] as const;

test.skipIf(!hasShared(flexagonFile)).each(cheap)(
  `cycles, misses and fastest dataflow of the cheap layers of %s${needs(flexagonFile)}`,
  async (name, count, errors) => {
    const { network, layers } = cheapPart(name);
    expect(layers).toHaveLength(count);
    const published = publishedLayers(sharedPath(flexagonFile), "M");
    const modelled = await modelledLayers(network, { seed, stationary: "M", threads: 1 });
    const pairs = layers.map((layer) => {
      const [theirs, ours] = [published.get(layer.name), modelled.get(layer.name)];
      if (theirs === undefined || ours === undefined) throw new Error(`nothing of ${layer.name}`);
      const misses = compulsoryMisses(layer, seed);
      if (misses !== undefined) {
        expect([layer.name, ours.outer.misses, ours.gustavson.misses]).toEqual([layer.name, misses, misses]);
        expect([layer.name, theirs.outer.misses, theirs.gustavson.misses]).toEqual([layer.name, misses, misses]);
      }
      return { theirs, ours };
    });
    const { byDataflow, sameFastest } = compare(
      pairs.map(({ theirs }) => theirs),
      pairs.map(({ ours }) => ours),
    );
    for (const [i, dataflow] of threeDataflows.entries()) {
      expect(byDataflow[dataflow].meanError).toBeLessThan(errors[i] ?? 0);
    }
    // One layer of ssd-mobilenet, with a single column, is within 4 % in all three.
    expect(sameFastest).toBeGreaterThanOrEqual(layers.length - (name === "flexagon:ssd-mobilenet" ? 1 : 0));
  },
);

test("Gustavson is the fastest of the three in every layer of MobileBERT, as published", async () => {
  const modelled = await modelledLayers(builtinNetwork("flexagon:mobilebert"), { seed, stationary: "M", threads: 1 });
  expect(modelled.size).toBe(316);
  expect(new Set([...modelled.values()].map(fastest))).toEqual(new Set(["gustavson"]));
});

test("results do not depend on the number of threads", async () => {
  const { network } = cheapPart("flexagon:ssd-mobilenet");
  const run = (threads: number) =>
    runWorkload(
      { ...network, layers: network.layers.slice(-5) },
      { accelerator: "flexagon", set: {}, objective: "cycles", seed, check: "sample", auditPercent: 0, threads },
    );
  const one = await run(1);
  expect(one.layers).toHaveLength(5);
  expect(await run(2)).toEqual(one);
});
