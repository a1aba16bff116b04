// The entry `heddle/simulate`. Running layers and networks on machines.

export type { CheckMode } from "./check.ts";
export * from "./intervals.ts";
export * from "./machine.ts";
export { mapLayer } from "./map-layer.ts";
export type { MappedLayer } from "./map-layer.ts";
export { nestPrice } from "./nest/nest-price.ts";
export * from "./nest/search-explain.ts";
export * from "./nest/search-price.ts";
export * from "./nest/search-state.ts";
export * from "./nest/search.ts";
export { simulateNestLayer } from "./nest/simulate-nest.ts";
export * from "./nest/sparsity/layer.ts";
export * from "./nest/sparsity/on-data.ts";
export { sparseStatistics } from "./nest/sparsity/statistics.ts";
export * from "./nest/sparsity/sparsity.ts";
export * from "./overlap.ts";
export * from "./nest/prepare-nest-machine.ts";
export * from "./prepare-grid.ts";
export * from "./prepare-machine.ts";
export * from "./prepared.ts";
export * from "./product/prepare-product.ts";
export * from "./result.ts";
export * from "./simulate-layer.ts";
export * from "./run-network.ts";
export * from "./settle-run.ts";
export * from "./simulate-network.ts";
export * from "./stepped-machine.ts";
