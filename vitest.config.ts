// The tests: the everyday ones, or with HEDDLE_TESTS=slow, browser or all, the slow ones, those in a browser, or every one.
// HEDDLE_TEST_REPORT names a file for the counts that .ci/run adds up.

import { defineConfig } from "vitest/config";

const slow = "**/*.slow.test.ts";
const browser = "**/*.browser.test.ts";

const groups: Readonly<Record<string, { readonly include: string[]; readonly exclude: string[] }>> = {
  everyday: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], exclude: [slow, browser] },
  slow: { include: [slow], exclude: [] },
  browser: { include: [browser], exclude: [] },
  all: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], exclude: [] },
};

const name = process.env.HEDDLE_TESTS ?? "everyday";
const group = groups[name];
if (group === undefined) throw new Error(`HEDDLE_TESTS=${name}: expected ${Object.keys(groups).join(", ")}`);
const report = process.env.HEDDLE_TEST_REPORT;
const onCi = process.env.CI !== undefined && process.env.CI !== "";

export default defineConfig({
  test: {
    include: group.include,
    exclude: ["**/node_modules/**", "**/dist/**", ...group.exclude],
    // Machines of the check are slower and shared; a hang still ends.
    testTimeout: onCi ? 60_000 : 30_000,
    hookTimeout: 60_000,
    // The tests in a browser share one build of the studio, and one after the other they can measure what it does.
    globalSetup: name === "browser" || name === "all" ? ["test/studio/build-once.ts"] : [],
    fileParallelism: name !== "browser",
    // Vitest keeps a core for itself, which on two cores is half of them.
    maxWorkers: "100%",
    passWithNoTests: name === "slow",
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
