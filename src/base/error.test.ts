// The sentence that a user reads when something is wrong, and the word it suggests.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError, at } from "./error.ts";
import { nearestWord } from "./nearest.ts";

test("a fault says place, what was found, what was expected and the nearest word", () => {
  const error = new InputError({
    file: "machine.yaml",
    line: 4,
    column: 9,
    path: "clock",
    message: "no such parameter",
    found: "clok",
    expected: "a parameter",
    known: ["rows", "clock"],
  });
  expect(error.message).toBe(
    'machine.yaml:4:9: clock: no such parameter; found "clok"; expected a parameter; did you mean "clock"?',
  );
  expect(new InputError({ message: "nothing to run" }).message).toBe("nothing to run");
});

test("long findings are cut and a place fills only what the fault leaves open", () => {
  expect(new InputError({ message: "too long", found: "x".repeat(200) }).message.length).toBeLessThan(110);
  const placed = at(new InputError({ message: "bad", path: "a" }), { file: "f", path: "b" });
  expect(placed.fault).toMatchObject({ file: "f", path: "a" });
});

test("the nearest word is near, is one of the known, and is the word itself when that is known", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
      fc.string({ maxLength: 8 }),
      (known, word) => {
        const found = nearestWord(word, known);
        if (found !== undefined) expect(known).toContain(found);
        const first = known[0] ?? "";
        expect(nearestWord(first, known)?.toLowerCase()).toBe(first.toLowerCase());
      },
    ),
  );
  expect(nearestWord("arayflex", ["systolic", "arrayflex"])).toBe("arrayflex");
  expect(nearestWord("banana", ["systolic", "arrayflex"])).toBeUndefined();
});
