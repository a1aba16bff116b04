// The entry `heddle/technology`. Process nodes and their prices.

export * from "./scaling.ts";
export * from "./technologies.ts";
export * from "./technology.ts";
