// The entry `heddle/component`. Hardware building blocks.

export * from "./arithmetic.ts";
export * from "./banked-cache-stepped.ts";
export * from "./banked-cache.ts";
export * from "./column-element-stepped.ts";
export * from "./column-element.ts";
export * from "./component.ts";
export * from "./dram.ts";
export * from "./layout-drain.ts";
export * from "./merge-tree-counts.ts";
export * from "./merge-tree-stepped.ts";
export * from "./merge-tree-timed.ts";
export * from "./merge-tree.ts";
export * from "./multiply-accumulate.ts";
export * from "./partial-sum-store.ts";
export * from "./product-array.ts";
export * from "./reduction-tree-stepped.ts";
export * from "./reduction-tree.ts";
export * from "./sparse-lanes/array-clock.ts";
export * from "./sparse-lanes/expected-rounds.ts";
export * from "./sparse-lanes/packed.ts";
export * from "./sparse-lanes/sparse-lanes.ts";
export * from "./sparse-lanes/stepped.ts";
export * from "./sram.ts";
export * from "./systolic-grid-stepped.ts";
export * from "./systolic-grid.ts";
export * from "./zero-value-codec.ts";
