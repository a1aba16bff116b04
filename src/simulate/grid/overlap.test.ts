// Cutting repeats short against walking every step, on random programs and channels.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Program, ProgramNode, Step } from "../../dataflow/program.ts";
import { expand, repeat, sumSteps } from "../../dataflow/program.ts";
import type { Interval } from "../result.ts";
import { overlapCycles } from "./overlap.ts";

const bytes = fc.oneof(fc.constant(0), fc.nat(300));

const step: fc.Arbitrary<Step> = fc
  .record({
    fetch: bytes,
    sums: bytes,
    write: bytes,
    load: fc.nat(12),
    stream: fc.integer({ min: 1, max: 40 }),
    startsTile: fc.boolean(),
  })
  .map(({ fetch, sums, write, load, stream, startsTile }) => ({
    kind: "step",
    fetchA: fetch,
    fetchB: 0,
    fetchC: sums,
    writeC: write,
    channelFetch: fetch,
    channelSums: sums,
    channelWrite: write,
    load: startsTile ? load : 0,
    stream,
    startsTile,
  }));

const nodes: fc.Arbitrary<ProgramNode[]> = fc.array(
  fc.oneof(
    step,
    fc
      .tuple(
        fc.integer({ min: 1, max: 40 }),
        fc.array(
          fc.oneof(
            step,
            fc
              .tuple(fc.integer({ min: 1, max: 9 }), fc.array(step, { minLength: 1, maxLength: 3 }))
              .map(([count, body]) => repeat(count, body)),
          ),
          { minLength: 1, maxLength: 4 },
        ),
      )
      .map(([count, body]) => repeat(count, body)),
  ),
  { minLength: 1, maxLength: 4 },
);

const programs: fc.Arbitrary<Program> = fc.record({
  nodes,
  preload: fc.constantFrom("exposed", "hidden"),
  drain: fc.nat(30),
});

const channels = fc.record({
  bytesPerCycle: fc.oneof(fc.constant(Infinity), fc.double({ min: 0.3, max: 60, noNaN: true })),
  latencyCycles: fc.nat(30),
});

test("repeats cut short take as long as every step walked", () => {
  fc.assert(
    fc.property(programs, channels, (program, channel) => {
      const walked = { ...program, nodes: [...expand(program.nodes)] };
      expect(overlapCycles(program, channel)).toBe(overlapCycles(walked, channel));
    }),
    { numRuns: 3000 },
  );
});

test("the channel is never used twice at once, the array neither, and work is a lower bound", () => {
  fc.assert(
    fc.property(programs, channels, (program, channel) => {
      const busy = new Map<string, Interval[]>();
      const cycles = overlapCycles(program, channel, (interval) => {
        if (interval.duration > 0) busy.set(interval.resource, [...(busy.get(interval.resource) ?? []), interval]);
      });
      for (const intervals of busy.values()) {
        intervals.sort((a, b) => a.start - b.start);
        intervals.forEach((interval, i) => {
          const next = intervals[i + 1];
          if (next !== undefined) expect(interval.start + interval.duration).toBeLessThanOrEqual(next.start);
          expect(interval.start + interval.duration).toBeLessThanOrEqual(cycles);
        });
      }
      expect(cycles).toBeGreaterThanOrEqual(sumSteps(program.nodes, (one) => one.stream) + program.drain);
      const moved = sumSteps(program.nodes, (one) => one.channelFetch + one.channelSums + one.channelWrite);
      if (channel.bytesPerCycle !== Infinity) {
        expect(cycles * channel.bytesPerCycle * (1 + 1e-12)).toBeGreaterThanOrEqual(moved);
      }
    }),
    { numRuns: 500 },
  );
});

test("spilt sums are fetched into a half of the buffer only when what it held has been written back", () => {
  fc.assert(
    fc.property(programs, channels, (program, channel) => {
      let written = 0;
      // Where sums are spilt every step leaves some.
      const steps = [...expand(program.nodes)].map((one) => ({ ...one, channelWrite: one.channelWrite + 1 }));
      overlapCycles({ ...program, nodes: steps }, channel, ({ label, start, duration }) => {
        // Reported in the channel's order: the write before is that of the step before last.
        if (label === "write") written = start + duration;
        if (label === "fetch sums") expect(start).toBeGreaterThanOrEqual(written);
      });
    }),
    { numRuns: 500 },
  );
});
