// Python's way to print a float: a table of its own answers, and laws that hold for every double.

import fc from "fast-check";
import { expect, test } from "vitest";
import { pythonFloat } from "./python-number.ts";

// Left: what `repr` of CPython 3 prints; right: the double.
test.each([
  ["0.0", 0],
  ["-0.0", -0],
  ["33.0", 33],
  ["-66.0", -66],
  ["10000000.0", 1e7],
  ["0.1", 0.1],
  ["0.30000000000000004", 0.1 + 0.2],
  ["35.55555555555556", 1600 / 45],
  ["5119.999999999999", 5119.999999999999],
  ["0.0001", 1e-4],
  ["0.00012345", 1.2345e-4],
  ["1e-05", 1e-5],
  ["9.999e-05", 9.999e-5],
  ["1.5e-07", 1.5e-7],
  ["1234567890123456.0", 1234567890123456],
  ["9007199254740992.0", 2 ** 53],
  ["9999999999999998.0", 9999999999999998],
  ["1e+16", 1e16],
  ["1.8446744073709552e+19", 2 ** 64],
  ["1e+100", 1e100],
  ["5e-324", Number.MIN_VALUE],
  ["1.7976931348623157e+308", Number.MAX_VALUE],
  ["inf", Infinity],
  ["-inf", -Infinity],
  ["nan", Number.NaN],
])("%s", (text, value) => {
  expect(pythonFloat(value)).toBe(text);
});

test("reads back as the same double, and says that it is a float", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = pythonFloat(value);
      expect(Object.is(Number(text), value)).toBe(true);
      expect(text).toMatch(/^-?(?:\d+\.\d+|\d(?:\.\d+)?e[+-]\d\d\d?)$/);
      const power = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
      expect(text.includes("e")).toBe(power < -4 || power >= 16);
    }),
  );
});

test("whole numbers of less than 17 digits are the integer and .0", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(pythonFloat(value)).toBe(`${value}.0`);
    }),
  );
});
