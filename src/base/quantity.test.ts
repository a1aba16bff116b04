// Quantities: every prefix, exact doubles, and refusal of everything else.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "./error.ts";
import { parseQuantity } from "./quantity.ts";

describe("parseQuantity", () => {
  test.each([
    ["1.5GHz", "Hz", 1.5e9],
    ["1.1 GHz", "Hz", 1.1e9],
    ["1.7G", "Hz", 1.7e9],
    ["700MHz", "Hz", 700e6],
    ["256GB/s", "B/s", 256e9],
    ["34e9", "B/s", 34e9],
    ["1GiB/s", "B/s", 2 ** 30],
    ["512KiB", "B", 2 ** 19],
    ["512Ki", "B", 2 ** 19],
    ["512kB", "B", 512_000],
    ["512KB", "B", 512_000],
    ["100ns", "s", 1e-7],
    ["0.5us", "s", 5e-7],
    ["0.5µs", "s", 5e-7],
    ["1ms", "s", 1e-3],
    ["128", "", 128],
    ["1k", "", 1000],
    ["1Ki", "", 1024],
    [".5", "", 0.5],
    ["-3", "", -3],
    ["unlimited", "B/s", Infinity],
    ["Infinity", "B/s", Infinity],
  ])("%s in %s is %d", (text, unit, value) => {
    expect(parseQuantity(text, unit, "x")).toBe(value);
  });

  test.each([
    ["", "Hz"],
    ["Hz", "Hz"],
    ["NaN", "Hz"],
    ["1.5GB", "Hz"],
    ["1.5ghz", "Hz"],
    ["1KiHz", "Hz"],
    ["1Gb/s", "B/s"],
    ["1 2", ""],
    ["0x10", ""],
    ["1e400", ""],
    ["1,5", ""],
    ["constructor", ""],
    ["1constructor", "B"],
  ])("%j in %j is refused", (text, unit) => {
    expect(() => parseQuantity(text, unit, "clock")).toThrow(InputError);
    expect(() => parseQuantity(text, unit, "clock")).toThrow(/^clock: /);
  });

  test("a plain number in any notation is itself", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseQuantity(String(value), "", "x")).toBe(value + 0);
      }),
    );
  });

  test("a decimal prefix is the same as the exponent", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.constantFrom(["k", 3], ["M", 6], ["G", 9], ["n", -9], ["m", -3]),
        (digits, [prefix, exponent]) => {
          const text = (digits / 1000).toString();
          expect(parseQuantity(`${text}${prefix}s`, "s", "x")).toBe(Number(`${text}e${exponent}`));
        },
      ),
    );
  });
});
