// Tests of the HTML report: complete, self-contained, safe against names from files, honest at the edges.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunResult } from "../../simulate/result.ts";
import { fixtureRun, flexibleMachine, systolicMachine } from "../test/fixture.ts";
import { printable } from "../units.ts";
import { escapeHtml } from "./markup.ts";
import { naturalOrder } from "./mappings.ts";
import { script, scriptHash } from "./page.ts";
import { inkOn } from "./palette.ts";
import { loadDrawing } from "./drawing.ts";
import { axisScale, logTicks } from "./plot.ts";
import type { Drawing } from "./plot.ts";
import { htmlReport } from "../html.ts";
import { renderReport } from "./report.ts";
import { summarise } from "./summary.ts";

let drawing: Drawing;
beforeAll(async () => {
  drawing = await loadDrawing();
});

const left = fixtureRun(systolicMachine);
const right = fixtureRun(flexibleMachine);

interface ElementLike {
  readonly textContent: string;
  getAttribute(name: string): string | null;
}
/** Elements of the report that match a selector, through a parser that knows nothing of how it was made. */
function select(text: string, selector: string): readonly ElementLike[] {
  const { document } = parseHTML(text) as unknown as {
    readonly document: { querySelectorAll(selector: string): Iterable<ElementLike> };
  };
  return [...document.querySelectorAll(selector)];
}

/** What a missing or impossible number would have left in the page, its script aside. */
const oddNumbers = (text: string): readonly string[] => text.replace(script, "").match(/NaN|undefined|Infinity/g) ?? [];

/** The fixture with one layer whose every free text is `text`. */
function hostile(text: string): RunResult {
  const run = fixtureRun(flexibleMachine, [{ name: text, M: 64, N: 196, K: 64 }], text);
  return {
    ...run,
    accelerator: text,
    technology: text,
    energyTables: [text],
    parameters: { [text]: text },
    warnings: [text],
    areaComponents: { [text]: 1 },
    layers: run.layers.map((layer) => ({
      ...layer,
      operator: text,
      mapping: text,
      loops: [text],
      stack: { [text]: layer.cycles },
      energy: { total: 1, components: { [text]: 1 } },
    })),
    total: { ...run.total, stack: { [text]: run.total.cycles }, energyComponents: { [text]: 1 } },
  };
}

describe("a comparison", () => {
  test("is one file that asks for nothing", async () => {
    const text = await htmlReport([left, right]);
    expect(text.startsWith("<!doctype html>")).toBe(true);
    expect(text).not.toMatch(/(?:src|href)="(?!#|data:)/);
    expect(text).not.toMatch(/url\(|@import|https?:/);
    expect(text.length).toBeLessThan(600_000);
  });

  test("gives equal bytes for equal runs", () => {
    expect(renderReport(drawing, [fixtureRun(systolicMachine), fixtureRun(flexibleMachine)])).toBe(
      renderReport(drawing, [left, right]),
    );
  });

  test("has every section, a bar segment for every cause, and both roofs", () => {
    const text = renderReport(drawing, [left, right]);
    expect(select(text, "section[id]").map((section) => section.getAttribute("id"))).toEqual([
      "totals",
      "cycles",
      "mappings",
      "roofline",
      "layers",
      "loops",
      "parameters",
    ]);
    const segments = [left, right]
      .flatMap((run) => run.layers)
      .reduce((sum, layer) => sum + Object.values(layer.stack).filter((cycles) => cycles > 0).length, 0);
    const drawn = select(text, "#cycles .pair + .pair figure:first-child rect title");
    expect(drawn).toHaveLength(segments);
    expect(select(text, "#roofline [aria-label=line] path")).toHaveLength(2);
    expect(select(text, "#roofline [aria-label=dot] path")).toHaveLength(108);
    expect(select(text, "h1")[0]?.textContent).toBe("arrayflex runs resnet50 1.12× faster than systolic");
  });

  test("names every picture and scopes every header", () => {
    const text = renderReport(drawing, [left, right]);
    for (const svg of select(text, "svg")) {
      expect(svg.getAttribute("role")).toBe("img");
      expect(svg.getAttribute("aria-label")).toMatch(/\w{4}/);
    }
    for (const header of select(text, "th")) expect(header.getAttribute("scope")).toMatch(/^(row|col)$/);
    expect(select(text, "table")).toHaveLength(select(text, "table > caption").length);
    for (const label of [
      "time (µs)",
      "duration (thousand cycles)",
      "performance (MAC/s)",
      "operational intensity (MAC per byte of dram traffic)",
      "energy (mJ)",
      "area (mm²)",
    ]) {
      expect(text).toContain(label);
    }
  });
});

test.each([
  "<script>alert(1)</script>",
  "</svg><img src=x onerror=alert(1)>",
  '" onload="alert(1)',
  "' & </style>",
  "{{x}}${y}`",
  "a\u0000b\u202ec",
])("the text %s stays text", (text) => {
  const markup = renderReport(drawing, [hostile(text), left]);
  expect(select(markup, "script")).toHaveLength(1);
  expect(select(markup, "img, [onload], [onerror]")).toHaveLength(0);
  expect(select(markup, "style")).toHaveLength(1);
  if (text === printable(text)) {
    expect(select(markup, "#layers tbody th").some((cell) => cell.textContent === text)).toBe(true);
  }
});

test("law: escaped text holds no character that could end its place", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
    }),
  );
});

