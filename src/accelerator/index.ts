// The entry `heddle/accelerator`. Published machines as data, and what a description of one's own is made of.

export * from "./accelerator.ts";
export * from "./accelerators.ts";
export * from "./arrayflex.ts";
export * from "./claim.ts";
export * from "./fixed-pipeline.ts";
export * from "./parameters.ts";
export * from "./systolic.ts";
export * from "./tpu-v1.ts";
