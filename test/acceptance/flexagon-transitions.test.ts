// The best path over published cycles against the path that the authors of the figures published, conversions included.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { settleConversions } from "../../src/simulate/product/transitions.ts";
import { preparedProduct, productResults } from "../support/product-results.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const table = "reference/flexagon_layers.csv";

/** Cycles of the six mappings and non-zeros of every layer of a model. */
function layersOf(model: string) {
  const [head = "", ...lines] = readFileSync(sharedPath(table), "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.flatMap((line) => {
    const cells = line.split(",");
    if (cells[names.indexOf("model")] !== model) return [];
    const number = (name: string): number => Number(cells[names.indexOf(name)]);
    return [
      {
        nonZeros: { A: number("nnzA"), B: number("nnzB") },
        cycles: ["IPM", "IPN", "OPM", "OPN", "GUM", "GUN"].map((name) => number(`cyc_${name}`)),
      },
    ];
  });
}

function settle(model: string, cyclesPerElement: number, operand: "A" | "B" = "A") {
  const prepared = preparedProduct({ operand, cyclesPerElement });
  const results = layersOf(model).map((layer) => productResults(layer, prepared));
  return settleConversions(results, prepared, {
    objective: "seconds",
    conversions: "count",
    follows: results.map((_, i) => i > 0),
  });
}

/** `gustavson-m` as Gm. */
const brief = (mapping: string): string => `${mapping.charAt(0).toUpperCase()}${mapping.slice(-1)}`;

describe.skipIf(!hasShared(table))(`best paths over published cycles${needs(table)}`, () => {
  test("SqueezeNet with 10 cycles a non-zero", () => {
    const { layers, total } = settle("SQ", 10);
    expect(layers.map(({ mapping }) => brief(mapping)).join(" ")).toBe(
      "Gn Gm Im Gn Gm Im Gn Gm Gn Gn Gm Gn Gn Gn Gn Gm Gm Gm Gm Gm Gn Gn Gn Gn Gn Gn",
    );
    const converted = layers.flatMap(({ conversion }, i) => (conversion === undefined ? [] : [i]));
    expect(converted).toEqual([1, 3, 4, 6, 7, 8, 10, 11, 15, 20]);
    expect(total.paths.best.cycles).toBe(92_582_510);
  });

  test("AlexNet needs no conversion", () => {
    const { layers, total } = settle("A", 10);
    expect(layers.map(({ mapping }) => brief(mapping)).join(" ")).toBe("Gn Gn Gn Gn Gn");
    expect(total.paths.best).toMatchObject({ conversions: 0, cycles: 107_153_888 });
  });

  test("SqueezeNet without any conversion", () => {
    const { layers, total } = settle("SQ", 1e6);
    expect(total.paths.best).toMatchObject({ conversions: 0, cycles: 93_213_884 });
    expect(layers.slice(0, 4).map(({ mapping }) => brief(mapping))).toEqual(["Gn", "Om", "In", "Gn"]);
  });

  test("converting activations, operand B, costs more than it gains in SqueezeNet", () => {
    const { layers, total } = settle("SQ", 10, "B");
    expect(layers.every(({ conversion }) => conversion === undefined)).toBe(true);
    expect(total.paths).toMatchObject({
      layerByLayer: { conversions: 21, cycles: 123_282_271 },
      best: { conversions: 0, cycles: 93_579_835 },
    });
  });
});
