// Laws of the stepped loop nest on random nests: values exact, counts conserved, and what must make no difference.

import fc from "fast-check";
import { expect, test } from "vitest";
import { goldenOutput, plainOperand } from "../../../workload/golden.ts";
import { operandShapes, macs as denseMacs } from "../../../workload/shapes.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { tensor } from "../../../tensor/tensor.ts";
import { operandKeys, reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import type { Loop, NestMemory, Schedule } from "../../../mapping/nest/schedule.ts";
import type { NestCase } from "../../../../test/support/random-nests.ts";
import { nestCases } from "../../../../test/support/random-nests.ts";
import type { BoundaryCounts } from "../evaluation.ts";
import { stepNest } from "./step-nest.ts";

const runs = { numRuns: 300 };
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const product = (numbers: readonly number[]): number => numbers.reduce((total, number) => total * number, 1);
const wordCount = (problem: NestProblem, operand: OperandKey): number =>
  product(problem.operands[operand].map(({ extent }) => extent));

/** Values that are all different from zero, so that a lost or doubled product shows. */
function values(shape: readonly number[], seed: number): Tensor {
  let state = seed;
  const data = Array.from({ length: product(shape) }, () => {
    state = (Math.imul(state, 48271) + 11) & 0x7fffffff;
    return (state % 2 === 0 ? 1 : -1) * (1 + (state % 97));
  });
  return tensor("int16", shape, data);
}

/** Every multiplication straight from the problem: how often each word is touched; padding is not. */
function touches(problem: NestProblem): Record<OperandKey, Map<number, number>> {
  const counts = { A: new Map<number, number>(), B: new Map<number, number>(), C: new Map<number, number>() };
  const sizes = problem.dimensions.map(({ size }) => size);
  for (let index = 0; index < product(sizes); index++) {
    let rest = index;
    const at = sizes.map((size) => {
      const coordinate = rest % size;
      rest = (rest - coordinate) / size;
      return coordinate;
    });
    for (const operand of operandKeys) {
      let word = 0;
      let inside = true;
      for (const { terms, offset, extent } of problem.operands[operand]) {
        const place = sum(terms.map(({ dimension, coefficient }) => coefficient * (at[dimension] ?? 0))) + offset;
        inside &&= place >= 0 && place < extent;
        word = word * extent + place;
      }
      if (inside) counts[operand].set(word, (counts[operand].get(word) ?? 0) + 1);
    }
  }
  return counts;
}

const ofOperand = (boundaries: readonly BoundaryCounts[], operand: OperandKey): readonly BoundaryCounts[] =>
  boundaries.filter((boundary) => boundary.operand === operand);

test("every schedule gives the golden product", () => {
  fc.assert(
    fc.property(nestCases(), fc.nat(1000), ({ operation, problem, hierarchy, schedule }, seed) => {
      const shapes = operandShapes(operation);
      const A = values(shapes.A, seed + 1);
      const B = values(shapes.B, seed + 2);
      const { output } = stepNest(problem, hierarchy, schedule, { values: { A: A.data, B: B.data } });
      expect(output).toEqual(goldenOutput(operation, plainOperand(A), plainOperand(B), "integer"));
    }),
    runs,
  );
});

test("multiplications, touches and distinct words", () => {
  fc.assert(
    fc.property(nestCases(), ({ operation, problem, hierarchy, schedule }) => {
      const { macs, steps, units, boundaries } = stepNest(problem, hierarchy, schedule);
      expect(macs).toBe(denseMacs(operation));
      expect(steps * units).toBeGreaterThanOrEqual(macs);
      const touched = touches(problem);
      for (const operand of operandKeys) {
        const all = sum([...touched[operand].values()]);
        const last = ofOperand(boundaries, operand).at(-1);
        if (operand === "C") expect(last?.surrendered).toBe(all);
        else expect(last?.deliveries).toBe(all);
        for (const { reads, deliveries } of ofOperand(boundaries, operand)) {
          if (operand === "C") continue;
          expect(reads).toBeGreaterThanOrEqual(touched[operand].size);
          expect(deliveries).toBeGreaterThanOrEqual(reads);
        }
      }
    }),
    runs,
  );
});

test("reads equal fills where nothing multicasts", () => {
  fc.assert(
    fc.property(nestCases(), ({ problem, hierarchy, schedule }) => {
      const levels = hierarchy.levels.map((level) => ({
        ...level,
        axes: level.axes.map((axis) => ({ ...axis, multicast: false })),
      }));
      for (const { operand, reads, deliveries } of stepNest(problem, { ...hierarchy, levels }, schedule).boundaries) {
        if (operand !== "C") expect(reads).toBe(deliveries);
      }
    }),
    runs,
  );
});

test("results: written as often as given up less the additions, finished once", () => {
  fc.assert(
    fc.property(nestCases(), ({ problem, hierarchy, schedule }) => {
      const results = wordCount(problem, "C");
      const reduced = new Set(reducedDimensions(problem));
      const { boundaries } = stepNest(problem, hierarchy, schedule);
      for (const { parent, child, ...counts } of ofOperand(boundaries, "C")) {
        const { reads, readBacks, partialWrites, finalWrites, surrendered, deliveries } = counts;
        const written = partialWrites + finalWrites;
        expect(reads).toBe(readBacks);
        expect(deliveries).toBe(readBacks);
        expect(surrendered).toBeGreaterThanOrEqual(written);
        // Each entry is read back or starts a sum, and ends in a write.
        const sums = written - readBacks;
        expect(sums).toBeGreaterThanOrEqual(results);
        if (parent === 0) expect(sums).toBe(results);
        if (parent === 0) expect(finalWrites).toBe(child < hierarchy.levels.length ? results : 0);
        const spatialSums = schedule.levels
          .slice(parent, child)
          .some(({ spatial }) => spatial.some(({ dimension }) => reduced.has(dimension)));
        if (!spatialSums) expect(surrendered).toBe(written);
      }
    }),
    runs,
  );
});

test("the cycle stack sums to the cycles, which are at least the steps", () => {
  fc.assert(
    fc.property(nestCases(), ({ problem, hierarchy, schedule }) => {
      const { cycles, stack, steps } = stepNest(problem, hierarchy, schedule);
      expect(sum(Object.values(stack))).toBe(cycles);
      expect(stack["compute"]).toBe(steps);
      const fast = hierarchy.levels.map((level) => ({
        ...level,
        memories: level.memories.map((memory) => ({
          ...memory,
          readBytesPerCycle: Infinity,
          writeBytesPerCycle: Infinity,
        })),
      }));
      expect(stepNest(problem, { ...hierarchy, levels: fast }, schedule).cycles).toBe(steps);
    }),
    runs,
  );
});

/** The schedule with loops of a single step put in wherever `places` says. */
function padded({ problem, schedule }: NestCase, places: readonly number[]): Schedule {
  const left = problem.dimensions.map(({ size }) => size);
  let next = 0;
  const trivial = (): Loop[] => {
    const place = places[next++ % places.length] ?? 0;
    const dimension = place % left.length;
    return place < left.length ? [{ dimension, tile: left[dimension] ?? 1 }] : [];
  };
  const levels = schedule.levels.map(({ temporal, spatial }) => {
    const loops = temporal.flatMap((loop) => {
      const before = trivial();
      left[loop.dimension] = loop.tile;
      return [...before, loop];
    });
    const after = trivial();
    for (const loop of spatial) left[loop.dimension] = loop.tile;
    return { temporal: [...loops, ...after], spatial };
  });
  return { ...schedule, levels };
}

test("loops of one step make no difference, wherever they stand", () => {
  fc.assert(
    fc.property(nestCases(), fc.array(fc.nat(15), { minLength: 1, maxLength: 12 }), (nest, places) => {
      const { problem, hierarchy, schedule } = nest;
      expect(stepNest(problem, hierarchy, padded(nest, places))).toEqual(stepNest(problem, hierarchy, schedule));
    }),
    runs,
  );
});

/** The hierarchy and the schedule with one more level, without loops. */
function deeper({ hierarchy, schedule }: NestCase, place: number, memories: readonly NestMemory[]) {
  const level = { name: "further", memories, axes: [] };
  return {
    hierarchy: { ...hierarchy, levels: hierarchy.levels.toSpliced(place, 0, level) },
    schedule: {
      levels: schedule.levels.toSpliced(place, 0, { temporal: [], spatial: [] }),
      bypass: schedule.bypass.toSpliced(place, 0, []),
    },
  };
}

test("a level that keeps nothing makes no difference to the counts, nor to the cycles next to the datapath", () => {
  fc.assert(
    fc.property(nestCases(), fc.nat(3), (nest, choice) => {
      const place = 1 + (choice % nest.hierarchy.levels.length);
      const more = deeper(nest, place, []);
      const before = stepNest(nest.problem, nest.hierarchy, nest.schedule);
      const after = stepNest(nest.problem, more.hierarchy, more.schedule);
      const moved = (stage: number): number => (stage >= place ? stage + 1 : stage);
      expect(after.boundaries).toEqual(
        before.boundaries.map((boundary) => ({
          ...boundary,
          parent: moved(boundary.parent),
          child: moved(boundary.child),
        })),
      );
      if (place < nest.hierarchy.levels.length) return;
      expect(after.cycles).toBe(before.cycles);
      expect(after.stack).toEqual({ ...before.stack, "wait further": 0, "bandwidth further": 0 });
    }),
    runs,
  );
});

test("a level that keeps the tiles of the one below is filled like that one, and passes everything on", () => {
  const everything: NestMemory = {
    name: "copies",
    operands: operandKeys,
    bytes: Infinity,
    overlapped: true,
    readBytesPerCycle: Infinity,
    writeBytesPerCycle: Infinity,
    sharedPort: false,
  };
  fc.assert(
    fc.property(nestCases(), fc.nat(3), (nest, choice) => {
      const place = 1 + (choice % (nest.hierarchy.levels.length - 1));
      const more = deeper(nest, place, [everything]);
      const before = stepNest(nest.problem, nest.hierarchy, nest.schedule).boundaries;
      const after = stepNest(nest.problem, more.hierarchy, more.schedule).boundaries;
      for (const boundary of before.filter(({ child }) => child === place)) {
        const { operand, parent, deliveries } = boundary;
        expect(after.find((other) => other.operand === operand && other.child === place)).toEqual(boundary);
        if (operand === "C") continue;
        const on = after.find((other) => other.operand === operand && other.parent === place);
        expect(on).toMatchObject({ child: place + 1, reads: deliveries, deliveries });
        expect(parent).toBeLessThan(place);
      }
    }),
    runs,
  );
});

test("an operand kept at no level but the first is read there for every multiplication, once for a group", () => {
  fc.assert(
    fc.property(nestCases(), ({ problem, hierarchy, schedule }) => {
      const bypass = hierarchy.levels.map((_, level) => (level === 0 ? [] : operandKeys));
      const { boundaries, macs } = stepNest(problem, hierarchy, { ...schedule, bypass });
      expect(boundaries.map(({ operand }) => operand)).toEqual(["A", "B", "C"]);
      expect(boundaries[2]).toMatchObject({ surrendered: macs, finalWrites: 0 });
      expect(boundaries[0]?.deliveries).toBe(macs);
    }),
    runs,
  );
});
