// The technologies on offer: figures equal to the reference tables, laws over all of them, and the documentation.

import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { describeTechnologies, technology, technologyNames } from "./technologies.ts";
import { eyerissAccess } from "./eyeriss.ts";
import { aladdinRegisterBit } from "./tables/aladdin-40nm.ts";
import { capacityExponents } from "./tables/cacti-sram.ts";
import { eyerissHierarchy } from "./tables/eyeriss-65nm.ts";
import { stillmakerBaas } from "./tables/stillmaker-baas.ts";
import { dramKinds, numberFormats } from "./technology.ts";

const names = technologyNames();
const anyName = fc.constantFrom(...names);
const picojoules = (joules: number): number => joules * 1e12;

describe("technology", () => {
  test("an unknown name is an error with the nearest one", () => {
    expect(() => technology("45mn")).toThrow(/did you mean "45nm"/);
    expect(() => technology("toString")).toThrow(InputError);
    expect(() => technology("")).toThrow(InputError);
  });

  test("a name gives one object", () => expect(technology("28nm")).toBe(technology("28nm")));

  test("every price names a table of its technology, every table a price, and all are positive and finite", () => {
    for (const name of names) {
      const tech = technology(name);
      const tables = new Set(tech.tables.map((table) => table.name));
      expect(tables.size).toBe(tech.tables.length);
      const used = new Set<string>();
      const check = (price: { readonly table: string }): void => {
        expect(tables).toContain(price.table);
        used.add(price.table);
        for (const value of Object.values(price)) {
          if (typeof value === "number") expect(value > 0 && value < Infinity).toBe(true);
        }
      };
      for (const format of numberFormats) {
        check(tech.add(format));
        check(tech.multiply(format));
      }
      for (const kind of dramKinds) check(tech.dramBit(kind));
      check(tech.register(1));
      check(tech.wireBitMillimetre);
      for (let bytes = 16; bytes <= 1 << 30; bytes *= 2) {
        for (const width of [8, 64, 100, 128]) check(tech.sram(bytes, width));
      }
      expect(used).toEqual(tables);
    }
  });

  test("sources and strengths are filled in", () => {
    for (const { tables, title, voltage } of describeTechnologies()) {
      expect(title.length).toBeGreaterThan(10);
      expect(voltage).toBeGreaterThan(0.5);
      for (const { source } of tables) expect(source.text.length).toBeGreaterThan(20);
    }
  });

  test("wider integers cost more, a multiplication more than an addition", () => {
    for (const name of names) {
      const tech = technology(name);
      const integers = ["int8", "int16", "int32", "int64"] as const;
      for (const operation of ["add", "multiply"] as const) {
        const prices = integers.map((format) => tech[operation](format));
        for (const [i, price] of prices.entries()) {
          const next = prices[i + 1];
          if (next === undefined) continue;
          expect(next.joules).toBeGreaterThan(price.joules);
          expect(next.squareMillimetres).toBeGreaterThan(price.squareMillimetres);
        }
      }
      for (const format of numberFormats) {
        expect(tech.multiply(format).joules).toBeGreaterThan(tech.add(format).joules);
      }
    }
  });

  test("energy of a memory grows with its capacity", () => {
    const bytes = fc.double({ min: 64, max: 1 << 28, noNaN: true });
    fc.assert(
      fc.property(anyName, bytes, bytes, fc.integer({ min: 1, max: 512 }), (name, a, b, width) => {
        const { sram } = technology(name);
        const [small, large] = [sram(Math.min(a, b), width), sram(Math.max(a, b), width)];
        expect(large.readJoules).toBeGreaterThanOrEqual(small.readJoules * (1 - 1e-9));
        expect(large.writeJoules).toBeGreaterThanOrEqual(small.writeJoules * (1 - 1e-9));
      }),
    );
  });

  test("a register costs in proportion to its bits", () => {
    fc.assert(
      fc.property(anyName, fc.integer({ min: 1, max: 4096 }), (name, bits) => {
        const tech = technology(name);
        expect(tech.register(bits).joules / (bits * tech.register(1).joules)).toBeCloseTo(1, 12);
        expect(tech.register(bits).squareMillimetres / (bits * tech.register(1).squareMillimetres)).toBeCloseTo(1, 12);
      }),
    );
    for (const bits of [0, -1, Number.NaN, Infinity]) {
      expect(() => technology("45nm").register(bits)).toThrow(InputError);
    }
  });

  test("memories that are none are errors, remembered or not", () => {
    for (const name of names) {
      const { sram } = technology(name);
      for (let again = 0; again < 2; again++) {
        expect(() => sram(0, 64)).toThrow(InputError);
        expect(() => sram(Infinity, 64)).toThrow(InputError);
        expect(() => sram(1024, 0)).toThrow(InputError);
        expect(() => sram(1024, Number.NaN)).toThrow(InputError);
        expect(() => sram(1, 64)).toThrow(InputError);
      }
    }
  });

  test("remembered prices are the fresh ones, also after the memory has been emptied", () => {
    const { sram } = technology("45nm");
    const first = sram(12345, 96);
    expect(sram(12345, 96)).toBe(first);
    for (let bytes = 1024; bytes < 11_000; bytes++) sram(bytes, 64);
    expect(sram(12345, 96)).toEqual(first);
    expect(sram(12345, 64)).not.toEqual(first);
  });

  test("words from outside that are no format or memory are errors", () => {
    const format = JSON.parse('"int9"') as "int8";
    const kind = JSON.parse('"HBM5"') as "HBM4";
    expect(() => technology("45nm").add(format)).toThrow(/did you mean "int8"/);
    expect(() => technology("45nm").dramBit(kind)).toThrow(InputError);
  });

  test("a supply scales on-chip energy by the node's polynomial and nothing else", () => {
    const node45 = stillmakerBaas.find(({ nodeNanometres }) => nodeNanometres === 45);
    const [a, b, c] = node45?.energy ?? [0, 0, 0];
    const ratio = (a * 0.7 * 0.7 + b * 0.7 + c) / (a * 0.9 * 0.9 + b * 0.9 + c);
    const [low, nominal] = [technology("45nm", { voltage: 0.7 }), technology("45nm")];
    expect(low.voltage).toBe(0.7);
    expect(low.multiply("int8").joules / nominal.multiply("int8").joules).toBeCloseTo(ratio, 12);
    expect(low.register(8).joules / nominal.register(8).joules).toBeCloseTo(ratio, 12);
    expect(low.sram(4096, 64).readJoules / nominal.sram(4096, 64).readJoules).toBeCloseTo(ratio, 12);
    expect(low.sram(4096, 64).leakageWatts).toBe(nominal.sram(4096, 64).leakageWatts);
    expect(low.add("int8").squareMillimetres).toBe(nominal.add("int8").squareMillimetres);
    expect(low.dramBit("DDR3")).toEqual(nominal.dramBit("DDR3"));
    expect(low.tables.map(({ name }) => name)).toContain(low.multiply("int8").table);
    expect(low.multiply("int8").table).toBe("Horowitz ISSCC 2014, at 0.7 V");
    expect(technology("45nm", { voltage: 0.9 }).multiply("int8")).toEqual(nominal.multiply("int8"));
    expect(() => technology("45nm", { voltage: 2 })).toThrow(InputError);
  });
});

