// The buffer that sees requests ahead: request for request equal to a naive one, and never worse than others where it
// sees everything.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { LookAheadBuffer } from "./look-ahead-buffer.ts";
import { lookAheadBuffer, lookAheadState } from "./look-ahead-buffer.ts";

interface Line {
  readonly row: number;
  readonly index: number;
  /** Request that last touched it. */
  used: number;
}

/** Which line leaves, given the lines by last use, the oldest first, and the request at hand. */
type Victim = (lines: readonly Line[], request: number) => Line | undefined;

/** Line by line with lists, whatever leaves. */
function naive(buffer: LookAheadBuffer, requests: readonly number[], lengths: readonly number[], victim: Victim) {
  let lines: Line[] = [];
  const fetched: number[] = [];
  let misses = 0;
  let hits = 0;
  for (const [request, row] of requests.entries()) {
    let elements = 0;
    const length = lengths[row] ?? 0;
    for (let index = 0; index * buffer.lineElements < length; index++) {
      const found = lines.find((line) => line.row === row && line.index === index);
      if (found === undefined) {
        misses++;
        elements += Math.min(buffer.lineElements, length - index * buffer.lineElements);
        if (lines.length === buffer.lines) {
          const out = victim(lines, request);
          lines = lines.filter((line) => line !== out);
        }
        lines.push({ row, index, used: request });
      } else {
        hits++;
        found.used = request;
        lines = [...lines.filter((line) => line !== found), found];
      }
    }
    fetched.push(elements);
  }
  return { hits, misses, fetched };
}

const leastRecent: Victim = ([oldest]) => oldest;

/** The oldest line that is not asked for within sight, else the one that is asked for last. */
const farthest =
  (requests: readonly number[], window: number): Victim =>
  (lines, request) => {
    const needed = ({ row, used }: Line): number => {
      // A line of the row at hand that is still to come in this request is asked for now.
      const from = used === request ? request + 1 : request;
      const at = requests.findIndex((one, i) => i >= from && one === row);
      return at < 0 || at > request + window ? Infinity : at;
    };
    return (
      lines.find((line) => needed(line) === Infinity) ??
      lines.toSorted((a, b) => needed(b) - needed(a) || b.index - a.index)[0]
    );
  };

const cases = fc
  .record({
    lines: fc.integer({ min: 1, max: 8 }),
    lineElements: fc.integer({ min: 1, max: 4 }),
    window: fc.oneof(fc.nat(12), fc.constant(Infinity)),
    lengths: fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }),
  })
  .chain(({ lengths, ...buffer }) =>
    fc.record({
      buffer: fc.constant(lookAheadBuffer({ ...buffer, elementBytes: 12, banks: 1 })),
      lengths: fc.constant(lengths),
      requests: fc.array(fc.nat(lengths.length - 1), { maxLength: 60 }),
    }),
  );

function run(buffer: LookAheadBuffer, requests: readonly number[], lengths: readonly number[]) {
  const rowStart = new Uint32Array(lengths.length + 1);
  for (const [row, length] of lengths.entries()) rowStart[row + 1] = (rowStart[row] ?? 0) + length;
  const state = lookAheadState(buffer, Uint32Array.from(requests), rowStart);
  const fetched = requests.map(() => state.next());
  return { hits: state.hits, misses: state.misses, fetched };
}

test("hits, misses and what each request fetches equal the naive buffer's", () => {
  fc.assert(
    fc.property(cases, ({ buffer, requests, lengths }) => {
      expect(run(buffer, requests, lengths)).toEqual(
        naive(buffer, requests, lengths, farthest(requests, buffer.window)),
      );
    }),
    { numRuns: 3000 },
  );
});

test("with everything in sight it never misses more than the least recently used, first in or any other choice", () => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat(7), { minLength: 1, maxLength: 20 }), ({ buffer, requests, lengths }, dice) => {
      const { misses } = run({ ...buffer, window: Infinity }, requests, lengths);
      expect(misses).toBeLessThanOrEqual(naive(buffer, requests, lengths, leastRecent).misses);
      let throws = 0;
      const anyLine: Victim = (lines) => lines[(dice[throws++ % dice.length] ?? 0) % lines.length];
      expect(misses).toBeLessThanOrEqual(naive(buffer, requests, lengths, anyLine).misses);
    }),
    { numRuns: 2000 },
  );
});

test("a buffer that holds all rows fetches each element once", () => {
  const lengths = [5, 0, 3, 8];
  const requests = [0, 1, 2, 3, 0, 1, 2, 3, 3];
  const buffer = lookAheadBuffer({ lines: 8, lineElements: 3, elementBytes: 12, window: 2, banks: 1 });
  const { fetched, misses } = run(buffer, requests, lengths);
  expect(fetched).toEqual([5, 0, 3, 8, 0, 0, 0, 0, 0]);
  expect(misses).toBe(2 + 1 + 3);
});

test("impossible buffers are refused", () => {
  const good = { lines: 4, lineElements: 3, elementBytes: 12, window: 2, banks: 1 };
  for (const bad of [{ lines: 0 }, { lineElements: 1.5 }, { elementBytes: 0 }, { window: -1 }, { banks: 0 }]) {
    expect(() => lookAheadBuffer({ ...good, ...bad })).toThrow("impossible buffer");
  }
});
