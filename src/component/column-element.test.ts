// The sparse processing element: closed form and recurrence against the stepped element, values against a plain product.

import fc from "fast-check";
import { expect, test } from "vitest";
import { technology } from "../technology/technologies.ts";
import { compressColumns, compressRows, encode, runLength } from "../tensor/format.ts";
import { generate } from "../tensor/generate.ts";
import {
  columnElement,
  columnElementCost,
  columnElementCounts,
  columnElementCycles,
  columnElementExact,
  columnElementMisfit,
  storedColumns,
  weightWords,
} from "./column-element.ts";
import type { ColumnElement } from "./column-element.ts";
import { stepColumnElement } from "./column-element-stepped.ts";

const element = (simdWidth: number, lookAhead = 1, countBits = 4): ColumnElement =>
  columnElement({
    instances: 1,
    simdWidth,
    lookAhead,
    countBits,
    inputAddress: { words: 9, bits: 4 },
    inputData: { words: 16, bits: 12 },
    weightAddress: { words: 16, bits: 7 },
    weightData: { words: 96, bits: 24 },
    partialSum: { words: 32, bits: 20 },
    operand: "int8",
    accumulator: "int32",
  });

const tiles = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  columns: fc.integer({ min: 1, max: 16 }),
  positions: fc.integer({ min: 1, max: 12 }),
  weightDensity: fc.constantFrom(0, 0.03, 0.2, 0.6, 1),
  inputDensity: fc.constantFrom(0, 0.1, 0.5, 1),
  simdWidth: fc.integer({ min: 1, max: 3 }),
  lookAhead: fc.integer({ min: 1, max: 4 }),
  countBits: fc.constantFrom(1, 2, 4),
  seed: fc.nat(1e6),
});

test("the recurrence equals the stepped element, and so does the closed form where it says it is exact", () => {
  let exact = 0;
  fc.assert(
    fc.property(tiles, ({ rows, columns, positions, weightDensity, inputDensity, seed, ...widths }) => {
      const part = element(widths.simdWidth, widths.lookAhead, widths.countBits);
      const W = generate({ kind: "uniform", density: weightDensity }, "int8", [rows, columns], seed);
      const I = generate({ kind: "uniform", density: inputDensity }, "int8", [positions, columns], seed + 1);
      const weights = storedColumns(part, compressColumns(W));
      const inputs = compressRows(I);
      const stepped = stepColumnElement(part, weights, inputs, rows);
      const { cycles, ...events } = columnElementCounts(part, weights, inputs);
      expect(stepped).toMatchObject(events);
      expect(columnElementCycles(part, weights, inputs)).toBe(stepped.cycles);
      expect(cycles).toBe(stepped.cycles - stepped.bubbles);
      if (columnElementExact(weights, inputs)) {
        exact++;
        expect(cycles).toBe(stepped.cycles);
      }
      // dense = executed + gated + skipped, and the values are those of the product, in 20 bits.
      let effectual = 0;
      for (let p = 0; p < positions; p++) {
        for (let m = 0; m < rows; m++) {
          let sum = 0;
          for (let c = 0; c < columns; c++) {
            const product = (I.data[p * columns + c] ?? 0) * (W.data[m * columns + c] ?? 0);
            if (product !== 0) effectual++;
            sum += product;
          }
          expect(stepped.sums[p * rows + m]).toBe((sum << 12) >> 12);
        }
      }
      expect(events.multiplyAccumulate).toBe(effectual);
      if (widths.simdWidth === 1 && weights.values.every((value) => value !== 0)) expect(cycles).toBe(effectual);
    }),
    { numRuns: 500 },
  );
  expect(exact).toBeGreaterThan(100);
});

test("a long run stores zeros as the run-length encoder does, column by column", () => {
  fc.assert(
    fc.property(fc.constantFrom(0.02, 0.1, 0.5), fc.constantFrom(2, 4, 5), fc.nat(1e6), (density, countBits, seed) => {
      const column = generate({ kind: "uniform", density }, "int8", [200, 1], seed);
      const stored = storedColumns(element(1, 1, countBits), compressColumns(column));
      const encoded = encode({ ...column, shape: [200] }, runLength(countBits));
      expect([...stored.values]).toEqual([...encoded.values]);
    }),
  );
});

test("odd columns are padded: three weights take two words, two cycles and gate a multiplier", () => {
  const part = element(2);
  const weights = storedColumns(part, compressColumns({ type: "int8", shape: [4, 1], data: Int8Array.of(1, 2, 0, 3) }));
  const inputs = compressRows({ type: "int8", shape: [1, 1], data: Int8Array.of(5) });
  expect(weightWords(part, weights)).toBe(2);
  const counts = { cycles: 2, multiplyAccumulate: 3, gatedMac: 1, weightRead: 2 };
  expect(columnElementCounts(part, weights, inputs)).toMatchObject(counts);
  expect([...stepColumnElement(part, weights, inputs, 4).sums]).toEqual([5, 10, 0, 15]);
});

test("what does not fit is named", () => {
  const part = element(2);
  const stored = (rows: number, columns: number) =>
    storedColumns(part, compressColumns(generate({ kind: "uniform", density: 1 }, "int8", [rows, columns], 1)));
  expect(columnElementMisfit(part, stored(12, 16), 12)).toBe(undefined);
  expect(columnElementMisfit(part, stored(13, 16), 13)).toBe("112 words of weights in 96");
  expect(columnElementMisfit(part, stored(33, 1), 33)).toBe("33 outputs in 32 partial sums");
  expect(columnElementMisfit(part, stored(2, 17), 2)).toBe("17 columns in 16 addresses");
  expect(() => element(0)).toThrow("simdWidth");
});

test("every event has a price, and a gated multiplier costs less than one that works", () => {
  const cost = columnElementCost(element(2), technology("65nm"));
  expect(Object.values(cost.energy).every(({ joules }) => joules > 0)).toBe(true);
  expect(cost.energy["gatedMac"]?.joules).toBeLessThan(cost.energy["multiplyAccumulate"]?.joules ?? 0);
  expect(cost.squareMillimetres).toBeGreaterThan(columnElementCost(element(1), technology("65nm")).squareMillimetres);
});
