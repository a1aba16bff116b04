// Laws of a layer on machines of loop nests: what is counted adds up, the price table of the search is the accounts',
// values are exact, skipping never costs cycles, and what cannot run is explained.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { registerFile } from "../../src/component/memory/register-file.ts";
import { evaluateSchedule } from "../../src/dataflow/nest/evaluate.ts";
import { prepareNest } from "../../src/dataflow/nest/prepare.ts";
import { withChannelInnermost } from "../../src/dataflow/nest/sparse/expected-lanes.ts";
import { namedConstraints } from "../../src/mapping/nest/constraints.ts";
import { dataflowNames } from "../../src/mapping/nest/nest-mapping.ts";
import type { NestProblem } from "../../src/mapping/nest/problem.ts";
import { nestProblem } from "../../src/mapping/nest/problem.ts";
import type { Schedule } from "../../src/mapping/nest/schedule.ts";
import { checkSchedule } from "../../src/mapping/nest/validate.ts";
import { withReduction } from "../../src/simulate/nest/drain/reduction.ts";
import { nestPrice } from "../../src/simulate/nest/nest-price.ts";
import { layerZeros } from "../../src/simulate/nest/zeros.ts";
import { nestCost } from "../../src/simulate/nest/search/search-price.ts";
import { searchSchedule } from "../../src/simulate/nest/search/search.ts";
import { defaultEffort, prepareSearch } from "../../src/simulate/nest/search/search-prepare.ts";
import type { NestBasedMachine } from "../../src/simulate/machine.ts";
import type { PreparedNest } from "../../src/simulate/prepared.ts";
import { prepareNestMachine } from "../../src/simulate/nest/prepare-nest-machine.ts";
import type { LayerResult } from "../../src/simulate/result.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { ComputeLayer, ComputeOperation } from "../../src/workload/layer.ts";
import { heddle } from "../cli/heddle.ts";
import { operationArbitrary } from "../support/machines.ts";
import { settingsOf } from "./flexible.ts";

const price = technology("28nm");

function preparedMachine(name: string, values: Readonly<Record<string, number | string>>): PreparedNest {
  const { machine } = acceleratorNamed(name).configure(settingsOf(name, values));
  if (machine.kind !== "nest") throw new Error(`${name} runs no loop nests`);
  return prepareNestMachine(machine satisfies NestBasedMachine, price);
}

const layerOf = (operation: ComputeOperation, density = { A: 1, B: 1 }): ComputeLayer => ({
  kind: "compute",
  name: "layer",
  operation,
  weightsConstant: true,
  density,
  densitySource: { A: "given", B: "given" },
});

const small = {
  "array.rows": 4,
  "array.columns": 4,
  "buffer.bytes": 2048,
  "buffer.bytesPerCycle": 16,
  bandwidth: 4e9,
  search: 200,
  "search.each": 50,
};

const variants = fc.record({
  tree: fc.constantFrom("variable", "fixed", "chain"),
  barrier: fc.constantFrom("lane", "pe", "column", "array"),
  compression: fc.constantFrom("none", "zvc"),
  sparsity: fc.constantFrom("none", "weights", "inputs", "both"),
});

const densities = fc.record({
  A: fc.double({ min: 0.2, max: 1, noNaN: true }),
  B: fc.double({ min: 0.2, max: 1, noNaN: true }),
});

const objectives = fc.constantFrom("cycles", "energy", "edp", "seconds");

const choice = { objective: "edp", check: "off", auditPercent: 0, seed: 5 } as const;
/** One search instead of six, where any schedule does. */
const freely = { ...choice, mapping: "search" } as const;

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

/** Words of an operand that a multiplication touches, by going to each. */
function touched(problem: NestProblem, operand: "A" | "B" | "C"): number {
  let words = 1;
  for (const { terms, offset, extent } of problem.operands[operand]) {
    let places = [offset];
    for (const { dimension, coefficient } of terms) {
      const size = problem.dimensions[dimension]?.size ?? 1;
      places = places.flatMap((place) => Array.from({ length: size }, (_, x) => place + x * coefficient));
    }
    words *= new Set(places.filter((place) => place >= 0 && place < extent)).size;
  }
  return words;
}

/** What the search found first and on its front, for another run of the layer. */
function schedulesOf(problem: NestProblem, prepared: PreparedNest): readonly Schedule[] {
  const { hierarchy, reduction } = prepared.parts;
  const nest = prepareNest(problem, hierarchy);
  const { best, front } = searchSchedule(
    prepareSearch(
      {
        problem,
        hierarchy,
        constraints: namedConstraints("any", problem, hierarchy),
        price: nestPrice(prepared, { executed: 1, gated: 0 }),
        objective: "energy",
        evaluate: (schedule) => {
          const evaluation = evaluateSchedule(nest, schedule);
          return reduction === undefined
            ? evaluation
            : withReduction(problem, hierarchy, schedule, evaluation, reduction);
        },
      },
      { ...defaultEffort, parts: 4, moves: 60, enumerate: 0, front: true },
    ),
  );
  return [...(best === null ? [] : [best]), ...front].map(({ schedule }) => withChannelInnermost(problem, schedule));
}

