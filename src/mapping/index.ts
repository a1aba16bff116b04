// The entry `heddle/mapping`. How a layer is laid on a machine.

export * from "./grid-mapping.ts";
export * from "./nest/row-stationary-figures.ts";
export * from "./nest/row-stationary.ts";
export * from "./product-mapping.ts";
