// The pass over a set of requests against the stepped cache, over random sequences of sets and geometries.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { technology } from "../../technology/technologies.ts";
import type { BankedCache } from "./banked-cache.ts";
import { bankedCache, bankedCacheCost, cacheExactWhen, cacheSets, cacheState, wordsPerLine } from "./banked-cache.ts";
import { steppedCache } from "./banked-cache-stepped.ts";

/** 1 MiB of 128-byte lines, 16 ways, 32 banks that serve one word a cycle. */
const large = bankedCache({
  bytes: 2 ** 20,
  lineBytes: 128,
  ways: 16,
  banks: 32,
  wordBytes: 4,
  wordsPerBank: 1,
  hitCycles: 2,
  missCycles: 86,
  addressBits: 34,
});

/** Small enough that lines of one set of requests drive each other out. */
const small = fc
  .record({
    lineWords: fc.constantFrom(1, 2, 4, 8),
    ways: fc.integer({ min: 1, max: 4 }),
    banks: fc.constantFrom(1, 2, 4),
    setsPerBank: fc.integer({ min: 1, max: 3 }),
    wordsPerBank: fc.constantFrom(1, 1, 2, 3, Infinity),
    hitCycles: fc.nat(4),
    missCycles: fc.nat(12),
  })
  .map(({ lineWords, setsPerBank, ...rest }) =>
    bankedCache({
      ...rest,
      bytes: 4 * lineWords * rest.ways * rest.banks * setsPerBank,
      lineBytes: 4 * lineWords,
      wordBytes: 4,
      addressBits: 34,
    }),
  );

const consecutive = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Words of a few neighbouring lines, singly and in runs, and some far away. */
const requests = fc
  .array(
    fc.oneof(
      fc.nat(150).map((address) => [address]),
      fc.tuple(fc.nat(150), fc.integer({ min: 1, max: 10 })).map(([from, n]) => consecutive(from, n)),
      fc.tuple(fc.nat(150), fc.integer({ min: 1, max: 6 })).map(([at, n]) => Array.from({ length: n }, () => at)),
      fc.integer({ min: 0, max: 100_000 }).map((address) => [address]),
    ),
    { maxLength: 12 },
  )
  .map((groups) => groups.flat());

const countsOf = ({ hits, misses, accesses }: { hits: number; misses: number; accesses: number }) => ({
  hits,
  misses,
  accesses,
});

const serve = (cache: BankedCache, sequence: readonly (readonly number[])[], requestsPerCycle?: number) => {
  const state = cacheState(cache, requestsPerCycle);
  const cycles = sequence.map((addresses) => state.step(Int32Array.from([...addresses, 7, 7]), addresses.length));
  return { cycles, counts: countsOf(state) };
};

const widths = fc.constantFrom(Infinity, Infinity, 1, 2, 5);

test("a pass over a set equals the stepped cache: cycles, hits, misses, accesses", () => {
  fc.assert(
    fc.property(small, widths, fc.array(requests, { maxLength: 8 }), (cache, width, sequence) => {
      const stepped = steppedCache(cache, width);
      const cycles = sequence.map((addresses) => stepped.step(addresses));
      expect(cacheExactWhen()).toBe(true);
      expect(serve(cache, sequence, width)).toEqual({ cycles, counts: countsOf(stepped) });
    }),
    { numRuns: 4000 },
  );
});

test("a range is served as its words are", () => {
  const range = fc.record({ first: fc.nat(120), count: fc.nat(40), extra: fc.integer({ min: -100, max: 150 }) });
  fc.assert(
    fc.property(small, widths, fc.array(range, { maxLength: 8 }), (cache, width, sequence) => {
      const state = cacheState(cache, width);
      const cycles = sequence.map(({ first, count, extra }) => state.stepRange(first, count, extra));
      const words = sequence.map(({ first, count, extra }) => [
        ...consecutive(first, count),
        ...(extra < 0 ? [] : [extra]),
      ]);
      expect({ cycles, counts: countsOf(state) }).toEqual(serve(cache, words, width));
    }),
    { numRuns: 2000 },
  );
});

