// The entry `heddle/dataflow`. Tile kernels and schedules.

export * from "./cost.ts";
export * from "./grid-schedule.ts";
export * from "./grid-machine.ts";
export * from "./grid.ts";
export * from "./program.ts";
export * from "./route.ts";
