// Searches in pieces: whichever thread runs which part, and wherever a search is interrupted, results are those of a
// search in one piece; what does not belong to a search is refused; and its progress is told.

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { contextOf, crewOf } from "../../../test/support/crew.ts";
import { InputError } from "../../base/error.ts";
import type { PreparedMachine } from "../../simulate/prepared.ts";
import type { SearchState } from "../../simulate/nest/search/search-state.ts";
import { simulateNestLayer } from "../../simulate/nest/simulate-nest.ts";
import type { ComputeLayer, ComputeOperation } from "../../workload/layer.ts";
import type { Staff } from "../run-layers.ts";
import { runLayers } from "../run-layers.ts";
import type { TaskContext } from "../task.ts";
import { taskPerformer } from "../task.ts";
import type { KeptSearch, SearchStore } from "./search-store.ts";
import type { SearchShare } from "./search-watch.ts";
import { watchSearches } from "./search-watch.ts";

/** Machines as small as their layers, with searches that are soon done. */
const machines = {
  flexnn: { "array.rows": 4, "array.columns": 4, "buffer.bytes": 2048, search: 100, "search.each": 20 },
  eyeriss: { search: 100 },
  "eyeriss-v2": { search: 100 },
} as const;

const size = fc.integer({ min: 1, max: 6 });
const operations: fc.Arbitrary<ComputeOperation> = fc.oneof(
  fc.record({
    operator: fc.constant("conv2d"),
    batch: fc.constant(1),
    inChannels: size,
    height: fc.integer({ min: 3, max: 6 }),
    width: fc.integer({ min: 3, max: 6 }),
    outChannels: size,
    kernelHeight: fc.constantFrom(1, 3),
    kernelWidth: fc.constantFrom(1, 2),
    stride: fc.constantFrom([1, 1] as const, [2, 1] as const),
    padding: fc.constantFrom([0, 0, 0, 0] as const, [1, 1, 1, 1] as const),
    dilation: fc.constant([1, 1] as const),
    groups: fc.constant(1),
  }),
  fc.record({ operator: fc.constant("matmul"), batch: fc.integer({ min: 1, max: 2 }), M: size, N: size, K: size }),
);
const density = fc.constantFrom(1, 0.5, 0.8);
const layerArbitrary = (name: string): fc.Arbitrary<ComputeLayer> =>
  fc.record({
    kind: fc.constant("compute"),
    name: fc.constant(name),
    operation: operations,
    weightsConstant: fc.constant(true),
    density: fc.record({ A: density, B: density }),
    densitySource: fc.constant({ A: "given", B: "given" } as const),
  });
const layersArbitrary = fc
  .integer({ min: 1, max: 2 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => layerArbitrary(`layer${i}`))));
const choiceArbitrary = fc.record({
  objective: fc.constantFrom("cycles", "energy", "edp"),
  check: fc.constantFrom("off", "sample"),
  auditPercent: fc.constant(0),
  seed: fc.nat(5),
});
const machineArbitrary = fc.constantFrom("flexnn", "eyeriss", "eyeriss-v2");

