// The entry `heddle/accelerator`. Published machines as data.

export * from "./accelerator.ts";
export * from "./accelerators.ts";
export * from "./claim.ts";
export * from "./arrayflex-claims.ts";
export * from "./arrayflex.ts";
export * from "./fixed-pipeline.ts";
export * from "./parameters.ts";
export * from "./systolic-parameters.ts";
export * from "./systolic.ts";
export * from "./tpu-v1.ts";
