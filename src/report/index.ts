// The entry `heddle/report`. Results as text, JSON, CSV, HTML and traces.

export * from "./bar.ts";
export * from "./claims.ts";
export * from "./csv.ts";
export * from "./html.ts";
export * from "./json.ts";
export * from "./runs.ts";
export * from "./table.ts";
export * from "./terminal.ts";
export * from "./trace.ts";
export * from "./units.ts";
