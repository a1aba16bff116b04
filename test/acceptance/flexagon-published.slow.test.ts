// Flexagon as simulated on all 511 layers of its evaluation, against the published results: cycles and misses of five
// networks, the fastest dataflow in every layer of eight, and the speed-ups of the abstract. Operands are random with
// the recorded numbers of non-zeros.
//
// Measured with seed 1, A resting; mean error of a layer's cycles, and total over that of the fastest of three, published
// and modelled (of the last three networks, cycles were not published):
//
//                 inner                 outer                 Gustavson             same fastest
// AlexNet         5.8 %  4.481  4.128    2.0 %  1.077  1.097   13.6 %  1.162  1.057    4 of   5
// SqueezeNet      3.5 %  4.322  4.481    7.1 %  1.244  1.253    9.7 %  1.114  1.099   26 of  26
// VGG             7.5 %  7.418  7.310    7.7 %  1.036  1.046   15.9 %  2.125  1.960    8 of   8
// ResNet-50       5.2 %  5.047  5.441   11.0 %  1.426  1.479   18.0 %  1.599  1.720   52 of  54
// SSD-MobileNet   4.1 %  4.258  5.083    8.1 %  2.686  3.083   13.3 %  1.238  1.298   28 of  29
// SSD-ResNet                    7.391                  1.020                  1.871   37 of  37
// DistilBERT                    4.229                  7.297                  1.000   36 of  36
// MobileBERT                    2.137                  2.859                  1.000  316 of 316
// five, geometric        4.988  5.183           1.397  1.457           1.403  1.385  118 of 122
// eight, geometric       4.592  4.728           1.804  1.854           1.349  1.325  507 of 511
//
// In two of the four other layers (A0, S-M27) the modelled two fastest are within 2 %; in R3 and R7 the real operands
// favour the inner product.

import { beforeAll, describe, expect, test } from "vitest";
import type { ProductDataflow } from "../../src/mapping/product-mapping.ts";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import type { ByDataflow, Compared } from "../support/flexagon-published.ts";
import {
  compare,
  compulsoryMisses,
  fastest,
  flexagonFile,
  geometricMean,
  modelledLayers,
  publishedLayers,
  publishedNetworks,
  threeDataflows,
} from "../support/flexagon-published.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const seed = 1;

/** Bounds of the mean errors above: inner, outer, Gustavson. */
const meanErrors: Readonly<Record<string, readonly [number, number, number]>> = {
  A: [0.06, 0.025, 0.14],
  SQ: [0.04, 0.075, 0.1],
  V: [0.08, 0.08, 0.165],
  R: [0.055, 0.115, 0.185],
  "S-M": [0.045, 0.085, 0.135],
};

/** Fastest dataflow of the three by layer, as published, of the networks whose cycles are not here. */
const publishedFastest = {
  "flexagon:ssd-resnet": "OOOOOOOOOOOOOOGOOGOOOOOOOOOOGOGGGGGGG",
  "flexagon:distilbert": "G".repeat(36),
  "flexagon:mobilebert": "G".repeat(316),
};

const letterOf: Readonly<Record<ProductDataflow, string>> = { inner: "I", outer: "O", gustavson: "G" };

const modelled = async (network: string): Promise<readonly ByDataflow[]> => [
  ...(await modelledLayers(builtinNetwork(network), { seed, stationary: "M", threads: 2 })).values(),
];

describe.skipIf(!hasShared(flexagonFile))(`all layers of Flexagon's evaluation${needs(flexagonFile)}`, () => {
  const compared: Compared[] = [];
  /** Ratios of the networks without published cycles. */
  const others: Compared[] = [];
  let misses = { determined: 0, sameOuter: 0 };
  let sameFastest = 0;

  beforeAll(async () => {
    const published = publishedLayers(sharedPath(flexagonFile), "M");
    for (const network of Object.values(publishedNetworks)) {
      const layers = computeLayers(builtinNetwork(network));
      const ours = await modelled(network);
      const theirs = layers.flatMap(({ name }) => published.get(name) ?? []);
      expect(theirs).toHaveLength(ours.length);
      compared.push(compare(theirs, ours));
      let { determined, sameOuter } = misses;
      for (const [i, layer] of layers.entries()) {
        const [a, b] = [ours[i], theirs[i]];
        if (a?.outer.misses === b?.outer.misses) sameOuter++;
        const expected = compulsoryMisses(layer, seed);
        if (expected === undefined) continue;
        determined++;
        const found = [a?.outer.misses, a?.gustavson.misses, b?.outer.misses, b?.gustavson.misses];
        expect([layer.name, ...found]).toEqual([layer.name, expected, expected, expected, expected]);
      }
      misses = { determined, sameOuter };
    }
    for (const [network, letters] of Object.entries(publishedFastest)) {
      const ours = await modelled(network);
      expect(ours).toHaveLength(letters.length);
      others.push(compare(ours, ours));
      for (const [i, layer] of ours.entries()) if (letterOf[fastest(layer)] === letters[i]) sameFastest++;
    }
    for (const network of compared) sameFastest += network.sameFastest;
  }, 1_800_000);

  test("cycles of five networks have the mean errors that were measured", () => {
    for (const [i, code] of Object.keys(publishedNetworks).entries()) {
      for (const [d, dataflow] of threeDataflows.entries()) {
        const error = compared[i]?.byDataflow[dataflow].meanError ?? Infinity;
        expect([code, dataflow, error < (meanErrors[code]?.[d] ?? 0)]).toEqual([code, dataflow, true]);
      }
    }
  });

  test("misses of outer product and Gustavson are the published ones wherever the operands' sizes determine them", () => {
    expect(misses.determined).toBe(81);
    expect(misses.sameOuter).toBe(118);
  });

  test("the published dataflow is the fastest of three in at least 97 % of the layers", () => {
    expect(compared.reduce((sum, { layers }) => sum + layers, 0)).toBe(122);
    expect(sameFastest).toBeGreaterThanOrEqual(0.97 * 511);
    expect(compared.reduce((sum, network) => sum + network.sameFastest, 0)).toBeGreaterThanOrEqual(118);
  });

  // The paper states 1.71 over the outer product; what was published with it gives 1.80.
  test.each([
    ["inner", 4.59],
    ["outer", 1.8],
    ["gustavson", 1.35],
  ] as const)(
    "geometric mean over %s is within 5 %% of %f over eight networks, and of the published five",
    (dataflow, stated) => {
      const eight = geometricMean([...compared, ...others], dataflow, "modelled");
      expect(Math.abs(eight / stated - 1)).toBeLessThan(0.05);
      const five = geometricMean(compared, dataflow, "modelled");
      expect(Math.abs(five / geometricMean(compared, dataflow, "published") - 1)).toBeLessThan(0.05);
    },
  );
});
