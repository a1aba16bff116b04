// SCALE-Sim's layout files: which column is which factor or order, and the exact place of every fault.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import { readScalesimLayouts } from "./layout-file.ts";

const HEADER = `Layer name, IFMAP Height Intraline Factor, IFMAP Width Intraline Factor, and so on${",".repeat(18)}`;
const file = (...rows: readonly string[]): string => [HEADER, ...rows].join("\n");
const ROW = "A,2,3,4,5,6,7,0,1,2,3,4,5,0,1,2,3,4,5,6,7,";

const messageOf = (text: string): string => {
  try {
    return `no error: ${readScalesimLayouts(text, { file: "t.csv" }).length} layouts`;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
};

test("the columns in the order in which SCALE-Sim uses them", () => {
  expect(readScalesimLayouts(file(ROW, " B , 8,9,10,11,12,13, 2,0,1, 4,5,3, 3,0,1,2, 7,4,5,6"), {})).toEqual([
    {
      name: "A",
      ifmap: { factors: [2, 3, 6], intraOrder: [0, 1, 2], interOrder: [3, 4, 5] },
      filter: { factors: [7, 6, 4, 5], intraOrder: [0, 1, 2, 3], interOrder: [4, 5, 6, 7] },
    },
    {
      name: "B",
      ifmap: { factors: [8, 9, 12], intraOrder: [2, 0, 1], interOrder: [4, 5, 3] },
      filter: { factors: [13, 12, 10, 11], intraOrder: [3, 0, 1, 2], interOrder: [7, 4, 5, 6] },
    },
  ]);
});

test("a depth-wise layer has a channel factor of 1", () => {
  const [layout] = readScalesimLayouts(file(ROW.replace("A", "A_DP")), {});
  expect(layout?.ifmap.factors).toEqual([2, 3, 1]);
  expect(layout?.filter.factors).toEqual([7, 1, 4, 5]);
});

test("byte order mark, line ends, blank rows, a header alone", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    expect(readScalesimLayouts(`\uFEFF${file("", ",,,", ROW, "").replaceAll("\n", end)}`, {})).toHaveLength(1);
  }
  expect(readScalesimLayouts(HEADER, {})).toEqual([]);
});

test("orders are read exactly where they are permutations", () => {
  const digits = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 4, max: 7 })));
  fc.assert(
    fc.property(digits, (found) => {
      const text = file(ROW.replace(/4,5,6,7,$/, `${found.join()},`));
      const message = messageOf(text);
      if (new Set(found).size === 4) expect(message).toBe("no error: 1 layouts");
      else expect(message).toContain("not a permutation");
    }),
  );
});

describe("what is refused", () => {
  const permutation = "not a permutation: the number is there twice";
  test.each([
    ["", "t.csv: empty layout file; expected a header row"],
    [
      ROW,
      't.csv:1:1: the header row is missing; found "A,2,3,4,5,6,7,0,1,2,3,4,5,0,1,2,3,4,5,6,7"; expected a header such as "Layer name, IFMAP Height Intraline Factor, IFMAP Width Intraline Factor, ...", 21 columns',
    ],
    [
      "Layer, M, N, K,\nA,1,2,3,",
      't.csv:1:1: a topology, not a layout; found "Layer,M,N,K"; expected a header such as "Layer name, IFMAP Height Intraline Factor, IFMAP Width Intraline Factor, ...", 21 columns',
    ],
    [file(`,${ROW}`), "t.csv:2:1: the row has no name; expected a layer name in the first column"],
    [
      file("A,2,3,4,5,6,7,0,1,2,3,4,5,0,1,2,3,4,5,6,"),
      't.csv:2:40: Filter Width Interline Order: the row ends too early; found "20 cells"; expected a Filter Width Interline Order in cell 21',
    ],
    [file(`${ROW}8`), 't.csv:2:43: a cell past the last column; found "8"; expected 21 cells'],
    [
      file(ROW.replace("A,2", "A, 0")),
      't.csv:2:4: IFMAP Height Intraline Factor: bad size; found "0"; expected an integer from 1 to 2147483647',
    ],
    [
      file(ROW.replace("6,7,0", "C,7,0")),
      't.csv:2:11: Channel Intraline Factor: symbolic size; found "C"; expected a number in its place (1 to 2147483647)',
    ],
    [
      file(ROW.replace("7,0,1,2,3", "7,0,1,3,3")),
      't.csv:2:19: Channel Intraline Order: bad size; found "3"; expected an integer from 0 to 2',
    ],
    [
      file(ROW.replace("7,0,1,2,3", "7,0,1,0,3")),
      `t.csv:2:19: Channel Intraline Order: ${permutation}; found "0"; expected each of 0 to 2 once in columns 8 to 10`,
    ],
    [
      file(ROW.replace("2,3,4,5,0", "2,3,3,5,0")),
      `t.csv:2:23: IFMAP Width Interline Order: ${permutation}; found "3"; expected each of 3 to 5 once in columns 11 to 13`,
    ],
    [
      file(ROW.replace("5,0,1,2,3,", "5,0,1,2,1,")),
      `t.csv:2:33: Filter Width Intraline Order: ${permutation}; found "1"; expected each of 0 to 3 once in columns 14 to 17`,
    ],
    [
      file(ROW.replace(/6,7,$/, "7,7,")),
      `t.csv:2:41: Filter Width Interline Order: ${permutation}; found "7"; expected each of 4 to 7 once in columns 18 to 21`,
    ],
  ])("%j", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });
});
