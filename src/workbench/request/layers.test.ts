// Patterns of layer names: against regular expressions, and fast where those explode.

import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPattern } from "./layers.ts";

const asExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${[...pattern].map((letter) => (letter === "*" ? ".*" : letter === "?" ? "." : letter.replace(/[.\\+^$()[\]{}|]/, "\\$&"))).join("")}$`,
    "s",
  );

test("a pattern matches what its regular expression matches", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 6 });
  fc.assert(
    fc.property(letters, patterns, (name, pattern) => {
      expect(matchesPattern(name, pattern)).toBe(asExpression(pattern).test(name));
    }),
    { numRuns: 2000 },
  );
});

test("many stars do not take forever", () => {
  const begin = performance.now();
  expect(matchesPattern("a".repeat(5000), `${"*a".repeat(200)}b`)).toBe(false);
  expect(performance.now() - begin).toBeLessThan(2000);
});