describe("searched layers", () => {
  test("stack sums to cycles, energy to its components, MACs are conserved, no memory moves less than it must", () => {
    fc.assert(
      fc.property(operationArbitrary, variants, densities, objectives, (operation, values, density, objective) => {
        const prepared = preparedMachine("flexnn", { ...small, ...values });
        const result = simulateLayer(layerOf(operation, density), prepared, { ...freely, objective, check: "all" });
        const { macs, energy, stack, cycles, traffic } = result;
        expect(result.check).toBe("exact");
        expect(sum(stack)).toBeCloseTo(cycles, 3);
        expect(Object.values(stack).every((part) => part > 0)).toBe(true);
        expect(sum(energy.components)).toBeCloseTo(energy.total, 18);
        expect(macs.executed + macs.skipped + macs.gated).toBe(macs.dense);
        expect(macs.executed).toBeLessThanOrEqual(macs.dense);
        if (values.sparsity === "none") expect(macs.executed).toBe(macs.dense);
        const problem = nestProblem(operation);
        const share = values.compression === "zvc" ? density : { A: 1, B: 1 };
        const { dram } = traffic;
        expect(dram?.operands.A.read).toBeGreaterThanOrEqual(share.A * touched(problem, "A") * 0.999);
        expect(dram?.operands.B.read).toBeGreaterThanOrEqual(share.B * touched(problem, "B") * 0.999);
        expect(dram?.operands.C.write).toBeGreaterThanOrEqual(touched(problem, "C"));
        expect(cycles).toBeGreaterThanOrEqual(macs.executed / prepared.units);
      }),
      { numRuns: 25 },
    );
  });

  test("every fixed dataflow is what it is called, and checks exactly", () => {
    fc.assert(
      fc.property(operationArbitrary, fc.constantFrom("weight-stationary", "row-stationary"), (operation, dataflow) => {
        const prepared = preparedMachine(`fixed-${dataflow}`, small);
        const result = simulateLayer(layerOf(operation), prepared, { ...choice, check: "all" });
        expect([result.check, result.mapping]).toEqual(["exact", dataflow]);
      }),
      { numRuns: 6 },
    );
  });
});

