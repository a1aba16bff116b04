// numpy's legacy integers: streams that numpy itself drew, and what holds for every stream.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import { legacyRandomIntegers } from "./numpy-random.ts";

describe("legacyRandomIntegers", () => {
  /** seed, low, high, and what `[np.random.randint(low, high) for ...]` gave after `np.random.seed(seed)`. */
  const drawn: readonly (readonly [number, number, number, readonly number[]])[] = [
    [40, 1, 5, [3, 4, 4, 2, 1, 1, 3, 2, 1, 4, 3, 4]],
    [0, 0, 1000, [684, 559, 629, 192, 835, 763]],
    [12345, 0, 65537, [2177, 4094, 28005, 16930, 47873]],
    [7, 0, 2 ** 31 - 1, [327741615, 976413892, 1202242073, 1369975286]],
    [2 ** 32 - 1, -(2 ** 31), 2 ** 31, [-1728157277, -1668136670, 1771170828, 269265991]],
    [40, 3, 4, [3, 3, 3]],
  ];

  test.each(drawn)("seed %d, %d to below %d", (seed, low, high, integers) => {
    expect([...legacyRandomIntegers(seed, low, high, integers.length)]).toEqual(integers);
  });

  test("integers lie in the range, and a longer stream begins with a shorter one", () => {
    const range = fc.tuple(fc.integer(), fc.integer()).filter(([low, high]) => low < high);
    fc.assert(
      fc.property(fc.nat(), range, fc.nat(1500), fc.nat(1500), (seed, [low, high], count, more) => {
        const long = legacyRandomIntegers(seed, low, high, count + more);
        expect(long.every((integer) => integer >= low && integer < high)).toBe(true);
        expect(legacyRandomIntegers(seed, low, high, count)).toEqual(long.slice(0, count));
      }),
    );
  });

  test("refuses what numpy refuses", () => {
    for (const seed of [-1, 2 ** 32, 0.5, Number.NaN]) {
      expect(() => legacyRandomIntegers(seed, 0, 2, 1)).toThrow(InputError);
    }
    expect(() => legacyRandomIntegers(1, 3, 3, 1)).toThrow(RangeError);
  });
});
