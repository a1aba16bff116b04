// The entry `heddle/workload`. Operators, networks and what they compute.

export * from "./build.ts";
export * from "./effectual.ts";
export * from "./golden.ts";
export * from "./layer.ts";
export * from "./lowered-values.ts";
export * from "./lowering.ts";
export * from "./networks.ts";
export * from "./shapes.ts";
export * from "./sparse-layer.ts";
export * from "./sparse-operands.ts";
export { countProduct, multiplySparse } from "./sparse-product.ts";
export * from "./specification.ts";
