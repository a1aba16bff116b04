// The entry `heddle/tensor`. Tensors, storage formats and seeded generators.

export * from "./format.ts";
export * from "./generate.ts";
export * from "./random.ts";
export * from "./sparsity.ts";
export * from "./tensor.ts";