test("the cycles without waiting for lines are those of a cache that has them all", () => {
  fc.assert(
    fc.property(small, widths, fc.array(requests, { maxLength: 8 }), (cache, width, sequence) => {
      const state = cacheState(cache, width);
      const roomy = bankedCache({ ...cache, ways: 4096, bytes: (cache.bytes / cache.ways) * 4096 });
      const full = steppedCache(roomy, width);
      full.step(sequence.flat());
      for (const addresses of sequence) {
        state.step(Int32Array.from(addresses), addresses.length);
        expect(state.residentCycles).toBe(full.step(addresses));
      }
    }),
    { numRuns: 1000 },
  );
});

/** The law of a set of requests as it is written down: one word an access, no line driven out by its own set. */
function law(cache: BankedCache, resident: ReadonlySet<number>, addresses: readonly number[]): number {
  const slots = new Map<number, number>();
  const fills = new Map<number, { done: number; later: number }>();
  let longest = -1;
  for (const address of addresses) {
    const line = Math.floor(address / wordsPerLine(cache));
    const slot = slots.get(line % cache.banks) ?? 0;
    slots.set(line % cache.banks, slot + 1);
    const fill = fills.get(line);
    let done = slot + cache.hitCycles;
    if (fill !== undefined) done = Math.max(done, fill.done + ++fill.later);
    else if (!resident.has(line)) {
      done = slot + cache.missCycles;
      fills.set(line, { done, later: 0 });
    }
    longest = Math.max(longest, done);
  }
  return 1 + longest;
}

test("a set of requests takes what the law of bank slots and fills says", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(4000), { minLength: 1, maxLength: 64 }), { minLength: 1, maxLength: 6 }),
      (sequence) => {
        const resident = new Set<number>();
        let misses = 0;
        const expected = sequence.map((addresses) => {
          const cycles = law(large, resident, addresses);
          for (const address of addresses) {
            const line = Math.floor(address / wordsPerLine(large));
            if (!resident.has(line)) misses++;
            resident.add(line);
          }
          return cycles;
        });
        const { cycles, counts } = serve(large, sequence);
        expect(cycles).toEqual(expected);
        expect(counts.misses).toBe(misses);
        expect(counts.hits + counts.misses).toBe(sequence.flat().length);
      },
    ),
    { numRuns: 1000 },
  );
});

test("a line read word by word is slow, words over all banks are fast", () => {
  const line = consecutive(0, 32);
  // 32 words of one bank one by one, then the way of a hit: 31 + 2, counted from 1.
  expect(serve(large, [line, line]).cycles).toEqual([1 + 86 + 31, 1 + 31 + 2]);
  // All words of a line at once.
  const wide = { ...large, wordsPerBank: 32 };
  expect(serve(wide, [line, line]).cycles).toEqual([1 + 86, 1 + 2]);
  expect(serve(wide, [line, line]).counts).toEqual({ hits: 63, misses: 1, accesses: 2 });
  // 64 words, two in each bank.
  const spread = consecutive(0, 64).map((i) => i * 32);
  expect(serve(large, [spread, spread]).cycles).toEqual([1 + 1 + 86, 1 + 1 + 2]);
  // 64 words at random: the way of a hit after the fullest of 32 banks, which has 5.4 of them on average.
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647);
  const sets = Array.from({ length: 2000 }, () => Array.from({ length: 64 }, () => random() % 200_000));
  const everything = consecutive(0, 200_000 / 32).map((i) => i * 32);
  const { cycles } = serve(large, [everything, ...sets]);
  const mean = cycles.slice(1).reduce((sum, n) => sum + n, 0) / sets.length;
  expect(Math.abs(mean - (2 + 5.4))).toBeLessThan(0.2);
});