describe("given schedules", () => {
  test("run as they stand; the price table of the search comes to the joules of the accounts", () => {
    fc.assert(
      fc.property(operationArbitrary, variants, (operation, values) => {
        const prepared = preparedMachine("flexnn", { ...small, ...values });
        const problem = nestProblem(operation);
        const { hierarchy, reduction } = prepared.parts;
        const table = nestPrice(prepared, { executed: 1, gated: 0 });
        for (const schedule of schedulesOf(problem, prepared).slice(0, 4)) {
          const result = given(layerOf(operation), prepared, schedule);
          if (result === undefined) continue;
          expect([result.mapping, result.check]).toEqual(["schedule", "exact"]);
          expect(result.schedule).toEqual(schedule);
          const plain = evaluateSchedule(prepareNest(problem, hierarchy), schedule);
          if (reduction === undefined) throw new Error("flexnn has a network between elements");
          const { cycles, joules } = nestCost(table, withReduction(problem, hierarchy, schedule, plain, reduction));
          expect(result.cycles).toBe(cycles);
          expect(joules / result.energy.total).toBeCloseTo(1, 9);
        }
      }),
      { numRuns: 12 },
    );
  });

  test("so does the price table of zeros that were counted, but for the bitmaps read", () => {
    fc.assert(
      fc.property(operationArbitrary, variants, densities, (operation, values, density) => {
        const prepared = preparedMachine("flexnn", { ...small, ...values });
        const problem = nestProblem(operation);
        const { hierarchy, reduction } = prepared.parts;
        const layer = layerOf(operation, density);
        for (const schedule of schedulesOf(problem, prepared).slice(0, 2)) {
          const result = given(layer, prepared, schedule);
          if (result === undefined || reduction === undefined) continue;
          const factors = layerZeros(layer, problem, prepared, choice.seed)?.counted(schedule).factors;
          if (factors === undefined) continue;
          const plain = evaluateSchedule(prepareNest(problem, hierarchy), schedule, factors);
          const evaluation = withReduction(problem, hierarchy, schedule, plain, reduction);
          const { cycles, joules } = nestCost(nestPrice(prepared, factors, factors), evaluation);
          const bitmap = prepared.costs["zeroSkipping"]?.energy["bitmapRead"]?.joules ?? 0;
          const bitmaps = bitmap * (result.counts["zeroSkipping.bitmapRead"] ?? 0);
          expect(result.cycles).toBe(cycles);
          // Multiplications are whole in the accounts.
          const { macs } = result;
          const mac = prepared.costs["array"]?.energy["multiplyAccumulate"]?.joules ?? 0;
          const found = prepared.costs["zeroSkipping"]?.energy["findFirst"]?.joules ?? 0;
          const rounded = (macs.executed - factors.executed * macs.dense) * (mac + (factors.skips ? found : 0));
          expect(joules + bitmaps + rounded).toBeCloseTo(result.energy.total, 18);
        }
      }),
      { numRuns: 12 },
    );
  });

  test("two-sided skipping takes at most the cycles of one-sided, and that at most those of none", () => {
    let faster = 0;
    fc.assert(
      fc.property(
        operationArbitrary,
        densities,
        fc.constantFrom("lane", "pe", "column", "array"),
        (operation, density, barrier) => {
          const machine = (sparsity: string) => preparedMachine("flexnn", { ...small, barrier, sparsity });
          for (const schedule of schedulesOf(nestProblem(operation), machine("none")).slice(0, 2)) {
            const [none, weights, inputs, both] = ["none", "weights", "inputs", "both"].map(
              (sparsity) => given(layerOf(operation, density), machine(sparsity), schedule)?.cycles,
            );
            if (none === undefined || weights === undefined || inputs === undefined || both === undefined) continue;
            expect(both).toBeLessThanOrEqual(Math.min(weights, inputs));
            expect(Math.max(weights, inputs)).toBeLessThanOrEqual(none);
            if (both < none) faster++;
          }
        },
      ),
      { numRuns: 12 },
    );
    expect(faster).toBeGreaterThan(0);
  });

  test("half a buffer never moves fewer bytes under the same schedule, or refuses it", () => {
    fc.assert(
      fc.property(operationArbitrary, (operation) => {
        const prepared = preparedMachine("flexnn", small);
        for (const memory of ["buffer.bytes", "registers.inputs", "registers.filters", "registers.outputs"]) {
          const half = {
            ...small,
            [memory]: memory === "buffer.bytes" ? 1024 : memory === "registers.outputs" ? 128 : 32,
          };
          for (const schedule of schedulesOf(nestProblem(operation), prepared).slice(0, 1)) {
            const whole = given(layerOf(operation), prepared, schedule);
            const halved = given(layerOf(operation), preparedMachine("flexnn", half), schedule);
            if (whole === undefined || halved === undefined) continue;
            for (const [name, { read, write }] of Object.entries(whole.traffic)) {
              expect(halved.traffic[name]?.read).toBeGreaterThanOrEqual(read);
              expect(halved.traffic[name]?.write).toBeGreaterThanOrEqual(write);
            }
          }
        }
      }),
      { numRuns: 6 },
    );
  });
});

/** A layer under a schedule; undefined where lanes that skip zeros, or a smaller memory, cannot run it. */
function given(layer: ComputeLayer, prepared: PreparedNest, schedule: Schedule): LayerResult | undefined {
  const { hierarchy } = prepared.parts;
  if (checkSchedule(nestProblem(layer.operation), hierarchy, schedule).length > 0) return undefined;
  const lanes = schedule.levels.flatMap(({ spatial }) => spatial.filter(({ axis }) => axis === "lanes"));
  if (lanes.length > 1) return undefined;
  return simulateLayer(layer, prepared, { ...choice, check: "all", schedules: { layer: schedule } });
}

test("1, 2 and 4 threads give the same results", async () => {
  const run = (threads: number) =>
    heddle(
      "run",
      "alexnet",
      "--on",
      "flexnn",
      "--layers",
      "4-5",
      "--set",
      "search=20",
      "--mapping",
      "search",
      "--json",
      "--threads",
      String(threads),
    );
  const [one, two, four] = await Promise.all([1, 2, 4].map(run));
  expect(one?.code).toBe(0);
  expect(JSON.parse(one?.out ?? "").runs?.[0]?.layers ?? JSON.parse(one?.out ?? "").layers).toHaveLength(2);
  expect([two?.out, four?.out]).toEqual([one?.out, one?.out]);
});

