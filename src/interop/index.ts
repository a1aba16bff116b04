// The entry `heddle/interop`. Files of other tools, in and out.

export * from "./image.ts";
export * from "./npy-header.ts";
export * from "./npy.ts";
export * from "./png.ts";
export * from "./scalesim-topology-header.ts";
export * from "./scalesim-topology-write.ts";
export * from "./scalesim-topology.ts";