describe("figures", () => {
  test("45nm: Horowitz as printed, gaps filled by the stated rules", () => {
    const tech = technology("45nm");
    expect(picojoules(tech.add("int32").joules)).toBeCloseTo(0.1, 12);
    expect(picojoules(tech.add("int64").joules)).toBeCloseTo(0.2, 12);
    expect(tech.add("int64").table).toBe("Horowitz ISSCC 2014 (int64 add, linear in the width from int32)");
    expect(picojoules(tech.multiply("int16").joules)).toBeCloseTo(Math.sqrt(0.2 * 3.1), 12);
    expect(tech.multiply("int16").table).toBe("Horowitz ISSCC 2014 (int16 multiply, power law through int8 and int32)");
    expect(picojoules(tech.multiply("int64").joules)).toBeCloseTo(12.4, 12);
    expect(tech.multiply("int32").squareMillimetres).toBeCloseTo(3495e-6, 12);
    expect(picojoules(tech.sram(8192, 64).readJoules)).toBeCloseTo(6.13702, 9);
  });

  test("28nm is within 30 % of the 28 nm unit energies that SmartExchange quotes for 8 bits", () => {
    // Recalled: multiplier 0.124, adder 0.019, multiply-accumulate 0.143 pJ. An independent table, not one of ours.
    const tech = technology("28nm");
    expect(Math.abs(picojoules(tech.multiply("int8").joules) / 0.124 - 1)).toBeLessThan(0.3);
    expect(Math.abs(picojoules(tech.add("int8").joules) / 0.019 - 1)).toBeLessThan(0.3);
  });

  test("28nm memories lie between those of 32 and 22 nm, in energy and leakage", () => {
    for (let bytes = 512; bytes <= 1 << 21; bytes *= 2) {
      const read = (name: string): number => technology(name).sram(bytes, 64).readJoules;
      const leakage = (name: string): number => technology(name).sram(bytes, 64).leakageWatts;
      expect(read("28nm")).toBeGreaterThan(read("22nm"));
      expect(read("28nm")).toBeLessThan(read("32nm"));
      expect(leakage("28nm")).toBeGreaterThan(leakage("32nm"));
      expect(leakage("28nm")).toBeLessThan(leakage("22nm"));
    }
  });

  test("a smaller node is cheaper in arithmetic, register and area", () => {
    const order = ["90nm", "65nm", "45nm", "32nm", "28nm", "22nm"].map((name) => technology(name));
    for (const [i, large] of order.entries()) {
      const small = order[i + 1];
      if (small === undefined) continue;
      for (const format of numberFormats) {
        expect(small.add(format).joules).toBeLessThan(large.add(format).joules);
        expect(small.multiply(format).squareMillimetres).toBeLessThan(large.multiply(format).squareMillimetres);
      }
      expect(small.register(1).joules).toBeLessThan(large.register(1).joules);
      expect(small.sram(32768, 64).squareMillimetres).toBeLessThan(large.sram(32768, 64).squareMillimetres);
    }
  });

  test("7nm: memories are TPUv4i's points, and per bit at any width", () => {
    const { sram } = technology("7nm");
    const mebibyte = 1024 * 1024;
    expect(picojoules(sram(8192, 64).readJoules)).toBeCloseTo(7.5, 9);
    expect(picojoules(sram(4 * mebibyte, 1).readJoules)).toBeCloseTo(0.249, 9);
    expect(picojoules(sram(4 * mebibyte, 1024).writeJoules)).toBeCloseTo(0.293 * 1024, 9);
    expect(picojoules(sram(128 * mebibyte, 1).readJoules)).toBeCloseTo(1.88, 9);
    expect(sram(128 * mebibyte, 64).squareMillimetres).toBeCloseTo(112, 9);
    expect(sram(4096, 64).table).toContain("extrapolated");
    expect(sram(8192, 64).table).not.toContain("extrapolated");
  });

  test("eyeriss-65nm-normalised: the paper's ratios come back", () => {
    const tech = technology("eyeriss-65nm-normalised");
    const unit = tech.multiply("int16").joules + tech.add("int32").joules;
    expect(tech.sram(512, 16).readJoules / unit).toBeCloseTo(1, 12);
    expect(tech.sram(108 * 1024, 16).readJoules / unit).toBeCloseTo(6, 12);
    expect(tech.sram(108 * 1024, 64).writeJoules / unit).toBeCloseTo(24, 12);
    expect((16 * tech.dramBit("LPDDR4").joules) / unit).toBeCloseTo(200, 9);
    expect(tech.sram(108 * 1024, 64).table).not.toContain("other");
    expect(tech.sram(10_240, 64).table).toContain("other capacities");
    for (const edge of [1024, 100 * 1024, 500 * 1024]) {
      expect(eyerissAccess(edge * (1 + 1e-12))).toBeCloseTo(eyerissAccess(edge), 9);
    }
  });
});

