// The classic dataflows as constraints: each allows the nest that it is known by, forbids the others' and is part of `any`.

import { describe, expect, test } from "vitest";

import type { DataflowName } from "./nest-mapping.ts";
import { arrayLevel, checkConstraints, namedConstraints } from "./constraints.ts";
import { dataflowNames } from "./nest-mapping.ts";
import type { OperandKey } from "./problem.ts";
import { nestProblem, operandKeys } from "./problem.ts";
import type { Axis, Hierarchy, Schedule } from "./schedule.ts";
import { checkSchedule } from "./validate.ts";

const memory = (name: string, operands: readonly OperandKey[]) => ({
  name,
  operands,
  bytes: Number.POSITIVE_INFINITY,
  overlapped: true,
  readBytesPerCycle: 1,
  writeBytesPerCycle: 1,
  sharedPort: false,
});
const axis = (name: string, units: number): Axis => ({ name, units, reduction: "tree", multicast: true });

const hierarchy: Hierarchy = {
  levels: [
    { name: "dram", memories: [memory("dram", operandKeys)], axes: [] },
    { name: "buffer", memories: [memory("buffer", operandKeys)], axes: [axis("rows", 4), axis("columns", 4)] },
    { name: "registers", memories: [memory("registers", operandKeys)], axes: [] },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

const problem = nestProblem({
  operator: "conv2d",
  batch: 1,
  groups: 1,
  outChannels: 4,
  inChannels: 4,
  height: 6,
  width: 6,
  kernelHeight: 3,
  kernelWidth: 3,
  stride: [1, 1],
  padding: [0, 0, 0, 0],
  dilation: [1, 1],
});

/** `M C / rows K ... { P Q }` as a schedule: every loop cuts to 1, except where `letter:tile` says otherwise. */
function nest(array: string, rows: string, columns: string, inside: string, bypass: Schedule["bypass"]): Schedule {
  const loops = (text: string) =>
    text.split(" ").flatMap((word) => {
      const [name, tile] = word.split(":");
      const dimension = problem.dimensions.findIndex((candidate) => candidate.name === name);
      return dimension < 0 ? [] : [{ dimension, tile: Number(tile ?? 1) }];
    });
  return {
    levels: [
      { temporal: [], spatial: [] },
      {
        temporal: loops(array),
        spatial: [
          ...loops(rows).map((loop) => ({ ...loop, axis: "rows" })),
          ...loops(columns).map((loop) => ({ ...loop, axis: "columns" })),
        ],
      },
      { temporal: loops(inside), spatial: [] },
    ],
    bypass,
  };
}

const kept = [[], [], []];
const typical: Readonly<Record<Exclude<DataflowName, "any">, Schedule>> = {
  "weight-stationary": nest("R S", "C", "M", "P Q", kept),
  "output-stationary": nest("M", "P", "Q", "C R S", kept),
  "input-stationary": nest("P Q:2 R S", "C", "Q", "M", kept),
  "row-stationary": nest("C", "R", "P", "M Q S", kept),
  "no-local-reuse": nest("P Q R S", "C", "M", "", [[], [], ["A", "B", "C"]]),
};

const faults = (name: DataflowName, schedule: Schedule): readonly string[] =>
  checkConstraints(problem, hierarchy, namedConstraints(name, problem, hierarchy), schedule).map(({ rule }) => rule);

describe("the classic dataflows", () => {
  test.each(Object.entries(typical))("the nest of %s runs and obeys `any` and no other name", (own, schedule) => {
    expect(checkSchedule(problem, hierarchy, schedule)).toEqual([]);
    const obeyed = dataflowNames.filter((name) => faults(name, schedule).length === 0);
    expect(obeyed).toEqual(["any", own]);
  });

  test("what rests is not iterated, order and axes are kept, and faults name the place", () => {
    const constraints = namedConstraints("weight-stationary", problem, hierarchy);
    const wrong = nest("P Q:2 R", "C Q", "M", "S", [[], [], ["A"]]);
    expect(checkConstraints(problem, hierarchy, constraints, wrong)).toMatchObject([
      { level: 1, rule: "order", dimension: "R" },
      { level: 1, rule: "spatial", dimension: "Q", axis: "rows" },
      { level: 2, rule: "rests", dimension: "S", operand: "A" },
      { level: 2, rule: "bypass", operand: "A" },
    ]);
  });

  test("loops of a single step are free", () => {
    const schedule = nest("R S M:4", "C", "M", "P Q C", kept);
    expect(faults("weight-stationary", schedule)).toEqual([]);
  });

  test("only a hierarchy with rows and columns has them", () => {
    const line: Hierarchy = {
      ...hierarchy,
      levels: hierarchy.levels.map((level) => ({ ...level, axes: level.axes.slice(0, 1) })),
    };
    expect(arrayLevel(line)).toBeUndefined();
    expect(() => namedConstraints("row-stationary", problem, line)).toThrow("row-stationary needs an array");
    expect(namedConstraints("any", problem, line).levels).toHaveLength(3);
  });
});

test("what a level must keep passes it by under no dataflow", () => {
  const keeping: Hierarchy = {
    ...hierarchy,
    levels: hierarchy.levels.map((level) => (level.name === "registers" ? { ...level, keeps: ["A", "B"] } : level)),
  };
  for (const name of dataflowNames) {
    const { mayBypass = operandKeys } = namedConstraints(name, problem, keeping).levels[2] ?? {};
    expect([...mayBypass]).not.toContain("A");
    expect([...mayBypass]).not.toContain("B");
  }
});
