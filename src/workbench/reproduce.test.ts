// How far our figure lies from a published one.

import fc from "fast-check";
import { expect, test } from "vitest";
import { claimError } from "./reproduce.ts";

test("law: the error is zero inside the range and the distance to its nearer end outside", () => {
  expect(claimError(10, 9.5)).toBe(-0.5);
  fc.assert(
    fc.property(fc.integer(), fc.nat(1000), fc.integer(), (low, span, ours) => {
      const error = claimError([low, low + span], ours);
      const nearest = ours - error;
      expect(nearest).toBe(Math.min(Math.max(ours, low), low + span));
    }),
  );
});