const shared = new URL("../../../shared/reference/energy_tables.json", import.meta.url);
const absent = !existsSync(shared);

/** The number at `path` of the reference file. */
function figure(reference: unknown, ...path: readonly (string | number)[]): number {
  let value = reference;
  for (const key of path) {
    if (typeof value !== "object" || value === null) throw new Error(`no ${path.join(".")}`);
    value = Reflect.get(value, key);
  }
  if (typeof value !== "number") throw new Error(`no number at ${path.join(".")}`);
  return value;
}

test.skipIf(absent)(`figures equal ../shared/reference${absent ? " (skipped: not on this machine)" : ""}`, () => {
  const reference: unknown = JSON.parse(readFileSync(shared, "utf8"));
  const pairs: [number, number][] = [];
  const at45 = technology("45nm");
  const at7 = technology("7nm");
  const horowitz = "horowitz_isscc2014_45nm_0.9V";
  const words = [
    ["add", "int", "int_add", "8", "16", "32"],
    ["multiply", "int", "int_mul", "8", "32"],
    ["add", "float", "fp_add", "16", "32"],
    ["multiply", "float", "fp_mul", "16", "32"],
  ] as const;
  for (const [operation, family, key, ...bits] of words) {
    for (const width of bits) {
      const format = numberFormats.find((word) => word === `${family}${width}`);
      if (format === undefined) throw new Error("no such format");
      pairs.push([picojoules(at45[operation](format).joules), figure(reference, horowitz, key, width)]);
      pairs.push([
        at45[operation](format).squareMillimetres * 1e6,
        figure(reference, horowitz, "area_um2", key, width),
      ]);
      if (operation === "add" && format === "int16") continue;
      const name = key.replace("_", `${width}_`);
      pairs.push([picojoules(at7[operation](format).joules), figure(reference, "tpuv4i_isca2021_table2", "7nm", name)]);
    }
  }
  const kibibytes = [
    ["8KB", 8],
    ["32KB", 32],
    ["1MB", 1024],
  ] as const;
  for (const [key, size] of kibibytes) {
    pairs.push([
      picojoules(at7.sram(size * 1024, 64).readJoules),
      figure(reference, "tpuv4i_isca2021_table2", "7nm", "sram_64b", key),
    ]);
  }
  for (const kind of ["LPDDR4", "LPDDR", "DDR3", "GDDR5", "HMC", "HBM3", "HBM4"] as const) {
    pairs.push([picojoules(at45.dramBit(kind).joules), figure(reference, "dram_pJ_per_bit", kind)]);
  }
  pairs.push([picojoules(at45.dramBit("HBM2").joules), figure(reference, "dram_pJ_per_bit", "HBM2", "accelergy")]);
  pairs.push([
    64 * picojoules(at45.dramBit("DDR4").joules),
    figure(reference, "tpuv4i_isca2021_table2", "7nm", "ddr3_4_64b"),
  ]);
  const accelforge = "tpu_v4i_7nm_accelforge";
  pairs.push([picojoules(at7.sram(1 << 22, 1).readJoules), figure(reference, accelforge, "vmem4MB_read")]);
  pairs.push([picojoules(at7.sram(1 << 22, 1).writeJoules), figure(reference, accelforge, "vmem4MB_write")]);
  pairs.push([picojoules(at7.sram(1 << 27, 1).readJoules), figure(reference, accelforge, "cmem128MB_read")]);
  pairs.push([picojoules(at7.sram(1 << 27, 1).writeJoules), figure(reference, accelforge, "cmem128MB_write")]);
  pairs.push([at7.sram(1 << 27, 1).squareMillimetres, figure(reference, accelforge, "area_mm2", "cmem_128MB")]);
  pairs.push([aladdinRegisterBit.picojoules, figure(reference, "aladdin_40nm", "register_1b", "1", 0)]);
  pairs.push([aladdinRegisterBit.squareMicrometres, figure(reference, "aladdin_40nm", "register_1b", "1", 1)]);
  for (const [i, entry] of stillmakerBaas.entries()) {
    pairs.push([entry.nodeNanometres, figure(reference, "stillmaker_baas_scaling", "nodes_nm", i)]);
    pairs.push([entry.area, figure(reference, "stillmaker_baas_scaling", "area_from_45nm_row", i)]);
    for (const [j, value] of entry.energy.entries()) {
      pairs.push([value, figure(reference, "stillmaker_baas_scaling", "energy_poly_a_b_c_of_Vdd", i, j)]);
    }
  }
  for (const [key, value] of [
    ["RF_0.5-1KB", eyerissHierarchy.registerFile],
    ["inter_PE_NoC", eyerissHierarchy.interElementHop],
    ["global_buffer_100-500KB", eyerissHierarchy.globalBuffer],
    ["DRAM", eyerissHierarchy.dram],
  ] as const) {
    pairs.push([value, figure(reference, "eyeriss_normalised_65nm", key)]);
  }
  for (const node of [90, 65, 45, 32, 22] as const) {
    for (const [law, key] of [
      ["read", "fit_64bit_read_pJ"],
      ["area", "fit_area_mm2_64bit"],
    ] as const) {
      pairs.push([capacityExponents[node][law], figure(reference, "cacti7_sram", key, String(node), 1)]);
    }
  }
  expect(pairs).toHaveLength(109);
  for (const [ours, theirs] of pairs) expect(Math.abs(ours / theirs - 1)).toBeLessThan(1e-9);
});
