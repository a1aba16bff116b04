// Thousands of random layers of SCALE-Sim, fast model against walk: the long form of the property in simulate.test.ts.

import * as fc from "fast-check";
import { test } from "vitest";
import { expectAsWalked, isShort } from "../../../test/support/scalesim-against-walk.ts";
import { scalesimLayoutRuns, scalesimRuns } from "../../../test/support/scalesim-runs.ts";

test("every field and every trace of random layers", { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(scalesimRuns, (run) => {
      fc.pre(isShort(run));
      expectAsWalked(run);
    }),
    { numRuns: 3000 },
  );
});

test("every field and every trace of random layers with custom layouts", { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(scalesimLayoutRuns, ({ layouts, ...run }) => {
      fc.pre(isShort(run, layouts));
      expectAsWalked(run, layouts);
    }),
    { numRuns: 1000 },
  );
});
