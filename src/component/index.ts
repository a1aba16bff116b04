// The entry `heddle/component`. Hardware building blocks.

export * from "./arithmetic.ts";
export * from "./component.ts";
export * from "./dram.ts";
export * from "./multiply-accumulate.ts";
export * from "./sram.ts";
export * from "./systolic-grid-stepped.ts";
export * from "./systolic-grid.ts";
