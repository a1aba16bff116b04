// The CACTI prices: equal to every run of the sweep, lawful between runs, honest beyond them.

import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { cactiSram, cactiTables } from "./sram.ts";
import { cactiSweep } from "./tables/cacti-sram.ts";
import type { CactiLaw, CactiNode } from "./tables/cacti-sram.ts";

interface Row {
  readonly node: CactiNode;
  readonly bytes: number;
  readonly widthBits: number;
  readonly figures: CactiLaw;
}

const nodes = [90, 65, 45, 32, 22] as const;
const rows: readonly Row[] = nodes.flatMap((node) =>
  cactiSweep[node].flatMap((series) =>
    series.readPicojoules.map((read, i) => ({
      node,
      bytes: series.firstBytes * 2 ** i,
      widthBits: series.widthBits,
      figures: {
        read,
        write: series.writePicojoules[i] ?? Number.NaN,
        leakage: series.leakageMilliwatts[i] ?? Number.NaN,
        area: series.squareMillimetres[i] ?? Number.NaN,
      },
    })),
  ),
);

const shared = new URL("../../../shared/reference/cacti_sram_sweep.json", import.meta.url);
const absent = !existsSync(shared);

test.skipIf(absent)(`the sweep equals ../shared/reference${absent ? " (skipped: not on this machine)" : ""}`, () => {
  const reference = JSON.parse(readFileSync(shared, "utf8")) as {
    rows: Record<"node_nm" | "size_bytes" | "width_bits" | "read_pJ" | "write_pJ" | "leak_mW" | "area_mm2", number>[];
  };
  expect(reference.rows).toHaveLength(rows.length);
  for (const row of reference.rows) {
    const ours = rows.find(
      (other) => other.node === row.node_nm && other.bytes === row.size_bytes && other.widthBits === row.width_bits,
    );
    expect(ours?.figures).toEqual({ read: row.read_pJ, write: row.write_pJ, leakage: row.leak_mW, area: row.area_mm2 });
  }
});

test("the sweep has 101 runs", () => expect(rows).toHaveLength(101));

describe("cactiSram", () => {
  test("prices every run exactly, without the word extrapolated", () => {
    for (const { node, bytes, widthBits, figures } of rows) {
      const price = cactiSram(node)(bytes, widthBits);
      expect(price.readJoules).toBeCloseTo(figures.read * 1e-12, 24);
      expect(price.writeJoules).toBeCloseTo(figures.write * 1e-12, 24);
      expect(price.leakageWatts).toBeCloseTo(figures.leakage * 1e-3, 18);
      expect(price.squareMillimetres).toBeCloseTo(figures.area, 12);
      expect(price.table).toBe(`CACTI 7 ${node} nm`);
    }
  });

  test("energy and area grow with the capacity at any width", () => {
    const bytes = fc.double({ min: 64, max: 1 << 26, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...nodes), bytes, bytes, fc.integer({ min: 1, max: 512 }), (node, a, b, width) => {
        const small = cactiSram(node)(Math.min(a, b), width);
        const large = cactiSram(node)(Math.max(a, b), width);
        const least = 1 - 1e-9;
        expect(large.readJoules).toBeGreaterThanOrEqual(small.readJoules * least);
        expect(large.writeJoules).toBeGreaterThanOrEqual(small.writeJoules * least);
        expect(large.squareMillimetres).toBeGreaterThanOrEqual(small.squareMillimetres * least);
      }),
      { numRuns: 1000 },
    );
  });

  test("a wider access costs more, but for the one run where CACTI says otherwise", () => {
    // 16 KiB at 45 nm: CACTI changes its organisation and reads 128 bits for less than 64.
    const dips = rows.filter((row) => {
      const twice = rows.find((r) => r.node === row.node && r.bytes === row.bytes && r.widthBits === row.widthBits * 2);
      return (
        twice !== undefined && (twice.figures.read <= row.figures.read || twice.figures.write <= row.figures.write)
      );
    });
    expect(dips.map(({ bytes, widthBits }) => [bytes, widthBits])).toEqual([[16384, 64]]);
    const width = fc.integer({ min: 1, max: 4096 });
    const octave = fc.double({ min: 9, max: 26, noNaN: true }).filter((log) => log < 13 || log > 19);
    fc.assert(
      fc.property(fc.constantFrom(...nodes), octave, width, width, (node, log, v, w) => {
        const narrow = cactiSram(node)(2 ** log, Math.min(v, w));
        const wide = cactiSram(node)(2 ** log, Math.max(v, w));
        expect(wide.readJoules).toBeGreaterThanOrEqual(narrow.readJoules * (1 - 1e-9));
        expect(wide.writeJoules).toBeGreaterThanOrEqual(narrow.writeJoules * (1 - 1e-9));
      }),
      { numRuns: 1000 },
    );
  });

  test("is continuous where one rule hands over to the next", () => {
    for (const node of nodes) {
      for (const [bytes, width] of [
        [512, 64],
        [1 << 21, 64],
        [65536, 32],
        [65536, 256],
        [1 << 21, 256],
        [2048, 256],
      ] as const) {
        const here = cactiSram(node)(bytes, width);
        for (const [b, w] of [
          [bytes * (1 + 1e-9), width],
          [bytes * (1 - 1e-9), width],
          [bytes, width * (1 + 1e-9)],
          [bytes, width * (1 - 1e-9)],
        ] as const) {
          const near = cactiSram(node)(b, w);
          expect(near.readJoules / here.readJoules).toBeCloseTo(1, 6);
          expect(near.writeJoules / here.writeJoules).toBeCloseTo(1, 6);
          expect(near.squareMillimetres / here.squareMillimetres).toBeCloseTo(1, 6);
        }
      }
    }
  });

  test("an access of 2048 bits is eight arrays of 256 bits", () => {
    const whole = cactiSram(45)(512 * 1024, 2048);
    const part = cactiSram(45)(64 * 1024, 256);
    expect(whole.readJoules).toBeCloseTo(8 * part.readJoules, 20);
    expect(whole.squareMillimetres).toBeCloseTo(8 * part.squareMillimetres, 9);
    expect(whole.table).toBe("CACTI 7 45 nm");
  });

  test("says which rule made a price", () => {
    expect(cactiSram(45)(256, 64).table).toBe("CACTI 7 45 nm, extrapolated");
    expect(cactiSram(45)(1 << 22, 64).table).toBe("CACTI 7 45 nm, extrapolated");
    expect(cactiSram(45)(4096, 16).table).toBe("CACTI 7 45 nm, extrapolated");
    expect(cactiSram(45)(512, 128).table).toBe("CACTI 7 45 nm, extrapolated");
    expect(cactiSram(45)(4096, 48).table).toBe("CACTI 7 45 nm");
    expect(cactiSram(22)(4096, 64).table).toBe("CACTI 7 22 nm");
    expect(cactiSram(22)(4096, 128).table).toBe("CACTI 7 22 nm, width law of 45 nm");
    expect(cactiTables(22).map(({ name }) => name)).toContain("CACTI 7 22 nm, width law of 45 nm");
  });

  test("refuses what is not a memory", () => {
    for (const bytes of [0, -1, Number.NaN, Infinity]) expect(() => cactiSram(45)(bytes, 64)).toThrow(InputError);
    for (const width of [0, -8, Number.NaN, Infinity]) expect(() => cactiSram(45)(4096, width)).toThrow(InputError);
    expect(() => cactiSram(45)(16, 129)).toThrow(/wider than the memory/);
    expect(cactiSram(45)(16, 128).readJoules).toBeGreaterThan(0);
  });
});
