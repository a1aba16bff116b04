// Phases of batches for traces: they fill the layer without gaps and add up to its stack, and a bound cuts them off
// without changing what comes before.

import fc from "fast-check";
import { expect, test } from "vitest";
import { preparedProduct, clockedMappings } from "../../../test/support/product-results.ts";
import { countedLayer } from "../../workload/sparse-layer.ts";
import { simulateLayer } from "../simulate-layer.ts";
import { productIntervals } from "./product-intervals.ts";

const size = fc.integer({ min: 1, max: 90 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("phases fill the layer, add up to its stack, and a bound shows its beginning", () => {
  const prepared = preparedProduct({ operand: "B", cyclesPerElement: 1 }, clockedMappings, 4e9);
  fc.assert(
    fc.property(size, size, size, share, share, fc.nat(6), (M, N, K, a, b, maximum) => {
      const layer = countedLayer("layer", { M, N, K }, { A: Math.round(a * M * K), B: Math.round(b * K * N) });
      for (const mapping of Object.keys(prepared.machine.mappings)) {
        const choice = { objective: "cycles", mapping, check: "off", auditPercent: 0, seed: 5 } as const;
        const result = simulateLayer(layer, prepared, choice);
        const all = productIntervals(layer, prepared, mapping, 5, Infinity);
        expect(all).toMatchObject({ complete: true, cycles: result.cycles });
        expect(all.recorded).toBe((result.counts["batches"] ?? 0) + (result.counts["merge passes"] ?? 0));
        const sums = new Map<string, number>();
        let end = 0;
        for (const { resource, start, duration } of all.intervals) {
          sums.set(resource, (sums.get(resource) ?? 0) + duration);
          if (resource === "batches") {
            expect(start).toBe(end);
            end += duration;
          }
        }
        expect(end).toBe(result.cycles);
        for (const [cause, cycles] of Object.entries(result.stack)) {
          const own = cause === "streaming" || cause === "useful";
          const expected = own ? (result.stack["streaming"] ?? 0) + (result.stack["useful"] ?? 0) : cycles;
          expect(sums.get(own ? "streaming" : cause)).toBeCloseTo(expected, 6);
        }
        const first = productIntervals(layer, prepared, mapping, 5, maximum);
        expect(first.recorded).toBe(Math.min(maximum, all.recorded));
        expect(first.intervals).toEqual(all.intervals.slice(0, first.intervals.length));
        if (!first.complete) expect(first.cycles).toBeLessThan(all.cycles);
      }
    }),
    { numRuns: 60 },
  );
});
