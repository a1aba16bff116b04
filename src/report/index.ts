// The entry `heddle/report`. Results as text, JSON, CSV, HTML and traces.

export * from "./claims.ts";
export { runsCsv } from "./csv.ts";
export * from "./html.ts";
export { ratios, runJson, runsJson } from "./json.ts";
export type { Ratios } from "./json.ts";
export * from "./terminal.ts";
export * from "./trace.ts";
