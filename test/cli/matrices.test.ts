// Sparse products on the command line: matrix files, recorded layers and random shapes, on a dense machine.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasShared, needs, sharedPath } from "../acceptance/shared.ts";
import { heddle } from "./heddle.ts";
import { runJson, runsSchema } from "./results.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-matrices-"));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  // 1 2 .
  // . . 3
  // 4 . 5
  const lines = [
    "%%MatrixMarket matrix coordinate integer general",
    "3 3 5",
    "1 1 1",
    "1 2 2",
    "2 3 3",
    "3 1 4",
    "3 3 5",
  ];
  writeFileSync(at("square.mtx"), `${lines.join("\n")}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(["systolic", "arrayflex", "tpu-v1"])("%s runs the product of matrices as a dense one", async (name) => {
  const run = await runJson(at("square.mtx"), "--on", name, "--check", "all");
  expect(run.workload).toBe("square x square");
  expect(run.layers).toMatchObject([
    {
      name: "square",
      operator: "matmul",
      M: 3,
      N: 3,
      K: 3,
      density: { A: 5 / 9, B: 5 / 9 },
      densitySource: { A: "measured", B: "measured" },
      // Columns of A hold 2, 1 and 2 entries, rows of B 2, 1 and 2.
      macs: { dense: 27, effectual: 9 },
      check: "exact",
    },
  ]);
});

test("tables, CSV, pages and traces are written of matrices", async () => {
  const html = at("page.html");
  const trace = at("trace.json");
  const { code, out, err } = await heddle(
    "compare",
    `${at("square.mtx")},${at("square.mtx")}^T`,
    "--on",
    "systolic,arrayflex",
    "--html",
    html,
    "--trace",
    trace,
  );
  expect(code, err).toBe(0);
  expect(out).toContain("square x square^T");
  expect(readFileSync(html, "utf8")).toContain("square x square^T");
  expect(JSON.parse(readFileSync(trace, "utf8"))).toBeTypeOf("object");
});

test("a machine with six dataflows beside the three machines of their own papers", async () => {
  const html = at("rivals.html");
  const names = ["flexagon", "sigma", "sparch", "gamma"];
  const { code, out, err } = await heddle(
    "compare",
    at("square.mtx"),
    "--on",
    names.join(","),
    "--check",
    "all",
    "--json",
    "--html",
    html,
  );
  expect(code, err).toBe(0);
  const { runs } = runsSchema.parse(JSON.parse(out));
  expect(runs.map(({ accelerator }) => accelerator)).toEqual(names);
  for (const { layers } of runs) expect(layers).toMatchObject([{ check: "exact", macs: { effectual: 9 } }]);
  const page = readFileSync(html, "utf8");
  for (const name of names) expect(page).toContain(name);
  for (const name of names.slice(1)) {
    const shown = await heddle("show", name);
    expect(shown.code, shown.err).toBe(0);
    expect(shown.out).toContain("Sources of the parameters");
  }
  const list = await heddle("list");
  for (const name of names) expect(list.out).toMatch(new RegExp(`^${name} `, "m"));
});

test("the trace of a sparse product shows its batches, and of a large one the first", async () => {
  const trace = at("batches.json");
  const small = await heddle("run", at("square.mtx"), "--on", "flexagon", "--mapping", "gustavson-m", "--trace", trace);
  expect(small.code, small.err).toBe(0);
  expect(small.err).not.toContain("note:");
  expect(readFileSync(trace, "utf8").match(/"name":"batch \d+","cat":"batches"/g)).toHaveLength(3);
  const large = ["gemm:M=6000,N=4,K=40", "--density", "A=0.2,B=1", "--on", "flexagon", "--mapping", "gustavson-m"];
  const { code, err } = await heddle("run", ...large, "--trace", trace);
  expect(code, err).toBe(0);
  const batches = Number(/the first batches, 5000 of (\d+) in all/.exec(err)?.[1]);
  // A row without non-zeros is no batch.
  expect(batches).toBeGreaterThan(5900);
  const further = `"name":"${batches - 5000} further batches and passes, not recorded"`;
  expect(readFileSync(trace, "utf8")).toContain(further);
});

test("recorded layers run, one of them too", async () => {
  const run = await runJson("flexagon:alexnet", "--on", "systolic");
  expect(run.layers.map(({ name }) => name)).toEqual(["A0", "A1", "A2", "A3", "A4"]);
  const [first] = (await runJson("flexagon:alexnet", "--on", "systolic", "--layers", "A3")).layers;
  expect(first).toEqual(run.layers[3]);
  expect(first).toMatchObject({ density: { A: 265421 / (256 * 3456), B: 83603 / (3456 * 121) } });
});

test("one matrix and drawn operands give the same bytes on any number of threads", async () => {
  for (const workload of [[at("square.mtx")], ["gemm:M=90,N=40,K=200", "--density", "A=0.3,B=0.5"]]) {
    const [one, ...others] = await Promise.all(
      ["1", "2", "4"].map((threads) =>
        heddle("run", ...workload, "--on", "flexagon,gamma-like", "--check", "all", "--json", "--threads", threads),
      ),
    );
    expect(one?.code, one?.err).toBe(0);
    // Standard error tells progress, where a machine is slow.
    for (const other of others) expect(other.out).toBe(one?.out);
  }
});

const matrix = "data/matrices/wiki-Vote.mtx.gz";

test.skipIf(!hasShared(matrix))(`a real matrix on a dense machine${needs(matrix)}`, async () => {
  const run = await runJson(sharedPath(matrix), "--on", "systolic");
  expect(run.layers).toMatchObject([{ M: 8297, N: 8297, K: 8297, macs: { dense: 8297 ** 3, effectual: 4_542_805 } }]);
});
