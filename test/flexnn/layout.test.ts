// Layout between layers: the orders that schedules imply, what a plain drain pays and a reordering one spares, and the
// conservation of what is charged.

import { describe, expect, test } from "vitest";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { layoutDrain, steppedDrain } from "../../src/component/layout-drain.ts";
import { nestProblem } from "../../src/mapping/nest/problem.ts";
import type { Schedule } from "../../src/mapping/nest/schedule.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { ComputeLayer, Network } from "../../src/workload/layer.ts";
import type { RunResult } from "../../src/simulate/result.ts";
import { simulateNetwork } from "../../src/simulate/run-network.ts";
import { layoutAccesses, leavingOrder, readingOrder } from "../../src/simulate/nest/drain/layout.ts";

const [M, C, P] = [2, 3, 4];

const layer = (name: string, inChannels: number, outChannels: number): ComputeLayer => ({
  kind: "compute",
  name,
  operation: {
    operator: "conv2d",
    batch: 1,
    groups: 1,
    inChannels,
    outChannels,
    height: 8,
    width: 1,
    kernelHeight: 1,
    kernelWidth: 1,
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
  },
  weightsConstant: true,
  density: { A: 1, B: 1 },
  densitySource: { A: "given", B: "given" },
});

const first = layer("first", 8, 32);
const second = layer("second", 32, 4);
const network: Network = { name: "two", source: "test", inputs: [], layers: [first, second], warnings: [] };

/** `across` lies side by side on the columns, `inner` is the innermost loop; the rest runs over time. */
function schedule({ operation }: ComputeLayer, across: number, inner: number): Schedule {
  const { dimensions } = nestProblem(operation);
  const left = dimensions.map(({ size }) => size);
  const cut = (dimension: number, tile: number) => {
    left[dimension] = tile;
    return { dimension, tile };
  };
  const outer = [M, C, P].filter((dimension) => dimension !== across && dimension !== inner);
  const far = [...outer.map((dimension) => cut(dimension, 1)), cut(across, Math.min(left[across] ?? 1, 8))];
  const spatial = [{ ...cut(across, 1), axis: "columns" }];
  const near = across === inner ? [] : [cut(inner, 1)];
  const rest = dimensions.flatMap((_, dimension) => ((left[dimension] ?? 1) > 1 ? [cut(dimension, 1)] : []));
  const none = { temporal: [], spatial: [] };
  return {
    levels: [
      { temporal: far, spatial: [] },
      { temporal: [], spatial },
      none,
      { temporal: [...rest, ...near], spatial: [] },
    ],
    bypass: [[], [], [], []],
  };
}

function run(drain: string, one: Schedule, two: Schedule, gaps: readonly number[] = []): RunResult {
  const { machine } = acceleratorNamed("flexnn").configure({ drain });
  return simulateNetwork({ ...network, gaps }, machine, technology("28nm"), {
    objective: "energy",
    check: "all",
    auditPercent: 0,
    seed: 1,
    parameters: {},
    schedules: { first: one, second: two },
  });
}

const positionsLeave = schedule(first, P, C);
const channelsLeave = schedule(first, M, C);
const channelsRead = schedule(second, M, C);

test("units side by side and the innermost loop decide the orders", () => {
  expect(leavingOrder(nestProblem(first.operation), positionsLeave, 1)).toBe("positions");
  expect(leavingOrder(nestProblem(first.operation), channelsLeave, 1)).toBe("channels");
  expect(readingOrder(nestProblem(second.operation), channelsRead)).toBe("channels");
  expect(readingOrder(nestProblem(second.operation), schedule(second, M, P))).toBe("positions");
});

test("accesses are those of the drain walked element by element", () => {
  for (const [from, to] of [
    ["positions", "channels"],
    ["channels", "positions"],
  ] as const) {
    for (const wordElements of [1, 4, 16]) {
      const drain = layoutDrain({ width: 4, wordElements, elementBits: 8, reorders: false });
      const { plain, reordered } = layoutAccesses(drain, second, from, to);
      const order = (what: string) => (what === "channels" ? "rows" : "columns");
      const plane = { rows: 8, columns: 32, array: order(from), next: order(to) } as const;
      const [left, turned] = [false, true].map((reorders) => steppedDrain({ ...drain, reorders }, plane));
      expect([plain.reads, plain.writes]).toEqual([left?.reads, left?.writes]);
      expect([reordered.reads, reordered.writes]).toEqual([turned?.reads, turned?.writes]);
    }
  }
});

describe("two layers", () => {
  const plain = run("plain", positionsLeave, channelsRead);
  const reordered = run("reordering", positionsLeave, channelsRead);

  test("a plain drain pays what a reordering one spares", () => {
    expect(plain.layouts?.changes).toBe(1);
    expect(reordered.layouts).toMatchObject({ changes: 1, cycles: 0, energy: 0 });
    expect(plain.layouts?.accesses).toBe(reordered.layouts?.accesses);
    expect(plain.layouts?.accesses).toBeGreaterThan(0);
    expect(plain.layers[1]?.layout).toMatchObject({ from: "positions", to: "channels", reordered: false });
    expect(plain.total.energy - reordered.total.energy).toBeCloseTo(plain.layouts?.energy ?? 0, 18);
    expect(plain.total.cycles - reordered.total.cycles).toBe(plain.layouts?.cycles);
  });

  test("what is charged is in the layer's figures", () => {
    for (const { stack, cycles, energy, counts, traffic } of plain.layers) {
      const sum = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((a, b) => a + b, 0);
      expect(sum(stack)).toBeCloseTo(cycles, 6);
      expect(sum(energy.components)).toBeCloseTo(energy.total, 18);
      expect(counts["buffer.readBit"]).toBeCloseTo((traffic["buffer"]?.read ?? 0) * 8, 6);
    }
  });

  test("nothing is paid in the same order, or where no layer follows", () => {
    expect(run("plain", channelsLeave, channelsRead).layouts?.changes).toBe(0);
    expect(run("plain", positionsLeave, channelsRead, [1]).layouts?.changes).toBe(0);
  });
});
