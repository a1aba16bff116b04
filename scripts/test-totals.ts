// Adds up the counts of vitest reports (JSON) and prints them; the last line is `N passed, N failed` alone.
// Usage: test-totals.ts FOLDER FAILED_STEPS; a step that failed without a failing test counts as one failure.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

const [, , folder = ".", failedSteps = "0"] = process.argv;
let passed = 0;
let failed = 0;
for (const file of globSync("*.json", { cwd: folder }).toSorted()) {
  const report = Report.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  console.log(
    `  ${file.replace(/\.json$/, "")}: ${report.numPassedTests} passed, ${report.numFailedTests} failed, ` +
      `${report.numPendingTests} skipped`,
  );
  passed += report.numPassedTests;
  failed += report.numFailedTests;
}
const steps = Number(failedSteps);
console.log(`${passed} passed, ${Math.max(failed, steps)} failed`);
process.exitCode = failed + steps > 0 ? 1 : 0;
