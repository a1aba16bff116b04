// The block diagram: shared boxes once, lines of equal length, no box too narrow for its words.

import { expect, test } from "vitest";
import { blockDiagram } from "./diagram.ts";

test("draws shared memories once and paths that skip a memory as long arrows", () => {
  const drawing = blockDiagram(
    [
      { operand: "A", stations: ["far", "fifo", "grid"], outward: false },
      { operand: "B", stations: ["near", "grid"], outward: false },
      { operand: "C", stations: ["near", "sums", "grid"], outward: true },
    ],
    (station) => (station === "grid" ? "2 × 2" : ""),
  );
  expect(drawing).toBe(
    [
      "┌──────┐       ┌──────┐       ┌───────┐",
      "│ far  │── A ─►│ fifo │── A ─►│       │",
      "└──────┘       └──────┘       │       │",
      "                              │       │",
      "┌──────┐                      │       │",
      "│      │── B ────────────────►│ grid  │",
      "│      │                      │ 2 × 2 │",
      "│ near │                      │       │",
      "│      │       ┌──────┐       │       │",
      "│      │◄─ C ──│ sums │◄─ C ──│       │",
      "└──────┘       └──────┘       └───────┘",
      "",
    ].join("\n"),
  );
});
