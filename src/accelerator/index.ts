// The entry `heddle/accelerator`. Published machines as data, and running workloads on them.

export * from "./accelerator.ts";
export * from "./accelerators.ts";
export * from "./arrayflex-claims.ts";
export * from "./arrayflex.ts";
export * from "./fixed-pipeline.ts";
export * from "./measure.ts";
export * from "./parameters.ts";
export * from "./reproduce.ts";
export * from "./run.ts";
export * from "./systolic-parameters.ts";
export * from "./systolic.ts";
export * from "./tpu-v1.ts";