/** The results as text, or the fault. */
async function outcome(work: () => unknown): Promise<string> {
  try {
    return JSON.stringify(await work());
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** Layers without tasks, each in one piece. */
const inOnePiece = (layers: readonly ComputeLayer[], prepared: PreparedMachine, choice: TaskContext["choice"]) =>
  outcome(() =>
    layers.map((layer) => {
      if (prepared.kind !== "nest") throw new Error("not a machine of loop nests");
      return [simulateNestLayer(layer, prepared, choice)];
    }),
  );

type Saved = Record<string, KeptSearch>;

/** A store in memory, which is interrupted when it has saved so often. */
function storeOf(saved: Saved, most = Infinity): SearchStore {
  let count = 0;
  const key = ({ name }: ComputeLayer, mapping: string): string => `${name} ${mapping}`;
  return {
    load: (layer, mapping) => saved[key(layer, mapping)],
    save: (layer, mapping, kept) => {
      saved[key(layer, mapping)] = kept;
      if (++count >= most) throw new Error("interrupted");
    },
    place: (layer, mapping) => ({ file: "saved.json", path: key(layer, mapping) }),
  };
}

const withStore = (staff: Staff, searches: SearchStore): Staff => ({
  ...staff,
  request: { ...staff.request, searches },
});

test("results are those of searches in one piece, for any number of threads in any order", async () => {
  await fc.assert(
    fc.asyncProperty(
      machineArbitrary,
      layersArbitrary,
      choiceArbitrary,
      fc.constantFrom(2, 4),
      fc.scheduler(),
      async (name, layers, choice, threads, scheduler) => {
        const { prepared, alone } = contextOf(name, choice, machines[name]);
        const expected = await inOnePiece(layers, prepared, choice);
        expect(await outcome(() => runLayers(layers, prepared, alone))).toBe(expected);
        const side = { ...alone, threads, perform: crewOf(threads, scheduler) };
        expect(await outcome(() => scheduler.waitFor(runLayers(layers, prepared, side)))).toBe(expected);
      },
    ),
    { numRuns: 8, seed: 11 },
  );
}, 60_000);

test("a run that goes on from where another one was interrupted ends as one that never was", async () => {
  await fc.assert(
    fc.asyncProperty(
      machineArbitrary,
      layersArbitrary,
      choiceArbitrary,
      fc.integer({ min: 1, max: 40 }),
      async (name, layers, choice, saves) => {
        const { prepared, alone } = contextOf(name, choice, machines[name]);
        const expected = await inOnePiece(layers, prepared, choice);
        const saved: Saved = {};
        await runLayers(layers, prepared, withStore(alone, storeOf(saved, saves))).catch(() => undefined);
        const kept: Saved = JSON.parse(JSON.stringify(saved));
        expect(Object.keys(kept).length).toBeGreaterThan(0);
        const resumed = withStore(alone, storeOf(kept));
        expect(await outcome(() => runLayers(layers, prepared, resumed))).toBe(expected);
      },
    ),
    { numRuns: 8, seed: 12 },
  );
}, 60_000);

describe("a saved search", () => {
  const choice = { objective: "edp", check: "off", auditPercent: 0, seed: 1, mapping: "search" } as const;
  const matmul = (K: number): ComputeLayer => ({
    kind: "compute",
    name: "layer",
    operation: { operator: "matmul", batch: 1, M: 6, N: 4, K },
    weightsConstant: true,
    density: { A: 1, B: 1 },
    densitySource: { A: "assumed", B: "assumed" },
  });
  /** Of one run: a performer keeps the layers of its run by their number. */
  const run = () => contextOf("flexnn", choice, machines.flexnn);
  const savedOf = async (layer: ComputeLayer): Promise<SearchState> => {
    const { prepared, alone } = run();
    const saved: Saved = {};
    await runLayers([layer], prepared, withStore(alone, storeOf(saved)));
    const state = saved["layer search"]?.state;
    if (state === undefined) throw new Error(`nothing saved but ${Object.keys(saved).join()}`);
    return state;
  };
  const resumed = (layer: ComputeLayer, state: SearchState, { prepared, alone } = run()): Promise<string> =>
    outcome(() => runLayers([layer], prepared, withStore(alone, storeOf({ "layer search": { state, ahead: [] } }))));

  test("that came to its end is not run again", async () => {
    const state = await savedOf(matmul(5));
    const { prepared, alone } = run();
    const steps: string[] = [];
    const perform: Staff["perform"] = (task) => {
      steps.push(task.step.kind);
      return alone.perform(task);
    };
    expect(await resumed(matmul(5), state, { prepared, alone: { ...alone, perform } })).toBe(
      await inOnePiece([matmul(5)], prepared, choice),
    );
    expect(steps).toEqual(["search", "layer"]);
  });

  test.each<[string, (state: SearchState) => SearchState, RegExp]>([
    ["of another seed", (state) => ({ ...state, seed: 2 }), /another seed; found "2"; expected 1$/],
    ["cut otherwise", (state) => ({ ...state, parts: state.parts.slice(1) }), /found "7 parts"; expected 8 parts$/],
    [
      "with figures that are not those of its schedule",
      (state) => ({ ...state, best: state.best && { ...state.best, cycles: state.best.cycles + 1 } }),
      /this version of Heddle evaluate otherwise; found "\d+ cycles/,
    ],
  ])("%s is refused, with its place", async (_, change, message) => {
    const found = await resumed(matmul(5), change(await savedOf(matmul(5))));
    expect(found).toMatch(message);
    expect(found).toMatch(/^saved\.json: layer search: /);
  });

  test("of another layer is refused", async () => {
    expect(await resumed(matmul(7), await savedOf(matmul(5)))).toMatch(/^saved\.json: layer search: a schedule /);
  });
});

describe("progress", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a search tells its parts, moves and best figure, which grow to those of its end", async () => {
    const choice = { objective: "cycles", check: "off", auditPercent: 0, seed: 1, mapping: "search" } as const;
    const [layer] = fc.sample(layerArbitrary("layer"), { seed: 3, numRuns: 1 });
    if (layer === undefined) throw new Error("no layer");
    const { prepared, alone } = contextOf("flexnn", choice, machines.flexnn);
    const shares: SearchShare[] = [];
    const searchWatch = watchSearches(([share]) => {
      if (share !== undefined) shares.push(share);
    });
    const perform = taskPerformer(undefined, async () => {
      await vi.advanceTimersByTimeAsync(200);
    });
    const saved: Saved = {};
    const [results] = await runLayers([layer], prepared, { ...withStore(alone, storeOf(saved)), perform, searchWatch });
    searchWatch.close();
    expect(shares.length).toBeGreaterThan(50);
    for (const key of ["parts", "moves"] as const) {
      const values = shares.map((share) => share[key]);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
    const state = saved["layer search"]?.state;
    const last = shares.at(-1);
    expect(last).toMatchObject({ layer: "layer", mapping: "search", parts: 16, of: 16, best: state?.best?.cycles });
    expect(last?.moves).toBe(state?.parts.reduce((sum, { sampled }) => sum + sampled, 0));
    expect(results?.[0]?.cycles).toBeGreaterThan(0);
    const bests = shares.flatMap(({ best }) => best ?? []);
    expect(bests).toEqual(bests.toSorted((a, b) => b - a));
    expect(shares[0]?.best).toBeUndefined();
  });
});
