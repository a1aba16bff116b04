// Statistics beside counted data in the reports: what the errors come to, in words and figures, and only where there are any.

import fc from "fast-check";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunResult } from "../simulate/result.ts";
import { loadDrawing } from "./html/drawing.ts";
import type { Drawing } from "./html/plot.ts";
import { renderReport } from "./html/report.ts";
import type { ComparedFigure } from "./sparsity.ts";
import { figureErrors, signedPercent, sparsityText } from "./sparsity.ts";
import { compareText, runText } from "./terminal.ts";
import { displayWidth } from "./table.ts";
import { fixtureRun, systolicMachine } from "./test/fixture.ts";

const compared = (figure: string, statistical: number, actual: number): ComparedFigure => ({
  figure,
  statistical,
  actual,
  error: statistical === actual ? 0 : statistical / actual - 1,
});

/** The fixture with these figures in its first layers. */
function runWith(...layers: readonly (readonly ComparedFigure[] | undefined)[]): RunResult {
  const run = fixtureRun(systolicMachine);
  return {
    ...run,
    layers: run.layers.map((layer, index) => {
      const sparsity = layers[index];
      return sparsity === undefined ? layer : { ...layer, sparsity };
    }),
  };
}

const plain = fixtureRun(systolicMachine);
const some = runWith([compared("executed", 0.2, 0.25), compared("step", 0.5, 0.5)], undefined, [
  compared("executed", 0.3, 0.25),
  compared("gated", 0.1, 0),
]);

describe("errors figure by figure", () => {
  test("of a run: layers, mean and largest, without those that only statistics have", () => {
    expect(figureErrors(some)).toEqual([
      {
        figure: "executed",
        layers: 2,
        mean: expect.closeTo(0.2),
        worst: { layer: "conv1", error: expect.closeTo(-0.2) },
      },
      { figure: "step", layers: 1, mean: 0, worst: { layer: "conv1", error: 0 } },
      { figure: "gated", layers: 1 },
    ]);
    expect(figureErrors(plain)).toEqual([]);
  });

  test("law: the mean lies between nothing and the largest, whose layer has it", () => {
    const value = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), (pairs) => {
        const run = runWith(...pairs.map(([statistical, actual]) => [compared("x", statistical, actual)]));
        const [{ mean, worst, layers } = { mean: undefined, worst: undefined, layers: 0 }] = figureErrors(run);
        expect(layers).toBe(pairs.length);
        const errors = run.layers.flatMap(({ sparsity = [] }) => sparsity.map(({ error }) => error));
        const finite = errors.filter((error) => Number.isFinite(error));
        if (finite.length === 0) expect([mean, worst]).toEqual([undefined, undefined]);
        else {
          const largest = Math.max(...finite.map(Math.abs));
          expect(Math.abs(worst?.error ?? NaN)).toBe(largest);
          expect(run.layers.find(({ name }) => name === worst?.layer)?.sparsity?.[0]?.error).toBe(worst?.error);
          expect(mean).toBeGreaterThanOrEqual(0);
          expect(mean ?? NaN).toBeLessThanOrEqual(largest * (1 + 1e-12));
        }
      }),
    );
  });

  test("signs", () => {
    expect([0.0234, -0.5, 0, -1e-9, Infinity].map(signedPercent)).toEqual([
      "+2.3 %",
      "−50.0 %",
      "0.0 %",
      "0.0 %",
      "n/a",
    ]);
  });
});

describe("in the terminal", () => {
  test("a table and what it is, for machines that have one", () => {
    const text = sparsityText([some], ["m"], 120, false);
    expect(text).toMatch(/^m: statistics against counts +of +mean error +largest +in layer\n/);
    expect(text).toMatch(/\nexecuted +2 layers +20\.0 % +−20\.0 % +conv1\n/);
    expect(text).toMatch(/\nstep +1 layer +0\.0 % +0\.0 %\n/);
    expect(text).toMatch(/\ngated +1 layer +n\/a +n\/a\n/);
    expect(runText(some)).toContain(sparsityText([some], [some.accelerator], 120, false));
    expect(compareText([plain, some]).match(/statistics against counts/g)).toHaveLength(1);
    expect(runText(plain)).not.toContain("statistics");
  });

  test.each([60, 80, 120])("fits %s characters, whatever names there are", (width) => {
    const hostile = runWith([compared("a\u001b[2J long figure of a layer, and longer than any that there is", 1, 2)]);
    const text = sparsityText([some, hostile], ["one", "a machine with a long name, and more"], width, false);
    expect(text).not.toContain("\u001b");
    for (const line of text.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });
});

describe("in the page", () => {
  let drawing: Drawing;
  beforeAll(async () => {
    drawing = await loadDrawing();
  });
  interface ElementLike {
    readonly textContent: string;
    getAttribute(name: string): string | null;
  }
  function select(text: string, selector: string): readonly ElementLike[] {
    const { document } = parseHTML(text) as unknown as {
      readonly document: { querySelectorAll(selector: string): Iterable<ElementLike> };
    };
    return [...document.querySelectorAll(selector)];
  }

  test("a section with a point, a row of the table and a row of its figure for each, where there are any", () => {
    const page = renderReport(drawing, [plain, some]);
    expect(select(page, "#sparsity h2").map((title) => title.textContent)).toEqual(["Statistics and data"]);
    expect(select(page, "#sparsity svg circle")).toHaveLength(3);
    expect(select(page, "#sparsity figcaption")[0]?.textContent).toMatch(/1 figure that only the statistics have/);
    const rows = select(page, "#sparsity details tbody tr").map((row) => row.textContent);
    expect(rows).toEqual([
      "1conv1executed0.20000.2500−20.0 %",
      "1conv1step0.50000.50000.0 %",
      expect.stringMatching(/^3.*executed0\.30000\.2500\+20\.0 %$/),
      expect.stringMatching(/^3.*gated0\.10000\.000n\/a$/),
    ]);
    expect(select(page, "#sparsity .pair tbody tr").map((row) => row.textContent)).toEqual([
      "executed220.0 %−20.0 %conv1",
      "step10.0 %0.0 %",
      "gated1n/an/a",
    ]);
    expect(select(page, "#sparsity")[0]?.textContent).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("no section where there are none", () => {
    const page = renderReport(drawing, [plain]);
    expect(select(page, "#sparsity")).toEqual([]);
    expect(select(page, 'nav a[href="#sparsity"]')).toEqual([]);
  });

  test("names stay text", () => {
    const hostile = "<script>alert(1)</script>";
    const page = renderReport(drawing, [runWith([compared(hostile, 1, 2)])]);
    expect(select(page, "script")).toHaveLength(1);
    expect(select(page, "#sparsity .legend li").map(({ textContent }) => textContent)).toEqual([hostile]);
  });
});
