// Films of tiles on systolic grids: laws on random machines and layers, and what a small array must show.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { dram } from "../../component/memory/dram.ts";
import { sram } from "../../component/memory/sram.ts";
import { systolicGrid } from "../../component/systolic-grid.ts";
import { technology } from "../../technology/technologies.ts";
import type { ComputeLayer, ComputeOperation } from "../../workload/layer.ts";
import { loweredValues } from "../../workload/lowered-values.ts";
import { lower } from "../../workload/lowering.ts";
import {
  activityCounts,
  expectApart,
  expectForm,
  expectMovesShown,
  shown,
  slotStarts,
} from "../../../test/support/replays.ts";
import { machineArbitrary, mappingArbitrary, operationArbitrary } from "../../../test/support/machines.ts";
import { operandsOf } from "../check.ts";
import { placeOf } from "../grid/piece.ts";
import { mapLayer } from "../grid/map-layer.ts";
import { prepareGridMachine } from "../grid/prepare-grid.ts";
import type { GridBasedMachine } from "../machine.ts";
import { gridParts } from "./grid/picture.ts";
import { replayGrid } from "./grid.ts";
import { mostSeededValue } from "./options.ts";
import type { Replay } from "./replay.ts";

const price = technology("45nm");

const layerOf = (operation: ComputeOperation, A: number, B: number): ComputeLayer => ({
  kind: "compute",
  name: "layer",
  operation,
  weightsConstant: true,
  density: { A, B },
  densitySource: { A: "given", B: "given" },
});

interface Case {
  readonly layer: ComputeLayer;
  readonly machine: GridBasedMachine;
  readonly tile: number;
}

const caseArbitrary: fc.Arbitrary<Case> = fc
  .tuple(operationArbitrary, mappingArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1000))
  .chain(([operation, mapping, density, tile]) =>
    machineArbitrary(mapping).map((machine) => ({ layer: layerOf(operation, density, 0.7), machine, tile })),
  );

