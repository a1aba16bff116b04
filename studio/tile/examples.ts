// Ready films for a lecture: what to look at, and the state that shows it. Data of a gallery, which may name machines.

import type { MachineChoice } from "../engine/api.ts";
import { firstVisit } from "../shell/state.ts";
import type { StudioState } from "../shell/state.ts";

export interface Example {
  readonly title: string;
  /** What to look at. */
  readonly note: string;
  readonly workload: string;
  readonly density?: string;
  readonly machine: MachineChoice;
  readonly options?: Readonly<Record<string, string>>;
}

const small = { rows: 8, columns: 8 };
const wave = "gemm:M=8,N=12,K=8";
/** Fewer moves of the search than usual: enough for layers as small as these. */
const search = 200;
const sparse = "gemm:M=4,N=12,K=8";
const sparseDensity = "A=0.8,B=0.5";
/** Small enough to follow, and without the wait for off-chip memory, which would be most of so short a film. */
const merger = { multipliers: 8, distributionWidth: 4, mergeWidth: 2, "cache.banks": 4, latency: 0 };

export const examples: readonly Example[] = [
  {
    title: "A systolic wave",
    note: "Weights rest, inputs enter a row later each cycle, and the work crosses the array as a diagonal.",
    workload: wave,
    density: "A=0.7,B=0.7",
    machine: { name: "systolic", set: small },
  },
  {
    title: "Results that rest",
    note: "The same product with sums that stay where they are until they are whole.",
    workload: wave,
    density: "A=0.7,B=0.7",
    machine: { name: "systolic", set: { ...small, dataflow: "output-stationary" } },
  },
  ...([1, 2, 4] as const).map((depth): Example => {
    return {
      title: depth === 1 ? "A pipeline of single units" : `A pipeline collapsed by ${depth}`,
      note:
        depth === 1
          ? "Every unit passes its sum to a register: the longest wave, at the highest clock."
          : `${depth} units share one clock cycle: the wave is shorter, the clock slower.`,
      workload: wave,
      machine: { name: "arrayflex", mapping: `k${depth}`, set: small },
    };
  }),
  ...(
    [
      [
        "inner-m",
        1,
        "Inner product",
        "Rows of A rest, columns of B stream past, and each row's products are summed at once.",
      ],
      [
        "outer-m",
        1,
        "Outer product: products wait",
        "Columns of A meet rows of B: nothing is wasted, but nothing can be added yet.",
      ],
      [
        "outer-m",
        6,
        "Outer product: the merge tree at work",
        "What has waited is merged by its place in the row, two by two, and equal places are added.",
      ],
      [
        "gustavson-m",
        1,
        "Gustavson's product: rows merge as they come",
        "Rows of B, each scaled by an entry of A, meet in the tree and leave as a row of C.",
      ],
      ["inner-n", 1, "Inner product, B resting", "Columns of B rest, and rows of A stream past."],
      ["outer-n", 7, "Outer product, B resting: the merge tree", "Partial columns of C are merged."],
      [
        "gustavson-n",
        1,
        "Gustavson's product, B resting",
        "Columns of A, each scaled by an entry of B, become a column of C.",
      ],
    ] as const
  ).map(([mapping, tile, title, note]): Example => ({
    title,
    note,
    workload: sparse,
    density: sparseDensity,
    machine: { name: "flexagon", mapping, set: merger },
    ...(tile === 1 ? {} : { options: { "tile.index": String(tile) } }),
  })),
  {
    title: "Two bitmaps meet",
    note: "Each lane skips to the places where both operands are not zero; lanes with more of them finish later.",
    workload: "gemm:M=16,N=16,K=32",
    density: "A=0.4,B=0.5",
    machine: { name: "flexnn", set: { "array.rows": 4, "array.columns": 4, search, "search.each": search } },
  },
  {
    title: "A loop nest walked",
    note: "Rows of filters and of the image rest in scratchpads; the program shows which loop the array is in.",
    workload: "conv:C=4,H=8,K=4,R=3,pad=1",
    machine: { name: "eyeriss", set: { "array.rows": 6, "array.columns": 8, search } },
  },
  {
    title: "Weights that rest in a loop nest",
    note: "An array whose loops are a schedule: weights stay while the loops below them turn.",
    workload: "conv:C=8,H=8,K=8,R=3,pad=1",
    machine: {
      name: "fixed-weight-stationary",
      set: { "array.rows": 4, "array.columns": 4, "search.each": search },
    },
    options: { "tile.view": "nest" },
  },
];

/** The state of a ready film. */
export const exampleState = ({ workload, density, machine, options }: Example): StudioState => ({
  ...firstVisit,
  view: "tile",
  workload,
  density: density ?? "",
  machines: [machine],
  options: options ?? {},
});
