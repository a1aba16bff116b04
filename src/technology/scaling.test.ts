// Scaling between nodes: known values, and the laws that any scaling of energy and area must obey.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { scaleArea, scaleEnergy, voltageRange } from "./scaling.ts";
import type { OperatingPoint } from "./scaling.ts";

const node = fc.double({ min: 7, max: 130, noNaN: true });
const voltage = fc.double({ min: voltageRange.lowest, max: voltageRange.highest, noNaN: true });
const point: fc.Arbitrary<OperatingPoint> = fc.record({ nodeNanometres: node, voltage });
const joules = fc.double({ min: 1e-15, max: 1e-3, noNaN: true });
const error = (a: number, b: number): number => Math.abs(a / b - 1);

describe("scaleEnergy", () => {
  test("equals quotients of the polynomials worked out by hand", () => {
    // The authors' corrected example evaluates 65 nm at 1.3 V to 2.604; 45 nm at 0.9 V is 0.84433.
    const ratio = scaleEnergy(1, { nodeNanometres: 45, voltage: 0.9 }, { nodeNanometres: 65, voltage: 1.3 });
    expect(ratio).toBeCloseTo(2.604 / 0.84433, 2);
    expect(scaleEnergy(2, { nodeNanometres: 45, voltage: 0.9 }, { nodeNanometres: 7, voltage: 0.7 })).toBeCloseTo(
      (2 * (0.1776 * 0.49 - 0.09097 * 0.7 + 0.02447)) / 0.84433,
      6,
    );
  });

  test("28 nm lies between 32 and 20 nm on a straight line in log-log space", () => {
    const from = { nodeNanometres: 45, voltage: 0.9 };
    const at = (nodeNanometres: number): number => Math.log(scaleEnergy(1, from, { nodeNanometres, voltage: 0.9 }));
    const slope = (at(20) - at(32)) / Math.log(20 / 32);
    expect(at(28)).toBeCloseTo(at(32) + slope * Math.log(28 / 32), 12);
    // 0.541 * (0.2008 / 0.541) ** 0.2841 / 0.8443, with the share 0.2841 = ln(32/28) / ln(32/20).
    expect(Math.exp(at(28))).toBeCloseTo(0.4836, 3);
  });

  test("is the identity in place, undone by its inverse, and independent of the way", () => {
    fc.assert(
      fc.property(joules, point, point, point, (energy, a, b, c) => {
        expect(error(scaleEnergy(energy, a, a), energy)).toBeLessThan(1e-12);
        expect(error(scaleEnergy(scaleEnergy(energy, a, b), b, a), energy)).toBeLessThan(1e-12);
        expect(error(scaleEnergy(scaleEnergy(energy, a, b), b, c), scaleEnergy(energy, a, c))).toBeLessThan(1e-12);
      }),
    );
  });

  test("grows with the node at a fixed supply, and with the supply at a fixed node", () => {
    fc.assert(
      fc.property(node, node, voltage, voltage, (n, m, v, w) => {
        const from = { nodeNanometres: 45, voltage: 0.9 };
        const at = (nodeNanometres: number, supply: number): number =>
          scaleEnergy(1, from, { nodeNanometres, voltage: supply });
        expect(at(Math.max(n, m), v)).toBeGreaterThanOrEqual(at(Math.min(n, m), v) * (1 - 1e-12));
        expect(at(n, Math.max(v, w))).toBeGreaterThanOrEqual(at(n, Math.min(v, w)) * (1 - 1e-12));
      }),
    );
  });

  test("refuses what the polynomials do not cover", () => {
    const good = { nodeNanometres: 45, voltage: 0.9 };
    for (const bad of [0.59, 1.31, 0, -1, Number.NaN, Infinity]) {
      expect(() => scaleEnergy(1, good, { ...good, voltage: bad })).toThrow(InputError);
    }
    for (const bad of [6.9, 131, 0, -45, Number.NaN, Infinity]) {
      expect(() => scaleEnergy(1, good, { ...good, nodeNanometres: bad })).toThrow(/7 to 130 nm/);
      expect(() => scaleArea(1, 45, bad)).toThrow(InputError);
    }
    for (const bad of [-1, Number.NaN, Infinity]) {
      expect(() => scaleEnergy(bad, good, good)).toThrow(InputError);
      expect(() => scaleArea(bad, 45, 28)).toThrow(InputError);
    }
  });
});

describe("scaleArea", () => {
  test("equals the tabulated ratios, within their rounding", () => {
    // Pairs of the published matrix, which is rounded to two digits on its own.
    const matrix: readonly (readonly [number, number, number])[] = [
      [45, 32, 0.46],
      [65, 45, 0.66],
      [32, 20, 0.46],
      [65, 7, 0.039],
      [130, 90, 0.44],
      [14, 10, 0.59],
    ];
    for (const [from, to, ratio] of matrix) expect(Math.abs(scaleArea(1, from, to) / ratio - 1)).toBeLessThan(0.05);
  });

  test("is the identity in place, independent of the way, and grows with the node", () => {
    fc.assert(
      fc.property(joules, node, node, node, (area, a, b, c) => {
        expect(error(scaleArea(area, a, a), area)).toBeLessThan(1e-12);
        expect(error(scaleArea(scaleArea(area, a, b), b, c), scaleArea(area, a, c))).toBeLessThan(1e-12);
        expect(scaleArea(area, a, Math.max(b, c))).toBeGreaterThanOrEqual(
          scaleArea(area, a, Math.min(b, c)) * (1 - 1e-12),
        );
      }),
    );
  });
});
