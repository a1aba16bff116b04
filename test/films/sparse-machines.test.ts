// Films of tiles on registered sparse machines: they fit an ordinary picture, agree with the run, and what has no stepped
// reference is refused in words.

import { expect, test } from "vitest";
import { accelerators, acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import type { LooseValues } from "../../src/accelerator/parameters.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import type { PreparedNest, PreparedProduct } from "../../src/simulate/prepared.ts";
import { replayLanes } from "../../src/simulate/replay/lanes.ts";
import { defaultMostParts } from "../../src/simulate/replay/options.ts";
import { replayProduct } from "../../src/simulate/replay/product.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";
import { activeCycles, checkFilm } from "../support/film-laws.ts";
import { expectMovesShown } from "../support/replays.ts";

const layer: ComputeLayer = {
  kind: "compute",
  name: "small",
  operation: { operator: "matmul", batch: 1, M: 16, N: 24, K: 128 },
  weightsConstant: true,
  density: { A: 0.3, B: 0.4 },
  densitySource: { A: "given", B: "given" },
};
const options = { seed: 1, tile: 0, mostParts: defaultMostParts, mostCycles: 200 };

const prepared = (name: string, set: LooseValues = {}) => {
  const { machine } = acceleratorNamed(name).configure(set);
  return prepareMachine(machine, technology(machine.technology));
};
function product(name: string, set: LooseValues = {}): PreparedProduct {
  const machine = prepared(name, set);
  if (machine.kind !== "product") throw new Error(`${name} is no product machine`);
  return machine;
}
function nest(name: string, set: LooseValues = {}): PreparedNest {
  const machine = prepared(name, set);
  if (machine.kind !== "nest") throw new Error(`${name} is no machine of loop nests`);
  return machine;
}

const machines = accelerators().flatMap(({ name }) => {
  const machine = prepared(name);
  return machine.kind === "product" ? [{ name, machine }] : [];
});

test.each(machines)("$name: every mapping has a film, or says why there is none", ({ machine }) => {
  for (const mapping of Object.keys(machine.machine.mappings)) {
    const make = () => replayProduct(layer, machine, mapping, options);
    if (machine.engine.array === undefined) {
      expect(make).toThrow(/no stepped reference to film/);
      continue;
    }
    const film = make();
    checkFilm(film);
    expectMovesShown(film);
  }
});

test("a tree of 16 leaves tells what it compares, adds and waits for", () => {
  const machine = product("flexagon", { multipliers: 16, mergeWidth: 1, "cache.banks": 4 });
  const { captions } = replayProduct(layer, machine, "gustavson-m", { ...options, mostCycles: 1000 });
  const said = captions.map(({ text }) => text).join("\n");
  expect(said).toMatch(/both heads have n = \d+, so their values are added: (-?\d+) \+ /);
  expect(said).toMatch(/n = (\d+) is smaller than \d+, so it goes on/);
  expect(said).toMatch(/does not have line \d+: a miss/);
  expect(said).toMatch(/the first result leaves the root/i);
});

test("lanes of 16 bits with the schedule that a run found", { timeout: 60_000 }, () => {
  const machine = nest("flexnn", { "registers.inputs": 128, "registers.filters": 128, search: 200 });
  const result = simulateLayer(layer, machine, { objective: "seconds", check: "off", auditPercent: 0, seed: 1 });
  const { schedule } = result;
  if (schedule === undefined) throw new Error("no schedule");
  const film = replayLanes(layer, machine, options, { schedule });
  if (film === undefined) throw new Error("no film");
  checkFilm(film);
  expectMovesShown(film);
  expect(film.program.lines.slice(0, result.loops.length)).toEqual(result.loops);
  expect(film.parts.filter(({ kind }) => kind === "bit").length % (4 * 3)).toBe(0);
  expect(activeCycles(film, ({ kind }) => kind === "bit", "skipped")).toBeGreaterThan(0);
  expect(film).toEqual(replayLanes(layer, machine, options));
  expect(() => replayLanes(layer, machine, { ...options, mostParts: 50 }, { schedule })).toThrow(/4 lanes with banks/);
});

test("machines without such lanes, and layers without channels, have no such film", () => {
  expect(replayLanes(layer, nest("eyeriss"), options)).toBeUndefined();
  expect(replayLanes(layer, nest("flexnn", { sparsity: "none" }), options)).toBeUndefined();
  const single: ComputeLayer = { ...layer, operation: { operator: "matmul", batch: 1, M: 4, N: 4, K: 1 } };
  expect(replayLanes(single, nest("flexnn"), options)).toBeUndefined();
});
