// Films of sparse products on random small machines: what they show is what was stepped, and what was stepped is what
// the engine says and the definition of the product.

import fc from "fast-check";
import { expect, test } from "vitest";
import { activeCycles, checkFilm, movesInto, movesOutOf } from "../../../test/support/film-laws.ts";
import { shown, slotStarts } from "../../../test/support/replays.ts";
import { productArbitrary, productMachineArbitrary, sixMappings } from "../../../test/support/product-cases.ts";
import { InputError } from "../../base/error.ts";
import { smallProductMachine } from "../../../test/support/product-machines.ts";
import { runProduct } from "../../dataflow/product/run-product.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import { technology } from "../../technology/technologies.ts";
import { bankedCache } from "../../component/memory/banked-cache.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { multiplySparse } from "../../workload/sparse-product.ts";
import { prepareProductMachine } from "../product/prepare-product.ts";
import { replayProduct } from "./product.ts";
import { filmUnit } from "./product/film.ts";
import type { Replay } from "./replay.ts";

const options = { seed: 1, mostParts: 5000, mostCycles: 4000 };

const count = (film: Replay, kind: "unit" | "adder", what: "useful" | "zero"): number =>
  activeCycles(film, (part) => part.kind === kind, what);

const rowOf = (C: SparseMatrix, row: number): readonly (readonly [number, number])[] =>
  [...C.column.subarray(C.rowStart[row], C.rowStart[row + 1])].map((column, i) => [
    column,
    C.value?.[(C.rowStart[row] ?? 0) + i] ?? 1,
  ]);

test("every unit of random products: moves, activities, work, results and the figures of the run", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      productArbitrary(12),
      productMachineArbitrary,
      fc.constantFrom(...sixMappings),
      fc.nat(),
      ({ A, B }, machine, mapping, pick) => {
        const { counts } = runProduct(A, B, machine, mapping);
        const units = counts.batches + counts.mergePasses;
        fc.pre(units > 0);
        // The last units are merge passes, where there are any.
        const tile = pick % 2 === 0 ? units - 1 : pick % units;
        const film = filmUnit([{ A, B }], machine, mapping, "a product", { ...options, tile });
        checkFilm(film);
        expect(film.of).toBeUndefined();
        const figure = (name: string) => film.agreement.find((one) => one.figure === name)?.run ?? NaN;
        expect(film.cycles).toBe(figure("cycles"));
        const isPass = film.title.endsWith("merge pass");
        seen.add(`${mapping.dataflow} ${isPass ? "pass" : "batch"}`);
        const useful = count(film, "unit", "useful");
        if (mapping.dataflow === "inner") {
          expect(useful + count(film, "unit", "zero")).toBe(figure("multiplications, those by zero included"));
        } else expect(useful).toBe(figure("multiplications"));

        // A row that leaves the tree in this unit, and is whole, is the golden one.
        const C = mapping.stationary === "M" ? multiplySparse(A, B) : transpose(multiplySparse(A, B));
        const end = film.parts.find(({ name }) => /^(row|column) \d+ of C$/.test(name));
        if (end !== undefined) {
          const row = Number(end.name.split(" ")[1]);
          const left = movesInto(film, end.name);
          for (const [i, [column]] of left.entries()) if (i > 0) expect(column).toBeGreaterThan(left[i - 1]?.[0] ?? -1);
          if (figure("words of the result") > 0) expect(left).toEqual(rowOf(C, row));
        }
      },
    ),
    { numRuns: 200 },
  );
  expect([...seen].sort()).toEqual(["gustavson batch", "gustavson pass", "inner batch", "outer batch", "outer pass"]);
});

