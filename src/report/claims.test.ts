// Tests of the table of claims.

import { expect, test } from "vitest";
import { claimCounts, claimSummary, claimsJson, claimsMarkdown, claimsText } from "./claims.ts";
import type { ClaimRow } from "./claims.ts";
import { displayWidth } from "./table.ts";

const base: ClaimRow = {
  id: "arrayflex.resnet34.latency",
  accelerator: "arrayflex",
  workload: "resnet34",
  metric: "latency saving at 128 x 128",
  published: 9.5,
  ours: 9.47,
  error: -0.03,
  tolerance: 0.5,
  strength: "derived",
  fitted: false,
  holds: true,
  unit: "%",
  note: "",
};
const miss: ClaimRow = {
  ...base,
  id: "b",
  published: [13, 15],
  ours: 17.25,
  error: 2.25,
  holds: false,
  note: "a | pipe\nand a <tag>",
};
const fitted: ClaimRow = {
  ...base,
  id: "c",
  published: [13, 23],
  ours: 13.1,
  error: 0,
  fitted: true,
  strength: "fitted",
  note: "powers fitted",
};

test("fitted claims never count", () => {
  expect(claimCounts([base, miss, fitted])).toEqual({ counted: 2, holding: 1, fitted: 1 });
  expect(claimSummary([base, miss, fitted])).toBe(
    "1 of 2 claims hold within their tolerance. 1 more rests on fitted constants and does not count.",
  );
});

test("the terminal shows fitted claims apart, and fits", () => {
  const text = claimsText([base, fitted, miss], 90);
  expect(text.indexOf("Fitted, does not count:")).toBeGreaterThan(text.indexOf("NO"));
  expect(text).toContain("13 to 15");
  expect(text).toContain("- b: a | pipe\ufffdand a <tag>");
  for (const line of claimsText([base, fitted, { ...miss, note: "" }], 90).split("\n")) {
    expect(displayWidth(line)).toBeLessThanOrEqual(90);
  }
});

test("Markdown keeps every row on one line with the same cells, markup escaped", () => {
  const text = claimsMarkdown([base, miss, fitted]);
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  expect(rows).toHaveLength(2 + 2 + 2 + 1);
  for (const row of rows) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(14);
  expect(text).toContain("a \\| pipe and a \\<tag\\>");
  expect(text).toContain("### Fitted, does not count");
});

test("JSON has the documented fields in order", () => {
  const { claims } = JSON.parse(claimsJson([miss])) as { claims: object[] };
  expect(Object.keys(claims[0] ?? {})).toEqual([
    "id",
    "accelerator",
    "workload",
    "metric",
    "published",
    "ours",
    "error",
    "tolerance",
    "strength",
    "fitted",
    "holds",
    "unit",
    "note",
  ]);
  expect(claims).toEqual([miss]);
});
