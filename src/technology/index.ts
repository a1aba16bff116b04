// The entry `heddle/technology`. Process nodes and their prices.

export * from "./arithmetic.ts";
export * from "./assemble.ts";
export * from "./eyeriss.ts";
export * from "./parts.ts";
export * from "./scaling.ts";
export * from "./sram.ts";
export * from "./technologies.ts";
export * from "./technology.ts";
export * from "./tpu-memory.ts";