test("the policy lets exactly the page's script run", () => {
  expect(createHash("sha256").update(script).digest("base64")).toBe(scriptHash);
  expect(renderReport(drawing, [right])).toContain(`script-src 'sha256-${scriptHash}'`);
});

describe("edges", () => {
  test("unlimited bandwidth draws the flat roof and says so", () => {
    const text = renderReport(drawing, [fixtureRun({ ...flexibleMachine, bytesPerSecond: "unlimited" })]);
    expect(text).toContain("unlimited bandwidth, so only the flat roof is drawn");
    const [path] = select(text, "#roofline [aria-label=line] path");
    expect(path?.getAttribute("d")?.match(/[ML]/g)).toHaveLength(2);
  });

  test("runs without layers, traffic or components still make a page", () => {
    const empty = fixtureRun(systolicMachine, []);
    const text = renderReport(drawing, [
      { ...empty, areaComponents: {} },
      { ...fixtureRun(flexibleMachine, []), total: { ...empty.total, traffic: {} } },
    ]);
    expect(oddNumbers(text)).toEqual([]);
    expect(renderReport(drawing, [])).toContain("Nothing was run");
  });

  test("long networks draw the layers that take longest and say how many are left", () => {
    const shapes = Array.from({ length: 300 }, (_, index) => ({
      name: `layer ${String(index)}`,
      M: 64 + index,
      N: 64,
      K: 64,
    }));
    const text = renderReport(drawing, [fixtureRun(systolicMachine, shapes), fixtureRun(flexibleMachine, shapes)]);
    expect(text).toContain("The 120 layers that take longest are drawn; 180 shorter ones are in the table of layers.");
    expect(oddNumbers(text)).toEqual([]);
  });
});

test("the headline compares the fastest with its rival", () => {
  const names = ["a", "b", "c"];
  const timed = (seconds: number): RunResult => ({ ...left, total: { ...left.total, seconds } });
  expect(summarise([timed(2), timed(1)], names).headline).toBe("b runs resnet50 2.00× faster than a");
  expect(summarise([timed(1), timed(3)], names).headline).toBe("a runs resnet50 3.00× faster than b");
  expect(summarise([timed(1), timed(4), timed(2)], names).headline).toBe(
    "a runs resnet50 2.00× faster than the next of 3 machines",
  );
  expect(summarise([timed(6), timed(4), timed(2)], names).headline).toBe("c runs resnet50 3.00× faster than a");
  expect(summarise([timed(1), timed(1)], ["a", "b"]).headline).toBe("a and b run resnet50 equally fast");
  expect(summarise([timed(1)], ["a"]).headline).toContain("takes 1.00 s on a");
});

test("orders, scales, ticks and inks", () => {
  expect(["k=10", "k=2", "k=1", "a"].sort(naturalOrder)).toEqual(["a", "k=1", "k=2", "k=10"]);
  expect(axisScale([1e-5, 3e-4], "s")).toEqual({ factor: 1e-6, unit: "µs" });
  expect(axisScale([62_000], "cycles")).toEqual({ factor: 1000, unit: "thousand cycles" });
  expect(axisScale([], "s")).toEqual({ factor: 1, unit: "s" });
  expect(logTicks([0.5, 25])).toEqual([0.5, 1, 2, 5, 10, 20]);
  expect(logTicks([1, 1e5])).toEqual([1, 10, 100, 1000, 1e4, 1e5]);
  expect([inkOn("#f0e442"), inkOn("#0072b2"), inkOn("#000000")]).toEqual(["#000", "#fff", "#fff"]);
});
