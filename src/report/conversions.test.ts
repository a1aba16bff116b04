// The letters of a run's dataflows, what reports say of conversions between layers, and that other runs say nothing.

import { expect, test } from "vitest";
import type { Conversion, LayerResult, RunResult } from "../simulate/result.ts";
import { conversionSentences, conversionText, mapLetters, mapLines } from "./conversions.ts";
import { runsCsv } from "./csv.ts";
import { loadDrawing } from "./html/drawing.ts";
import { renderReport } from "./html/report.ts";
import { runJson } from "./json.ts";
import { displayWidth } from "./table.ts";
import { compareText, runText } from "./terminal.ts";
import { fixtureRun, systolicMachine } from "./test/fixture.ts";

const dense = fixtureRun(systolicMachine);

const conversion: Conversion = {
  operand: "B",
  from: "csr",
  to: "csc",
  elements: 1234,
  cycles: 12_340,
  seconds: 1.234e-5,
  energy: { total: 2e-6, components: { dram: 2e-6 } },
};

/** The fixture's run with these mappings; before each layer of `converted` an operand changes its format. */
function productRun(mappings: readonly string[], converted: readonly number[], counted = false): RunResult {
  const shapes = mappings.map((_, i) => ({ name: `layer ${String(i)}`, M: 64, N: 64, K: 64 }));
  const run = fixtureRun(systolicMachine, shapes, "products");
  const path = { conversions: converted.length, cycles: 5000, seconds: 5e-6, energy: 1e-6 };
  return {
    ...run,
    layers: run.layers.map((layer, i): LayerResult => ({
      ...layer,
      mapping: mappings[i] ?? "",
      nonZeros: { A: 7, B: 9 },
      ...(converted.includes(i) ? { conversion } : {}),
    })),
    conversions: {
      counted,
      operand: "B",
      conversions: converted.length,
      elements: 1234 * converted.length,
      cycles: 12_340 * converted.length,
      seconds: 1.234e-5 * converted.length,
      energy: 2e-6 * converted.length,
      paths: { layerByLayer: path, best: { ...path, conversions: 1, cycles: 4000 } },
    },
  };
}

const six = ["inner-m", "outer-n", "gustavson-m", "gustavson-n", "k=2", "inner-n"];
const run = productRun(six, [1, 4]);

test("a letter for each layer", () => {
  expect(mapLetters(run)).toEqual({ dataflow: "IOGG·I", resting: "MNMN·N", converted: "·x··x·" });
  expect(mapLines(run, 80)).toEqual([
    "layer       1",
    "dataflow    IOGG·I",
    "resting     MNMN·N",
    "converted   ·x··x·",
  ]);
});

test("long networks break after tens of layers, below their numbers", () => {
  const long = productRun(
    Array.from({ length: 35 }, () => "gustavson-m"),
    [],
  );
  expect(mapLines(long, 40)).toEqual([
    "layer       1          11",
    "dataflow    GGGGGGGGGG GGGGGGGGGG",
    "resting     MMMMMMMMMM MMMMMMMMMM",
    "converted   ·········· ··········",
    "",
    "layer       21         31",
    "dataflow    GGGGGGGGGG GGGGG",
    "resting     MMMMMMMMMM MMMMM",
    "converted   ·········· ·····",
  ]);
  for (const width of [40, 60, 80, 120]) {
    for (const line of conversionText(long, "x", width).split("\n")) {
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  }
});

test("words for what is needed, and whether it is counted", () => {
  expect(conversionSentences(run, "m")).toEqual([
    "m needs operand B in another format before 2 layers: 24,680 cycles and 4.00 µJ for 2,468 non-zeros, not counted.",
    "With these counted it takes 5,000 cycles and 1.00 µJ with 2 conversions; the best path, which --conversions count chooses, takes 4,000 cycles and 1.00 µJ with 1 conversion.",
  ]);
  const [first, second] = conversionSentences(productRun(six, [1], true), "m");
  expect(first).toMatch(/before 1 layer: .* % of the cycles\), counted\.$/);
  expect(second).toMatch(/^The best mapping of each layer by itself would take 5,000 cycles/);
  expect(conversionSentences(productRun(six, []), "m")).toEqual(["m needs no change of format between layers."]);
  expect(conversionSentences(productRun(six, [], true), "m")[0]).toContain("needs no change of format");
});

test("the terminal shows them for one run and for several", () => {
  expect(runText(run)).toContain("dataflow    IOGG·I\n");
  const text = compareText([dense, run]);
  expect(text.match(/^dataflow /gm)).toHaveLength(1);
  expect(text).toContain("needs operand B in another format");
});

test("JSON holds every field in a fixed order, CSV a column for each", () => {
  expect(JSON.parse(runJson(run))).toEqual(run);
  const layers = run.layers.map(({ conversion: first, ...rest }) =>
    first === undefined ? rest : { conversion: first, ...rest },
  );
  expect(runJson({ ...run, layers })).toBe(runJson(run));
  const [head = "", first = "", second = ""] = runsCsv([run]).split("\r\n");
  const cells = (row: string): Record<string, string | undefined> =>
    Object.fromEntries(head.split(",").map((name, i) => [name, row.split(",")[i]]));
  expect(cells(first)).toMatchObject({ conversion_counted: "", conversion_cycles: "" });
  expect(cells(second)).toMatchObject({
    conversion_counted: "false",
    conversion_operand: "B",
    conversion_from: "csr",
    conversion_to: "csc",
    conversion_elements: "1234",
    conversion_cycles: "12340",
    conversion_energy_joules: "0.000002",
  });
});

test("the HTML report draws a dot for each, lists them, and compares mappings without them", async () => {
  const drawing = await loadDrawing();
  const page = renderReport(drawing, [run]);
  expect(page).toContain("\ndataflow    IOGG·I\nresting     MNMN·N\n");
  expect(page).not.toContain("\ufffd");
  expect(page.match(/<title>before layer \d: operand B from CSR to CSC<\/title>/g)).toHaveLength(2);
  expect(page).toContain("not part of the figures of the layers");
  expect(page).not.toMatch(/(?:NaN|undefined)</);
  const counted = renderReport(drawing, [productRun(six, [1, 4], true)]);
  expect(counted).toContain("; part of the figures of the layers");
});

test("runs on other machines, and runs of one layer, say nothing", async () => {
  const drawing = await loadDrawing();
  for (const quiet of [dense, productRun(["inner-m"], [])]) {
    expect(conversionText(quiet, "m", 80)).toBe("");
    expect(runText(quiet)).not.toContain("format");
    expect(renderReport(drawing, [quiet])).not.toContain("formats between layers");
  }
  expect(runsCsv([dense])).not.toContain("conversion");
  expect(runJson(dense)).not.toContain("conversion");
});