test("all units of the inner product together sum to the golden product", () => {
  fc.assert(
    fc.property(
      productArbitrary(8),
      productMachineArbitrary,
      fc.constantFrom("M", "N"),
      ({ A, B }, machine, stationary) => {
        const mapping = { dataflow: "inner", stationary } as const;
        const { counts } = runProduct(A, B, machine, mapping);
        const golden = multiplySparse(A, B);
        const C = stationary === "M" ? golden : transpose(golden);
        const sums = new Map<string, number>();
        let useful = 0;
        for (let tile = 0; tile < counts.batches; tile++) {
          const film = filmUnit([{ A, B }], machine, mapping, "a product", { ...options, tile });
          useful += count(film, "unit", "useful");
          for (const { name } of film.parts) {
            const row = /^sum of (?:row|column) (\d+)$/.exec(name)?.[1];
            if (row === undefined) continue;
            // What a row's sum is when it sets out for the controller; a later fold carries the earlier ones with it.
            for (const [column, value] of movesOutOf(film, name)) sums.set(`${row} ${column}`, value);
          }
        }
        expect(useful).toBe(counts.multiplications);
        for (let row = 0; row < C.rows; row++) {
          for (const [column, value] of rowOf(C, row)) {
            expect(sums.get(`${row} ${column}`)).toBe(value);
            sums.delete(`${row} ${column}`);
          }
        }
        for (const value of sums.values()) expect(value).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

test("a longer unit is filmed from its beginning, and says how long it is", () => {
  fc.assert(
    fc.property(
      productArbitrary(8),
      productMachineArbitrary,
      fc.constantFrom(...sixMappings),
      ({ A, B }, machine, mapping) => {
        const { counts } = runProduct(A, B, machine, mapping);
        fc.pre(counts.batches > 0);
        const whole = filmUnit([{ A, B }], machine, mapping, "a product", { ...options, tile: 0 });
        const cut = filmUnit([{ A, B }], machine, mapping, "a product", { ...options, tile: 0, mostCycles: 7 });
        checkFilm(cut);
        expect(cut.cycles).toBe(Math.min(7, whole.cycles));
        expect(cut.of).toBe(whole.cycles > 7 ? whole.cycles : undefined);
        expect(cut.agreement).toEqual(whole.agreement);
        expect([...cut.activity]).toEqual([...whole.activity.subarray(0, cut.activity.length)]);
        expect([...cut.values]).toEqual([...whole.values.subarray(0, cut.values.length)]);
      },
    ),
    { numRuns: 40 },
  );
});

test("nothing is in two places: what has a register at its end is there in the next cycle, else in the same one", () => {
  let seen = 0;
  fc.assert(
    fc.property(
      productArbitrary(10),
      productMachineArbitrary,
      fc.constantFrom(...sixMappings),
      ({ A, B }, machine, mapping) => {
        const { counts } = runProduct(A, B, machine, mapping);
        fc.pre(counts.batches > 0);
        const tile = counts.batches + counts.mergePasses - 1;
        const film = filmUnit([{ A, B }], machine, mapping, "a product", { ...options, tile });
        const starts = slotStarts(film);
        for (let cycle = 0; cycle < film.cycles; cycle++) {
          for (let i = film.moves.start[cycle] ?? 0; i < (film.moves.start[cycle + 1] ?? 0); i++) {
            const link = film.links[film.moves.link[i] ?? -1];
            const to = film.parts[link?.to ?? -1];
            // Between nodes: the other parts show fewer of their elements, or their number.
            if (link === undefined || to === undefined || !/^(queue of|node|the root)/.test(to.name)) continue;
            const arrival = cycle + (link.through === true ? 0 : 1);
            if (arrival >= film.cycles) continue;
            const held = shown(film, starts, arrival, link.to);
            if (to.kind === "queue" && (held[0] ?? 0) > (to.slots.length - 1) / 2) continue;
            if (to.kind === "adder" && machine.tree.rootWidth > 1) continue;
            expect(held).toContain(film.moves.value[i]);
            seen++;
          }
        }
      },
    ),
    // Most films have few such moves: of 60 fewer than 100 in all, once in some ten times; of 200 some 600.
    { numRuns: 200 },
  );
  expect(seen).toBeGreaterThan(100);
});

const layer: ComputeLayer = {
  kind: "compute",
  name: "small",
  operation: { operator: "matmul", batch: 1, M: 8, N: 8, K: 8 },
  weightsConstant: true,
  density: { A: 0.5, B: 0.5 },
  densitySource: { A: "given", B: "given" },
};

test("what cannot be filmed is refused by what would help", () => {
  const machine = smallProductMachine({
    multipliers: 4,
    distributionWidth: 4,
    mergeWidth: 1,
    cache: bankedCache({
      bytes: 256,
      lineBytes: 16,
      ways: 2,
      banks: 2,
      wordBytes: 4,
      wordsPerBank: 1,
      hitCycles: 1,
      missCycles: 5,
      addressBits: 32,
    }),
    stationary: "fifo",
    partialSumBytes: 64,
    carriedSums: "partialSums",
    bandwidth: 64e9,
    outputWrites: "timed",
  });
  const array = prepareProductMachine(machine, technology(machine.technology));
  const [mapping = ""] = Object.keys(array.machine.mappings);
  const film = replayProduct(layer, array, mapping, { ...options, tile: 0 });
  checkFilm(film);
  const refused = (ask: Partial<typeof options & { tile: number }>, name = mapping) => {
    try {
      replayProduct(layer, array, name, { ...options, tile: 0, ...ask });
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    return "";
  };
  expect(refused({ mostParts: 3 })).toMatch(/multipliers.*at most 3 parts/);
  expect(refused({ tile: 1e6 })).toMatch(/no such tile.*a whole number from 0 to/);
  expect(refused({}, "sideways")).toMatch(/no such mapping/);
  const { array: _, ...engine } = array.engine;
  const other = { ...array, engine };
  expect(() => replayProduct(layer, other, mapping, { ...options, tile: 0 })).toThrow(/no stepped reference to film/);
});
