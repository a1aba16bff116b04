// Logarithms and exponentials against the engine's own, which may be one unit in the last place off either way.

import fc from "fast-check";
import { expect, test } from "vitest";
import { exp, expm1, log, log1p, log2 } from "./transcendental.ts";

const own = { log, log2, log1p, exp, expm1 };
const names = ["log", "log2", "log1p", "exp", "expm1"] as const;

/** The place of a number among all doubles, so that neighbours differ by 1. */
function place(x: number): bigint {
  const bits = new BigInt64Array(new Float64Array([x]).buffer)[0] ?? 0n;
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

const near = fc.double({ min: -2, max: 2, noNaN: true });
const usual = fc.double({ min: -800, max: 800, noNaN: true });

for (const name of names) {
  test(`${name} is the engine's within two units in the last place, for any number`, () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), near, usual), (x) => {
        const [ours, theirs] = [own[name](x), Math[name](x)];
        if (Number.isNaN(theirs)) return Number.isNaN(ours);
        const apart = place(ours) - place(theirs);
        return apart <= 2n && apart >= -2n;
      }),
      { numRuns: 5000 },
    );
  });

  test(`${name} never falls where its argument grows`, () => {
    fc.assert(
      fc.property(usual, fc.double({ min: 1e-9, max: 10, noNaN: true }), (x, step) => {
        const [before, after] = [own[name](x), own[name](x + step)];
        return Number.isNaN(before) || after >= before;
      }),
      { numRuns: 2000 },
    );
  });
}

test("ends of the ranges are exact", () => {
  expect([own.log(0), own.log(1), own.log(-1), own.log(Infinity)]).toEqual([-Infinity, 0, NaN, Infinity]);
  expect([own.log1p(-1), own.log1p(-0), own.log1p(-2)]).toEqual([-Infinity, -0, NaN]);
  expect([own.exp(-Infinity), own.exp(0), own.exp(1), own.exp(710)]).toEqual([0, 1, Math.E, Infinity]);
  expect([own.expm1(-Infinity), own.expm1(-0), own.expm1(710)]).toEqual([-1, -0, Infinity]);
  for (let power = -1074; power < 1024; power++) expect(own.log2(2 ** power)).toBe(power);
});

test("the same bits on every engine: a sum over many arguments, as recorded", () => {
  const bits = new Uint32Array(2);
  const value = new Float64Array(bits.buffer);
  const sums = names.map((name) => {
    let sum = 0;
    for (let i = 1; i <= 4000; i++) {
      value[0] = own[name](i / 257);
      sum = (Math.imul(sum, 31) + (bits[0] ?? 0) + (bits[1] ?? 0)) | 0;
    }
    return sum;
  });
  expect(sums).toEqual([67657790, 94658767, -1059772149, -1412167508, -492497527]);
});
