// Compares the fast model of SCALE-Sim with the walk in every field and in every row of the six traces.

import { expect } from "vitest";
import type { ScalesimLayout } from "../../src/interop/scalesim/scalesim.ts";
import { simulateScalesimLayer } from "../../src/interop/scalesim/simulate.ts";
import type { TraceFile } from "../../src/interop/scalesim/trace.ts";
import { traceScalesimLayer } from "../../src/interop/scalesim/trace.ts";
import type { ScalesimRunCase } from "./scalesim-runs.ts";
import { walkScalesimLayer } from "./scalesim-walk.ts";

const operands = ["ifmap", "filter", "ofmap"] as const;

/** Rows as text, by file. */
type Rows = Record<TraceFile, string[]>;

const noRows = (): Rows => ({
  IFMAP_SRAM: [],
  FILTER_SRAM: [],
  OFMAP_SRAM: [],
  IFMAP_DRAM: [],
  FILTER_DRAM: [],
  OFMAP_DRAM: [],
});

/** Words from the DRAM above which the traces of a random layer are too long to compare in a test. */
const MAXIMUM_WORDS = 60_000;

/** True when a run's traces are of a length that a test can hold: memories that thrash fetch a layer thousands of times. */
export function isShort(
  { layer, configuration, version }: ScalesimRunCase,
  layouts?: readonly ScalesimLayout[],
): boolean {
  const { ifmap, filter } = simulateScalesimLayer(layer, configuration, version, layouts).dram;
  return ifmap.words + filter.words < MAXIMUM_WORDS;
}

/** Fails unless result and traces agree to the last digit. */
export function expectAsWalked(
  { layer, configuration, version }: ScalesimRunCase,
  layouts?: readonly ScalesimLayout[],
): void {
  const walked = walkScalesimLayer(layer, configuration, version, ...(layouts === undefined ? [] : [layouts]));
  expect(simulateScalesimLayer(layer, configuration, version, layouts)).toEqual(walked.result);

  const rows = noRows();
  const widths = new Map<TraceFile, number>();
  const sink = {
    open: (file: TraceFile, width: number) => {
      widths.set(file, width);
    },
    row: (file: TraceFile, cycle: number, addresses: Float64Array) => {
      rows[file].push([cycle, ...addresses.subarray(0, widths.get(file))].join());
    },
  };
  traceScalesimLayer(layer, configuration, version, sink, layouts);
  const expected = noRows();
  for (const operand of operands) {
    const name = operand === "ifmap" ? "IFMAP" : operand === "filter" ? "FILTER" : "OFMAP";
    for (const { cycle, addresses } of walked.traces.sram[operand]) {
      expected[`${name}_SRAM`].push([cycle, ...addresses].join());
    }
    for (const { cycle, addresses } of walked.traces.dram[operand]) {
      expected[`${name}_DRAM`].push([cycle, ...addresses].join());
    }
  }
  expect(rows).toEqual(expected);
}
