// The entry `heddle/mapping`. How a layer is laid on a machine.

export * from "./grid-mapping.ts";
export * from "./nest/constraints.ts";
export * from "./nest/nest-mapping.ts";
export * from "./nest/outline.ts";
export * from "./nest/print.ts";
export * from "./nest/problem.ts";
export * from "./nest/row-stationary-figures.ts";
export * from "./nest/row-stationary.ts";
export * from "./nest/schedule-text.ts";
export * from "./nest/schedule.ts";
export * from "./nest/units.ts";
export * from "./nest/validate.ts";
export * from "./product-mapping.ts";
