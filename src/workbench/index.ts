// The entry `heddle/workbench`. Runs workloads on registered machines and re-derives what publications claim.

export * from "./reproduce.ts";
export * from "./run.ts";