test("the least recently used line makes room", () => {
  const oneSet = { ...large, bytes: 128 * 4, ways: 4, banks: 1 };
  const lines = (...numbers: number[]): number[] => numbers.map((n) => n * 32);
  const misses = (...sets: number[][]): number => serve(oneSet, sets).counts.misses;
  expect(misses(lines(0, 1, 2, 3), lines(0), lines(4), lines(0, 2, 3))).toBe(5);
  expect(misses(lines(0, 1, 2, 3), lines(0), lines(4), lines(1))).toBe(6);
  // Within one set of requests: 0 is used again before 4 comes.
  expect(misses(lines(0, 1, 2, 3, 0, 4), lines(0))).toBe(5);
});

test("times start anew in the course of a long run, lines stay", () => {
  const slow = { ...large, missCycles: 2 ** 29, hitCycles: 2 ** 28 };
  const state = cacheState(slow);
  const words = Int32Array.of(0, 1, 32);
  expect(state.step(words, 3)).toBe(1 + 2 ** 29 + 1);
  for (let i = 0; i < 20; i++) {
    expect(state.step(words, 3)).toBe(1 + 2 ** 28 + 1);
    expect(state.residentCycles).toBe(1 + 2 ** 28 + 1);
  }
  expect(state.step(Int32Array.of(64), 1)).toBe(1 + 2 ** 29);
  state.empty();
  expect(state.step(words, 3)).toBe(1 + 2 ** 29 + 1);
  expect(countsOf(state)).toEqual({ hits: 1 + 60 + 1, misses: 2 + 1 + 2, accesses: 67 });
  expect(state.step(words, 0)).toBe(0);
  expect(() => state.step(Int32Array.of(-1), 1)).toThrow(RangeError);
  // The last words that an address can name, in tables of one entry each.
  const oneLine = cacheState(bankedCache({ ...large, lineBytes: 2 ** 28, bytes: 2 ** 28, ways: 1, banks: 1 }));
  expect(oneLine.stepRange(2 ** 31 - 3, 3, -1)).toBe(1 + 86 + 2);
});

test("a geometry that does not add up is refused", () => {
  const with_ = (change: Partial<BankedCache>) => () => bankedCache({ ...large, ...change });
  expect(with_({ banks: 3 })).toThrow(InputError);
  expect(with_({ banks: 1024 })).toThrow(
    'banks: impossible cache; found "1024"; expected a power of two that divides 512 sets',
  );
  expect(with_({ bytes: 1000 })).toThrow(InputError);
  expect(with_({ lineBytes: 96 })).toThrow(InputError);
  expect(with_({ ways: 0 })).toThrow(InputError);
  expect(with_({ wordsPerBank: 0.5 })).toThrow(InputError);
  expect(with_({ hitCycles: -1 })).toThrow(InputError);
  expect(with_({ missCycles: Number.NaN })).toThrow(InputError);
  expect(with_({ addressBits: 0 })).toThrow(InputError);
  expect(() => cacheState(large, 0.5)).toThrow(InputError);
  expect(cacheSets(bankedCache({ ...large, bytes: 768 * 1024 }))).toBe(384);
});

test("price: a data array and a tag array for each bank", () => {
  const price = technology("28nm");
  const cost = bankedCacheCost(large, price);
  // 34 - 9 - 7 bits of tag, a valid bit, 4 bits of rank.
  const tags = price.sram((16 * 16 * 23) / 8, 16 * 23);
  const data = price.sram(2 ** 15, 32);
  expect(cost.squareMillimetres).toBeCloseTo(32 * (tags.squareMillimetres + data.squareMillimetres), 12);
  expect(cost.energy.access?.joules).toBeCloseTo(tags.readJoules + data.readJoules, 20);
  expect(cost.energy.fill?.joules).toBeCloseTo(tags.writeJoules + 32 * data.writeJoules, 20);
  const wide = bankedCacheCost({ ...large, wordsPerBank: Infinity }, price);
  expect(wide.energy.access?.joules).toBeCloseTo(tags.readJoules + price.sram(2 ** 15, 1024).readJoules, 20);
});
