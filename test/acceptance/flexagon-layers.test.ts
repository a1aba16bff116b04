// The built-in layers of Flexagon's evaluation against the reference table, row by row.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const table = "reference/flexagon_layers.csv";

/** Rows of one model as `layer M N K nnzA nnzB`. */
function reference(): ReadonlyMap<string, readonly string[]> {
  const [head = "", ...lines] = readFileSync(sharedPath(table), "utf8").trim().split("\n");
  const names = head.split(",");
  const columns = ["layer", "M", "N", "K", "nnzA", "nnzB"].map((name) => names.indexOf(name));
  expect(columns).not.toContain(-1);
  const models = new Map<string, string[]>();
  for (const line of lines) {
    const cells = line.split(",");
    const model = cells[names.indexOf("model")] ?? "";
    const rows = models.get(model) ?? [];
    models.set(model, rows);
    rows.push(columns.map((column) => cells[column] ?? "").join(" "));
  }
  return models;
}

const codes = {
  A: "flexagon:alexnet",
  SQ: "flexagon:squeezenet",
  V: "flexagon:vgg",
  R: "flexagon:resnet50",
  "S-R": "flexagon:ssd-resnet",
  "S-M": "flexagon:ssd-mobilenet",
  DB: "flexagon:distilbert",
  MB: "flexagon:mobilebert",
};

describe.skipIf(!hasShared(table))(`layers of Flexagon's evaluation${needs(table)}`, () => {
  const models = hasShared(table) ? reference() : new Map<string, readonly string[]>();

  test.each(Object.entries(codes))("%s is %s", (code, name) => {
    const ours = builtinNetwork(name).layers.map((layer, index) => {
      if (layer.kind !== "compute" || layer.operation.operator !== "matmul") return layer.kind;
      expect(layer.name).toBe(`${code}${index}`);
      const { M, N, K } = layer.operation;
      return [index, M, N, K, layer.nonZeros?.A, layer.nonZeros?.B].join(" ");
    });
    expect(ours).toEqual(models.get(code));
  });

  test("hold every model and every layer of the table", () => {
    expect([...models.keys()].toSorted()).toEqual(Object.keys(codes).toSorted());
    expect([...models.values()].reduce((sum, rows) => sum + rows.length, 0)).toBe(511);
  });
});
