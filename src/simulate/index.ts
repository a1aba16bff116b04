// The entry `heddle/simulate`. Running layers and networks on machines.

export * from "./audit.ts";
export * from "./check.ts";
export * from "./machine.ts";
export * from "./overlap.ts";
export * from "./result.ts";
export * from "./prepare-machine.ts";
export * from "./simulate-layer.ts";
export * from "./simulate-network.ts";
export * from "./stepped-machine.ts";
