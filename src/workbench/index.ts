// The entry `heddle/workbench`. Runs workloads on registered machines and re-derives what publications claim.

export { countProductOnThreads } from "./count-product.ts";
export * from "./replay.ts";
export * from "./reproduce.ts";
export * from "./run.ts";
export type { SearchStore } from "./search/search-store.ts";
