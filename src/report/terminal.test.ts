// Tests of the reports that people read in a terminal: tables, stack bars, runs and claims.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stackBar } from "./bar.ts";
import { displayWidth, table } from "./table.ts";
import type { Column } from "./table.ts";
import { compareText, runText, warningsText } from "./terminal.ts";
import { fixtureRun, flexibleMachine, systolicMachine } from "./test/fixture.ts";

const left = fixtureRun(systolicMachine);
const right = fixtureRun(flexibleMachine);
// Without the escape sequences of colours.
const bare = (text: string): string => text.replace(/\u001b\[[\d;]*m/g, "");
const widest = (text: string): number => Math.max(...text.split("\n").map(displayWidth));

describe("table", () => {
  test("aligns, shows units and cuts names in the middle", () => {
    const columns: Column[] = [
      { title: "layer", minimum: 8 },
      { title: "cycles", unit: "cycles", align: "right" },
    ];
    expect(
      table(
        columns,
        [
          ["a-very-long-layer-name", "12"],
          ["b", "3,456"],
        ],
        24,
      ),
    ).toBe(
      [
        "layer             cycles",
        "                [cycles]",
        "──────────────  ────────",
        "a-very-…r-name        12",
        "b                  3,456",
        "",
      ].join("\n"),
    );
  });

  test("leaves out the least important columns and names them", () => {
    const columns: Column[] = [{ title: "name" }, { title: "minor", drop: 2 }, { title: "detail", drop: 1 }];
    const text = table(columns, [["n".repeat(10), "m".repeat(10), "d".repeat(10)]], 25);
    expect(text).toContain("dddddddddd");
    expect(text).not.toContain("mmm");
    expect(text.replace(/\n/g, " ")).toContain("Left out for width: minor");
  });

  test("law: no line is wider than the width, whatever the cells", () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 30 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((count) =>
          fc.tuple(
            fc.array(
              fc.record({
                title: fc.string({ maxLength: 12 }),
                align: fc.constantFrom("left" as const, "right" as const),
                minimum: fc.constantFrom(2, 6, 100),
              }),
              { minLength: count, maxLength: count },
            ),
            fc.array(fc.array(cell, { minLength: count, maxLength: count }), { maxLength: 6 }),
          ),
        ),
        fc.integer({ min: 20, max: 100 }),
        ([columns, rows], width) => {
          expect(widest(table(columns, rows, width))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("stack bar", () => {
  test("law: the bar is full, and no cause is off by a cell or more", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1e6), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 60 }),
        (values, width) => {
          const causes = values.map((_, index) => `cause ${String(index)}`);
          const stack = Object.fromEntries(causes.map((cause, index) => [cause, values[index] ?? 0]));
          const bar = stackBar(stack, causes, width, false);
          const text = typeof bar === "string" ? bar : bar.text;
          expect(displayWidth(text)).toBe(width);
          const total = values.reduce((a, b) => a + b, 0);
          if (total === 0) return;
          const glyphs = ["█", "▒", "░", "▓", "▚", "▞", "▪"];
          values.forEach((value, index) => {
            const cells = Array.from(text).filter((glyph) => glyph === glyphs[index]).length;
            expect(Math.abs(cells - (value / total) * width)).toBeLessThan(1 + 1e-9);
          });
        },
      ),
    );
  });

  test("colours change no character position", () => {
    const bar = stackBar({ a: 1, b: 2 }, ["a", "b"], 9, true);
    if (typeof bar === "string") throw new Error("a stack with cycles is painted");
    expect(bare(bar.painted)).toHaveLength(9);
    expect(bar.painted).toContain("\u001b[38;5;");
  });
});

describe.each([80, 100, 120, 200])("at %s characters", (width) => {
  test("runs and comparisons fit", () => {
    const many = [
      left,
      right,
      fixtureRun({ ...systolicMachine, size: 64 }),
      fixtureRun({ ...flexibleMachine, accelerator: "third" }),
    ];
    for (const text of [
      runText(right, { width }),
      compareText([left, right], { width }),
      compareText(many.slice(0, 3), { width }),
    ]) {
      expect(widest(text)).toBeLessThanOrEqual(width);
    }
    expect(widest(compareText(many, { width }))).toBeLessThanOrEqual(width);
    // A figure is never cut: what does not fit goes into a further table.
    expect(compareText(many, { width, layers: false })).not.toMatch(/\d…|…\d/);
  });
});

test("colours add escape sequences and nothing else", () => {
  const colourless = (text: string): string => bare(text).replace(/[█▒░▓]/g, "█");
  expect(runText(right, { colour: false })).not.toContain("\u001b");
  expect(colourless(runText(right, { colour: true }))).toBe(colourless(runText(right)));
  expect(colourless(compareText([left, right], { colour: true }))).toBe(colourless(compareText([left, right])));
});

test("a comparison names the machines, the ratio and the winner", () => {
  const text = compareText([left, right]);
  expect(text).toContain("─ systolic ─");
  const fc54 = text.split("\n").find((line) => /^\s*54 /.test(line)) ?? "";
  expect(fc54).toMatch(/k=4 .*\d µs \*\s+0\.71\d×$/);
  expect(text).toContain("arrayflex chose weight-stationary k=2 on 32 layers");
  expect(compareText([right])).toBe(runText(right));
});

test("layers can be left out, and an empty run still reports", () => {
  expect(runText(right, { layers: false })).not.toContain("layer1.0.conv1");
  const empty = runText(fixtureRun(systolicMachine, []));
  expect(empty).not.toContain("NaN");
  expect(compareText([fixtureRun(systolicMachine, []), fixtureRun(flexibleMachine, [])])).not.toContain("NaN");
});

test("names from files cannot reach the terminal as escape sequences", () => {
  const run = fixtureRun(flexibleMachine, [{ name: "a\u001b[2Jb\nc", M: 8, N: 8, K: 8 }]);
  expect(runText(run)).not.toContain("\u001b");
  expect(compareText([run, run])).not.toContain("\u001b");
  expect(warningsText([{ ...run, warnings: ["bad \u001b[31m name"] }])).toBe("warning: bad \ufffd[31m name\n");
});

test("a warning that all runs share is printed once, others name their machine", () => {
  const shared = [
    { ...left, warnings: ["w"] },
    { ...right, warnings: ["w", "x"] },
  ];
  expect(warningsText(shared)).toBe("warning: w\nwarning: arrayflex: x\n");
  const third = { ...left, accelerator: "third", warnings: ["x"] };
  expect(warningsText([left, ...shared.slice(1), third])).toBe("warning: arrayflex: w\nwarning: arrayflex, third: x\n");
  expect(warningsText([left])).toBe("");
});
