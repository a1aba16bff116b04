// The channel's closed form against counting cycles.

import fc from "fast-check";
import { expect, test } from "vitest";
import { transferCycles } from "./dram.ts";

test("a transfer takes as many cycles as counting them one by one", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5000 }),
      fc.double({ min: 0.01, max: 600, noNaN: true }),
      (bytes, bytesPerCycle) => {
        let cycles = 0;
        while (cycles * bytesPerCycle < bytes) cycles++;
        expect(transferCycles(bytes, bytesPerCycle)).toBe(cycles);
      },
    ),
  );
  expect(transferCycles(1e15, Infinity)).toBe(0);
});
