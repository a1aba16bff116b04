// Claims that take minutes: derived again and compared with the record that the documentation shows. In two files, so
// that they run side by side.

import { expect, test } from "vitest";
import { recordedClaims, slowClaimants } from "../../../scripts/recorded-claims.ts";
import { reproduce } from "../../../src/workbench/reproduce.ts";

/** The machine whose claims take longest, about as long as all others together. */
const largest = "flexagon-simulated";

export function derivedAgain(which: "largest" | "others"): void {
  const names = slowClaimants.filter((name) => (name === largest) === (which === "largest"));
  test.each(names)("the recorded claims of %s are what is derived now", { timeout: 1_500_000 }, (name) => {
    expect(reproduce([name])).toEqual(recordedClaims(name));
  });
}
