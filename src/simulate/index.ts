// The entry `heddle/simulate`. Running layers and networks on machines.

export type { CheckMode } from "./check.ts";
export * from "./grid/intervals.ts";
export * from "./machine.ts";
export { mapLayer } from "./grid/map-layer.ts";
export type { MappedLayer } from "./grid/map-layer.ts";
export { nestPrice } from "./nest/nest-price.ts";
export * from "./nest/search/search-explain.ts";
export * from "./nest/search/search-price.ts";
export * from "./nest/search/search-state.ts";
export * from "./nest/search/search.ts";
export { simulateNestLayer } from "./nest/simulate-nest.ts";
export * from "./nest/sparsity/layer.ts";
export * from "./nest/sparsity/on-data.ts";
export { sparseStatistics } from "./nest/sparsity/statistics.ts";
export * from "./nest/sparsity/sparsity.ts";
export * from "./grid/overlap.ts";
export * from "./nest/prepare-nest-machine.ts";
export * from "./grid/prepare-grid.ts";
export * from "./prepare-machine.ts";
export * from "./prepared.ts";
export * from "./product/prepare-product.ts";
export * from "./result.ts";
export * from "./simulate-layer.ts";
export * from "./run-network.ts";
export * from "./settle-run.ts";
export * from "./simulate-network.ts";
export * from "./grid/stepped-machine.ts";