/** The film of a tile that the layer has; undefined where a buffer is too small for the layer. */
function filmed({ layer, machine, tile }: Case, mostCycles = 2000) {
  const mapping = machine.mappings["only"];
  if (mapping === undefined) throw new Error("no mapping");
  try {
    const prepared = prepareGridMachine(machine, price);
    const mapped = mapLayer(layer, prepared, "only", mapping);
    const options = { seed: 3, tile: tile % mapped.plan.tiles, mostParts: 1000, mostCycles };
    return { film: replayGrid(layer, prepared, "only", options), prepared, mapped, mapping, tile: options.tile };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Values that come into the buffer for sums, by the cycle in which they do. */
function sumsOf(film: Replay): number[] {
  const sums: number[] = [];
  film.moves.link.forEach((at, index) => {
    const link = film.links[at];
    const into = link === undefined ? undefined : film.parts[link.to];
    if (into?.name === "sumBuffer (C)" && link?.counts !== true) sums.push(film.moves.value[index] ?? NaN);
  });
  return sums;
}

describe("laws of films on random grids and layers", () => {
  test("form, figures that agree, moves between parts that hold the values, and the products of the tile", () => {
    let films = 0;
    fc.assert(
      fc.property(caseArbitrary, (one) => {
        const result = filmed(one);
        if (result === undefined) return;
        films++;
        const { film, prepared, mapped, mapping, tile } = result;
        expectForm(film);
        expectMovesShown(film);
        expectApart(film);
        const { grid } = prepared.gridMachine;
        expect(film.parts.length).toBeLessThanOrEqual(gridParts(grid.rows, grid.columns, mapping));
        if (film.of !== undefined) return;
        // The golden product of the tile, and how many of its multiplications have no zero.
        const { m, n, k, product: p } = placeOf(mapped, prepared, tile);
        const operands = operandsOf(one.layer, lower(one.layer.operation, mapping.grouping), grid, 3, mostSeededValue);
        if (operands === undefined) throw new Error("no values");
        const values = loweredValues(one.layer.operation, mapping.grouping, operands.A, operands.B);
        const golden: number[] = [];
        let useful = 0;
        for (let i = m.from; i < m.from + m.length; i++) {
          for (let j = n.from; j < n.from + n.length; j++) {
            let sum = 0;
            for (let at = k.from; at < k.from + k.length; at++) {
              const product = values.a(p, i, at) * values.b(p, at, j);
              sum += product;
              if (product !== 0) useful++;
            }
            golden.push(sum);
          }
        }
        const counts = Array.from({ length: film.cycles }, (_, cycle) => activityCounts(film, cycle, "unit"));
        const total = (name: string): number => counts.reduce((sum, count) => sum + (count[name] ?? 0), 0);
        expect(total("useful")).toBe(useful);
        expect(total("useful") + total("zero")).toBe(m.length * n.length * k.length);
        expect(sumsOf(film).toSorted((a, b) => a - b)).toEqual(golden.toSorted((a, b) => a - b));
      }),
      { numRuns: 160 },
    );
    expect(films).toBeGreaterThan(90);
  });

  test("a film cut short is the beginning of the whole one", () => {
    fc.assert(
      fc.property(caseArbitrary, fc.integer({ min: 1, max: 30 }), (one, most) => {
        const whole = filmed(one)?.film;
        const short = filmed(one, most)?.film;
        if (whole === undefined || short === undefined || whole.of !== undefined) return;
        expectForm(short);
        expect(short.cycles).toBe(Math.min(most, whole.cycles));
        expect(short.of).toBe(short.cycles < whole.cycles ? whole.cycles : undefined);
        expect(short.activity).toEqual(whole.activity.slice(0, short.activity.length));
        expect(short.values).toEqual(whole.values.slice(0, short.values.length));
        expect(short.moves.value).toEqual(whole.moves.value.slice(0, short.moves.value.length));
      }),
      { numRuns: 40 },
    );
  });
});

/** An array of 8 x 8 units that merges `collapse` of them into a stage, on a product of 8 x 20 x 8. */
function collapsed(collapse: number) {
  const [machine] = fc.sample(
    machineArbitrary({
      kind: "grid",
      stationary: "weights",
      collapse,
      clock: 1e9,
      grouping: "per-group",
      streaming: "whole",
    }),
    { numRuns: 1, seed: 1 },
  );
  const part = machine?.components["grid"];
  if (machine === undefined || part?.kind !== "systolicGrid") throw new Error("no grid");
  const buffer = sram({ bytes: 10_000, banks: 1, portBits: 512, doubleBuffered: true });
  const components = {
    dram: dram({ memory: "HBM2", bandwidth: Infinity, latency: 0 }),
    weightBuffer: buffer,
    inputBuffer: buffer,
    sumBuffer: buffer,
    grid: systolicGrid({ ...part, rows: 8, columns: 8, preload: "exposed" }),
  };
  const layer = layerOf({ operator: "matmul", batch: 1, M: 8, N: 20, K: 8 }, 0.6, 0.7);
  const result = filmed({ layer, machine: { ...machine, components }, tile: 0 });
  if (result === undefined) throw new Error("the layer does not fit");
  return result.film;
}

/** Cycle in which each unit of a row or column first multiplies. */
function firstWork(film: Replay, unit: (index: number) => string): number[] {
  return Array.from({ length: 8 }, (_, index) => {
    const part = film.parts.findIndex(({ name }) => name === unit(index));
    for (let cycle = 0; cycle < film.cycles; cycle++) {
      const what = film.activity[cycle * film.parts.length + part];
      if (what === 1 || what === 2) return cycle;
    }
    return -1;
  });
}

describe("8 x 8 units with resting weights", () => {
  test.each([
    [1, [8, 9, 10, 11, 12, 13, 14, 15], 8 + 20 + 14],
    [2, [8, 8, 9, 9, 10, 10, 11, 11], 8 + 20 + 6],
    [4, [8, 8, 8, 8, 9, 9, 9, 9], 8 + 20 + 2],
  ])("with %i units to a stage the wave takes a cycle for each stage", (collapse, starts, cycles) => {
    const film = collapsed(collapse);
    expectForm(film);
    expectMovesShown(film);
    expect(film.cycles).toBe(cycles);
    expect(firstWork(film, (column) => `unit in row 0, column ${column}`)).toEqual(starts);
    expect(firstWork(film, (row) => `unit in row ${row}, column 0`)).toEqual(starts);
    const bars = film.parts.filter(({ name }) => name.startsWith("registers between"));
    expect(bars).toHaveLength(2 * (8 / collapse - 1));
  });

  test("in a stage a value is in all units of a row in one cycle, and the sum grows down the column", () => {
    const film = collapsed(4);
    const starts = slotStarts(film);
    const unit = film.parts.findIndex(({ kind }) => kind === "unit");
    const row = [0, 1, 2, 3].map((column) => shown(film, starts, 8, unit + column));
    expect(new Set(row.map(([, streamed]) => streamed)).size).toBe(1);
    let sum = 0;
    for (let r = 0; r < 4; r++) {
      const [resting = NaN, streamed = NaN, after] = shown(film, starts, 8, unit + 8 * r);
      sum += resting * streamed;
      expect(after).toBe(sum);
    }
  });

  test("says what happens: preload, the first vector, the first sum, all units, the end", () => {
    expect(collapsed(1).captions.map(({ cycle }) => cycle)).toEqual([0, 8, 15, 22, 28]);
    const { program } = collapsed(1);
    expect(program.lines[program.line[0] ?? 0]).toMatch(/preload/);
    expect(program.lines[program.line[10] ?? 0]).toMatch(/for n = 0 to 19/);
    expect(program.lines[program.line[41] ?? 0]).toMatch(/drain/);
  });
});
