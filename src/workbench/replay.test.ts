// Films of tiles through the workbench: every kind of machine that has one, machines that are too large, mappings chosen.

import { describe, expect, test } from "vitest";
import { acceleratorNamed } from "../accelerator/accelerators.ts";
import { InputError } from "../base/error.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import { expectApart, expectForm, expectMovesShown } from "../../test/support/replays.ts";
import { filmable, replayTile } from "./replay.ts";

const layer: ComputeLayer = {
  kind: "compute",
  name: "gemm",
  operation: { operator: "matmul", batch: 1, M: 12, N: 10, K: 9 },
  weightsConstant: true,
  density: { A: 0.6, B: 0.7 },
  densitySource: { A: "given", B: "given" },
};
const eight = { rows: 8, columns: 8 };

describe("films of registered machines", () => {
  test.each([
    ["systolic", eight],
    ["systolic", { ...eight, dataflow: "output-stationary", bandwidth: 1e10 }],
    ["arrayflex", eight],
    ["tpu-v1", eight],
    ["eyeriss", { "array.rows": 3, "array.columns": 4, search: 100 }],
    ["flexagon", { multipliers: 8 }],
    ["fixed-output-stationary", { "array.rows": 2, "array.columns": 2, "array.lanes": 2, "search.each": 100 }],
  ])("%s %j", async (accelerator, set) => {
    const film = await replayTile({ accelerator, set, layer, seed: 1, tile: 0 });
    expectForm(film);
    expectMovesShown(film);
    expectApart(film);
    expect(film.sentences.length).toBeGreaterThanOrEqual(3);
    expect(film.captions[0]?.cycle).toBe(0);
    expect(film.title).toContain("gemm");
  });

  test("the mapping is the one that is asked for, else the fastest at its clock", async () => {
    const of = (mapping?: string) =>
      replayTile({
        accelerator: "arrayflex",
        set: eight,
        layer,
        seed: 1,
        tile: 0,
        ...(mapping === undefined ? {} : { mapping }),
      });
    const cycles = await Promise.all(["k1", "k2", "k4"].map(async (mapping) => (await of(mapping)).cycles));
    expect(cycles).toEqual([8 + 10 + 14, 8 + 10 + 6, 8 + 10 + 2]);
    expect((await of()).title).toMatch(/arrayflex, k2/);
    await expect(of("k5")).rejects.toThrow(/no such mapping/);
  });

  test("machines whose lanes skip zeros show the lanes, or the loop nest above them", async () => {
    const set = { "array.rows": 2, "array.columns": 2, "array.lanes": 2, "search.each": 100 };
    const request = { accelerator: "fixed-output-stationary", set, layer, seed: 1, tile: 0 };
    const lanes = await replayTile({ ...request, view: "lanes" });
    expect(lanes).toEqual(await replayTile(request));
    expect(lanes.parts.some(({ kind }) => kind === "bit")).toBe(true);
    const nest = await replayTile({ ...request, view: "nest" });
    expect(nest.parts.some(({ kind }) => kind === "bit")).toBe(false);
    expectForm(nest);
    expectMovesShown(nest);
    expectApart(nest);
  });

  test("a machine without a stepped reference is refused in words", async () => {
    const film = replayTile({ accelerator: "sparch", set: {}, layer, seed: 1, tile: 0, mapping: "outer-m" });
    await expect(film).rejects.toThrow(/no stepped reference to film/);
  });

  test("the same request gives the same film", async () => {
    const request = { accelerator: "systolic", set: eight, layer, seed: 7, tile: 1 };
    expect(await replayTile(request)).toEqual(await replayTile(request));
    expect((await replayTile({ ...request, seed: 8 })).values).not.toEqual((await replayTile(request)).values);
  });
});

describe("machines too large for a picture", () => {
  test("are refused with the parameters that make them large", async () => {
    const film = replayTile({ accelerator: "systolic", set: {}, layer, seed: 1, tile: 0 });
    await expect(film).rejects.toThrow(InputError);
    await expect(film).rejects.toThrow(
      /systolic.rows, systolic.columns: a film of this machine would need a picture of \d+ parts/,
    );
  });

  test.each([
    ["systolic", { rows: 16, columns: 16 }],
    ["tpu-v1", { rows: 16, columns: 16 }],
    ["eyeriss", {}],
    ["flexnn", { "array.rows": 8, "array.columns": 8 }],
    ["flexagon", {}],
  ])("%s is filmed smaller", async (accelerator, smaller) => {
    expect(await filmable(accelerator, {}, 600)).toEqual(smaller);
  });

  test("other settings stay, and what fits is left alone", async () => {
    const set = { rows: 64, columns: 4, clock: 1e9 };
    expect(await filmable("systolic", set, 120)).toEqual({ rows: 8, columns: 4, clock: 1e9 });
    expect(await filmable("systolic", eight)).toBe(eight);
    await expect(filmable("systolic", {}, 3)).rejects.toThrow(/no machine is small enough/);
  });

  test("every grid and loop nest has a machine that is small enough", async () => {
    for (const name of ["fixed-pipeline", "arrayflex", "eyeriss-v2", "fixed-weight-stationary"]) {
      const set = await filmable(name, {}, 200);
      expect(Object.keys(set).every((path) => acceleratorNamed(name).multipliers.includes(path))).toBe(true);
    }
  });
});
