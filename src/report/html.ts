// The HTML report: one file that needs nothing else. The plotting libraries load when a report is asked for, and their
// types stay out of the library's own.

import type { RunResult } from "../simulate/result.ts";
import type { HtmlOptions } from "./html/page.ts";
import { loadDrawing } from "./html/drawing.ts";
import { renderReport } from "./html/report.ts";

export type { HtmlOptions } from "./html/page.ts";

/** The report of one run, or of several side by side, as one HTML document. */
export async function htmlReport(runs: readonly RunResult[], options: HtmlOptions = {}): Promise<string> {
  return renderReport(await loadDrawing(), runs, options);
}
