// The entry `heddle/dataflow`. Tile kernels and schedules.

export * from "./condensed/condensed-outer.ts";
export * from "./condensed/huffman-plan.ts";
export * from "./cost.ts";
export * from "./grid-schedule.ts";
export * from "./grid-machine.ts";
export * from "./grid.ts";
export { evaluateSchedule } from "./nest/evaluate.ts";
export * from "./nest/evaluation.ts";
export * from "./nest/picture.ts";
export { prepareNest } from "./nest/prepare.ts";
export type { PreparedNest as PreparedProblem } from "./nest/prepare.ts";
export * from "./nest/sparse/expected-lanes.ts";
export * from "./nest/sparse/lane-cycles.ts";
export * from "./nest/sparse/leaving-sums.ts";
export * from "./nest/sparse/non-zeros.ts";
export * from "./nest/sparse/stepped-lane-cycles.ts";
export * from "./nest/stepped/step-nest.ts";
export * from "./packed/packed-inner.ts";
export * from "./product/parts.ts";
export * from "./product/product-values.ts";
export * from "./product/product.ts";
export * from "./product/run-product.ts";
export * from "./program.ts";
export * from "./route.ts";
export * from "./row-tasks/row-tasks.ts";
