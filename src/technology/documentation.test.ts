// docs/technology.md: its generated tables equal what the code says, and the laws fitted to the CACTI runs are as good
// as it claims. HEDDLE_WRITE_DOCS=1 rewrites the tables instead of comparing them.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { cactiSram } from "./sram.ts";
import { cactiSweep, capacityExponents, widthExponents } from "./tables/cacti-sram.ts";
import type { CactiLaw, CactiSeries } from "./tables/cacti-sram.ts";
import { describeTechnologies, technology, technologyNames } from "./technologies.ts";
import { dramKinds, numberFormats } from "./technology.ts";

const nodes = [90, 65, 45, 32, 22] as const;
const quantities = ["read", "write", "leakage", "area"] as const;
type Quantity = (typeof quantities)[number];

/** Least squares of ln y on the columns of X, by the normal equations. */
function leastSquares(X: readonly (readonly number[])[], y: readonly number[]): number[] {
  const size = X[0]?.length ?? 0;
  const system = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size + 1 }, (__, j) =>
      X.reduce((sum, row, k) => sum + (row[i] ?? 0) * (j === size ? (y[k] ?? 0) : (row[j] ?? 0)), 0),
    ),
  );
  for (let pivot = 0; pivot < size; pivot++) {
    const pivotRow = system[pivot] ?? [];
    for (let i = 0; i < size; i++) {
      const row = system[i] ?? [];
      if (i === pivot) continue;
      const factor = (row[pivot] ?? 0) / (pivotRow[pivot] ?? 0);
      system[i] = row.map((value, j) => value - factor * (pivotRow[j] ?? 0));
    }
  }
  return system.map((row, i) => (row[size] ?? 0) / (row[i] ?? 0));
}

const columns = (series: CactiSeries): Record<Quantity, readonly number[]> => ({
  read: series.readPicojoules,
  write: series.writePicojoules,
  leakage: series.leakageMilliwatts,
  area: series.squareMillimetres,
});

interface Run {
  readonly bytes: number;
  readonly widthBits: number;
  readonly value: number;
}

const runsOf = (allSeries: readonly CactiSeries[], quantity: Quantity): Run[] =>
  allSeries.flatMap((series) =>
    columns(series)[quantity].map((value, i) => ({
      bytes: series.firstBytes * 2 ** i,
      widthBits: series.widthBits,
      value,
    })),
  );

const runs64 = (node: (typeof nodes)[number], quantity: Quantity): Run[] =>
  runsOf(cactiSweep[node], quantity).filter((run) => run.widthBits === 64);

interface Errors {
  readonly max: number;
  readonly median: number;
}

function errorsOf(runs: readonly Run[], law: (run: Run) => number): Errors {
  const errors = runs.map((run) => Math.abs(law(run) / run.value - 1)).toSorted((a, b) => a - b);
  return { max: errors.at(-1) ?? Number.NaN, median: errors[Math.floor(errors.length / 2)] ?? Number.NaN };
}

/** Errors of the law `a * bytes ** b` with the stored b and the best a, against the 64-bit runs. */
function capacityFit(
  node: (typeof nodes)[number],
  quantity: Quantity,
): Errors & { readonly a: number; readonly b: number } {
  const runs = runs64(node, quantity);
  const b = capacityExponents[node][quantity];
  const [logA] = leastSquares(
    runs.map(() => [1]),
    runs.map(({ bytes, value }) => Math.log(value) - b * Math.log(bytes)),
  );
  const a = Math.exp(logA ?? Number.NaN);
  return { a, b, ...errorsOf(runs, ({ bytes }) => a * bytes ** b) };
}

/** Errors of carrying the 64-bit runs at 45 nm to the other widths by the stored exponent. */
function widthFit(quantity: Quantity): Errors {
  const at64 = new Map(runs64(45, quantity).map(({ bytes, value }) => [bytes, value]));
  const others = runsOf(cactiSweep[45], quantity).filter(({ widthBits }) => widthBits !== 64);
  const exponent = widthExponents[quantity];
  return errorsOf(others, ({ bytes, widthBits }) => (at64.get(bytes) ?? Number.NaN) * (widthBits / 64) ** exponent);
}

/** Errors of interpolating each inner 64-bit run from its two neighbours: twice the step that a price ever spans. */
function leftOut(quantity: Quantity): Errors {
  const pairs = nodes.flatMap((node) => {
    const runs = runs64(node, quantity);
    return runs.slice(1, -1).map((run, i) => ({
      run,
      guess: Math.sqrt((runs[i]?.value ?? Number.NaN) * (runs[i + 2]?.value ?? Number.NaN)),
    }));
  });
  const guesses = new Map(pairs.map(({ run, guess }) => [run, guess]));
  return errorsOf(
    pairs.map(({ run }) => run),
    (run) => guesses.get(run) ?? Number.NaN,
  );
}

