// Traces as text: every number as Python prints it, whatever the sizes of rows and blocks.

import fc from "fast-check";
import { expect, test } from "vitest";
import { pythonFloat } from "./python/python-number.ts";
import type { TraceFile } from "./trace.ts";
import { traceText } from "./trace-text.ts";

interface Row {
  readonly cycle: number;
  readonly addresses: readonly number[];
}

/** What the rows of one file become, and the sizes of the blocks in which they came. */
function written(file: TraceFile, width: number, rows: readonly Row[]): { text: string; blocks: readonly number[] } {
  let text = "";
  const blocks: number[] = [];
  const sink = traceText((which, bytes) => {
    expect(which).toBe(file);
    blocks.push(bytes.length);
    text += Buffer.from(bytes).toString("latin1");
  });
  sink.open(file, width);
  for (const { cycle, addresses } of rows) sink.row(file, cycle, Float64Array.from(addresses));
  sink.finish();
  return { text, blocks };
}

const line = ({ cycle, addresses }: Row, number: (value: number) => string): string =>
  `${[cycle, ...addresses].map(number).join(",")}\n`;

test("SRAM holds integers, DRAM floats", () => {
  const rows: readonly Row[] = [
    { cycle: -66, addresses: [10_000_000, -1, 0] },
    { cycle: 1, addresses: [99, 100, 999_999_999] },
    { cycle: 1_000_000_000, addresses: [1_000_000_001, 2 ** 53 - 1, 4_294_967_296] },
  ];
  expect(written("FILTER_SRAM", 3, rows).text).toBe(
    "-66,10000000,-1,0\n1,99,100,999999999\n1000000000,1000000001,9007199254740991,4294967296\n",
  );
  expect(written("FILTER_DRAM", 3, rows.slice(0, 1)).text).toBe("-66.0,10000000.0,-1.0,0.0\n");
});

test("any rows of whole numbers are their numbers' text", () => {
  const number = fc.oneof(fc.constant(-1), fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -9999, max: 99_999 }));
  const table = fc
    .integer({ min: 0, max: 40 })
    .chain((width) =>
      fc.array(fc.record({ cycle: number, addresses: fc.array(number, { minLength: width, maxLength: width }) })),
    );
  fc.assert(
    fc.property(table, (rows) => {
      const width = rows[0]?.addresses.length ?? 0;
      expect(written("OFMAP_SRAM", width, rows).text).toBe(rows.map((row) => line(row, String)).join(""));
      expect(written("OFMAP_DRAM", width, rows).text).toBe(rows.map((row) => line(row, pythonFloat)).join(""));
    }),
  );
});

test("a row longer than a block, and many short ones, come in blocks of bounded size", () => {
  const long: Row = { cycle: 7, addresses: Array.from({ length: 100_000 }, (_, i) => i * 1_000_003) };
  const many = Array.from({ length: 50_000 }, (_, i): Row => ({ cycle: i, addresses: [i % 3 === 0 ? -1 : i * 7919] }));
  for (const [width, rows] of [
    [100_000, [long, long]],
    [1, many],
  ] as const) {
    const { text, blocks } = written("IFMAP_DRAM", width, rows);
    expect(text).toBe(rows.map((row) => line(row, pythonFloat)).join(""));
    expect(blocks.length).toBeGreaterThan(1);
    expect(Math.max(...blocks)).toBeLessThanOrEqual(2 ** 18);
  }
});

test("a trace without rows writes nothing", () => {
  expect(written("IFMAP_SRAM", 3, [])).toEqual({ text: "", blocks: [] });
});

test("refuses what a double cannot count, rows that are too short and files that are not open", () => {
  expect(() => written("IFMAP_SRAM", 1, [{ cycle: 2 ** 53, addresses: [0] }])).toThrow(RangeError);
  expect(() => written("IFMAP_SRAM", 1, [{ cycle: 0, addresses: [Number.NaN] }])).toThrow(RangeError);
  expect(() => written("IFMAP_SRAM", 2, [{ cycle: 0, addresses: [1] }])).toThrow(/IFMAP_SRAM: a row of 1/);
  expect(() => traceText(() => undefined).row("IFMAP_SRAM", 0, new Float64Array(0))).toThrow(/IFMAP_SRAM/);
});
