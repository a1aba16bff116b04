// Claims that take minutes: derived again and compared with the record that the documentation shows.

import { expect, test } from "vitest";
import { recordedClaims, slowClaimants } from "../../scripts/recorded-claims.ts";
import { reproduce } from "../../src/workbench/reproduce.ts";

test.each(slowClaimants)("the recorded claims of %s are what is derived now", { timeout: 1_500_000 }, (name) => {
  expect(reproduce([name])).toEqual(recordedClaims(name));
});