describe("what cannot run is explained", () => {
  const layer: ComputeLayer = { ...layerOf({ operator: "matmul", batch: 1, M: 64, N: 8, K: 64 }), name: "fc7" };

  test("registers without room name the layer, the memory and the bytes", () => {
    const { machine } = preparedMachine("flexnn", small);
    const filterRegisters = registerFile({ bytes: 1, wordBits: 8, ports: 1, instances: 16, transfers: "halves" });
    const cramped = { ...machine, components: { ...machine.components, filterRegisters } };
    const run = () => simulateLayer(layer, prepareNestMachine(cramped, price), choice);
    expect(run).toThrow(/layer fc7.*flexnn, search.*filterRegisters.*byte/s);
  });

  test("a dataflow without a schedule for a layer is passed over, and says why where it is the only one", () => {
    // A row of the kernel, which row-stationary never cuts, takes twice the registers.
    const wide = { operator: "conv2d", batch: 1, groups: 1, inChannels: 1, height: 1, width: 80 } as const;
    const kernel = { outChannels: 2, kernelHeight: 1, kernelWidth: 64 } as const;
    const plain = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } as const;
    const speech: ComputeLayer = { ...layerOf({ ...wide, ...kernel, ...plain }), name: "speech" };
    const quick = { ...small, search: 20, "search.each": 20 };
    const { mapping, alternatives } = simulateLayer(speech, preparedMachine("flexnn", quick), choice);
    const tried = [mapping, ...alternatives.map((other) => other.mapping)];
    const without = dataflowNames.filter((name) => name !== "any" && name !== "row-stationary");
    expect(tried.toSorted()).toEqual(["search", ...without].toSorted());
    const alone = { ...choice, mapping: "row-stationary" };
    for (const name of ["fixed-row-stationary", "flexnn"]) {
      expect(() => simulateLayer(speech, preparedMachine(name, quick), alone)).toThrow(
        /layer speech.*row-stationary: .*filterRegisters.*64 bytes/s,
      );
    }
  });

  test("a line of elements has no dataflows of an array", () => {
    for (const line of ["array.rows", "array.columns"]) {
      const prepared = preparedMachine("flexnn", { ...small, [line]: 1, search: 20 });
      expect(Object.keys(prepared.machine.mappings)).toEqual(["search"]);
      expect(simulateLayer(layer, prepared, choice).mapping).toBe("search");
    }
  });

  test("a schedule that does not fit names the layer, the place in the schedule and what is missing", () => {
    const prepared = preparedMachine("flexnn", small);
    const loops = (tile: number) => [1, 2, 3].map((dimension) => ({ dimension, tile }));
    const none = { temporal: [], spatial: [] };
    const schedule = (levels: Schedule["levels"]): Schedule => ({ levels, bypass: [[], [], [], []] });
    const run = (levels: Schedule["levels"]) => () =>
      simulateLayer(layer, prepared, { ...choice, schedules: { fc7: schedule(levels) } });
    expect(run([none, none, none, { temporal: loops(1), spatial: [] }])).toThrow(/layer fc7: schedule.*buffer.*bytes/s);
    expect(run([{ temporal: loops(2), spatial: [] }, none, none, none])).toThrow(/layer fc7: schedule/);
  });
});

describe("latency and front", () => {
  test("the latency off chip shows once a layer, before its first word", () => {
    fc.assert(
      fc.property(operationArbitrary, densities, fc.integer({ min: 1, max: 5000 }), (operation, density, cycles) => {
        const layer = layerOf(operation, density);
        const prompt = simulateLayer(layer, preparedMachine("flexnn", small), { ...freely, objective: "cycles" });
        const schedules = prompt.schedule === undefined ? {} : { [layer.name]: prompt.schedule };
        // A clock of 1 GHz: nanoseconds are cycles.
        const late = preparedMachine("flexnn", { ...small, latency: cycles * 1e-9 });
        const waiting = simulateLayer(layer, late, { ...choice, schedules });
        expect(waiting.cycles).toBe(prompt.cycles + Math.ceil(cycles * 1e-9 * 1e9));
        expect(waiting.stack["latency"]).toBe(Math.ceil(cycles * 1e-9 * 1e9));
        expect(sum(waiting.stack)).toBeCloseTo(waiting.cycles, 6);
      }),
      { numRuns: 25 },
    );
  });

  test("without zeros the chosen schedule is on the front, with the layer's own energy", () => {
    fc.assert(
      fc.property(operationArbitrary, densities, fc.boolean(), (operation, density, dense) => {
        const layer = layerOf(operation, dense ? { A: 1, B: 1 } : density);
        const result = simulateLayer(layer, preparedMachine("flexnn", small), { ...choice, objective: "energy" });
        const front = result.front ?? [];
        expect(front.length).toBeGreaterThan(0);
        for (const [i, point] of front.slice(1).entries()) {
          expect(point.cycles).toBeGreaterThan(front[i]?.cycles ?? Infinity);
          expect(point.energy).toBeLessThan(front[i]?.energy ?? 0);
        }
        if (dense) expect(front.at(-1)?.energy).toBeCloseTo(result.energy.total, 12);
        // Whichever mapping was chosen, the front is that of all of them.
        for (const other of dense ? result.alternatives : []) {
          expect(front.some(({ cycles, energy }) => cycles <= other.cycles && energy <= other.energy)).toBe(true);
        }
      }),
      { numRuns: 10 },
    );
  });
});