describe("laws fitted to the CACTI runs", () => {
  test("their exponents are the least-squares ones", () => {
    for (const quantity of quantities) {
      for (const node of nodes) {
        const runs = runs64(node, quantity);
        const [, exponent] = leastSquares(
          runs.map(({ bytes }) => [1, Math.log(bytes)]),
          runs.map(({ value }) => Math.log(value)),
        );
        expect(Math.abs((exponent ?? Number.NaN) - capacityExponents[node][quantity])).toBeLessThan(0.0011);
      }
      const all = runsOf(cactiSweep[45], quantity);
      const [, , exponent] = leastSquares(
        all.map(({ bytes, widthBits }) => [1, Math.log(bytes), Math.log(widthBits)]),
        all.map(({ value }) => Math.log(value)),
      );
      expect(Math.abs((exponent ?? Number.NaN) - widthExponents[quantity])).toBeLessThan(0.011);
    }
  });

  test("they miss no run by more than a known bound", () => {
    const bound: CactiLaw = { read: 0.4, write: 0.2, leakage: 0.15, area: 0.16 };
    for (const node of nodes) {
      for (const quantity of quantities) expect(capacityFit(node, quantity).max).toBeLessThan(bound[quantity]);
    }
  });

  test("the fit of the sweep itself prices 24 MiB as one array at 45 nm within its error", () => {
    const bytes = 24 * 1024 * 1024;
    const { a, b } = capacityFit(45, "read");
    const price = cactiSram(45)(bytes, 64);
    expect(price.table).toContain("extrapolated");
    expect(Math.abs((price.readJoules * 1e12) / (a * bytes ** b) - 1)).toBeLessThan(0.28);
  });
});

const significant = (value: number): string => {
  const text = value.toPrecision(3);
  return text.includes("e") ? String(Number(text)) : text;
};
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const names = technologyNames();
const kibibyte = 1024;
const capacities: readonly (readonly [string, number])[] = [
  ["1 KiB", kibibyte],
  ["8 KiB", 8 * kibibyte],
  ["32 KiB", 32 * kibibyte],
  ["128 KiB", 128 * kibibyte],
  ["512 KiB", 512 * kibibyte],
  ["2 MiB", 2048 * kibibyte],
];

const blocks: Readonly<Record<string, () => string>> = {
  technologies: () =>
    table(
      ["name", "node, nm", "supply, V", "what"],
      describeTechnologies().map((t) => [`\`${t.name}\``, String(t.nodeNanometres), String(t.voltage), t.title]),
    ),
  arithmetic: () =>
    table(
      ["action", ...names.map((name) => `\`${name}\``)],
      [
        ...(["add", "multiply"] as const).flatMap((operation) =>
          numberFormats.map((format) => [
            `${format} ${operation}`,
            ...names.map((name) => {
              const { joules, squareMillimetres } = technology(name)[operation](format);
              return `${significant(joules * 1e12)} (${significant(squareMillimetres * 1e6)})`;
            }),
          ]),
        ),
        [
          "register bit",
          ...names.map((name) => {
            const { joules, squareMillimetres } = technology(name).register(1);
            return `${significant(joules * 1e12)} (${significant(squareMillimetres * 1e6)})`;
          }),
        ],
      ],
    ),
  memories: () =>
    table(
      ["64-bit access", ...names.map((name) => `\`${name}\``)],
      capacities.map(([label, bytes]) => [
        label,
        ...names.map((name) => {
          const { readJoules, writeJoules, squareMillimetres } = technology(name).sram(bytes, 64);
          const energy = `${significant(readJoules * 1e12)} / ${significant(writeJoules * 1e12)}`;
          return `${energy} (${significant(squareMillimetres)})`;
        }),
      ]),
    ),
  dram: () =>
    table(
      ["kind", "pJ a bit", "table"],
      dramKinds.map((kind) => {
        const price = technology("45nm").dramBit(kind);
        return [kind, significant(price.joules * 1e12), price.table];
      }),
    ),
  fits: () =>
    table(
      ["node, nm", "quantity", "a", "b", "largest error", "median error"],
      nodes.flatMap((node) =>
        quantities.map((quantity) => {
          const { a, b, max, median } = capacityFit(node, quantity);
          return [String(node), quantity, a.toExponential(3), String(b), percent(max), percent(median)];
        }),
      ),
    ),
  widths: () =>
    table(
      ["quantity", "exponent", "largest error", "median error", "left out: largest", "left out: median"],
      quantities.map((quantity) => {
        const [fit, out] = [widthFit(quantity), leftOut(quantity)];
        const shares = [fit.max, fit.median, out.max, out.median].map((share) => percent(share));
        return [quantity, String(widthExponents[quantity]), ...shares];
      }),
    ),
  sources: () => {
    const users = new Map<string, string[]>();
    const rows = new Map<string, readonly string[]>();
    for (const { name, tables } of describeTechnologies()) {
      for (const entry of tables) {
        users.set(entry.name, [...(users.get(entry.name) ?? []), `\`${name}\``]);
        rows.set(entry.name, [entry.source.strength, entry.source.text]);
      }
    }
    return table(
      ["table", "used by", "strength", "source"],
      [...rows].map(([name, row]) => {
        const used = users.get(name) ?? [];
        return [name, used.length === names.length ? "all" : used.join(", "), ...row];
      }),
    );
  },
};

describe("docs/technology.md", () => {
  const file = new URL("../../docs/technology.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const pattern = (name: string): RegExp => new RegExp(`(<!-- generated: ${name} -->\\n)[^]*?(\\n<!-- end -->)`);

  test.each(Object.keys(blocks))("table `%s` is what the code says", (name) => {
    const found = pattern(name).exec(page);
    const expected = blocks[name]?.();
    if (process.env.HEDDLE_WRITE_DOCS === "1") {
      const now = readFileSync(file, "utf8");
      writeFileSync(
        file,
        now.replace(pattern(name), (_all, open: string, close: string) => `${open}${expected}${close}`),
      );
      return;
    }
    expect(found?.[0]).toBe(`<!-- generated: ${name} -->\n${expected}\n<!-- end -->`);
  });
});
