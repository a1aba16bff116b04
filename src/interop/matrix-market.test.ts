// Matrix Market files: what the format allows is read, in pieces of any size; what it does not is refused at its line
// and column; and whatever is done to a file, nothing but an InputError comes of it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sparseMatrices } from "../../test/support/sparse-matrices.ts";
import { InputError } from "../base/error.ts";
import { denseFromSparse } from "../tensor/sparse-matrix.ts";
import { matrixMarketParser, parseMatrixMarket } from "./matrix-market.ts";
import type { MatrixMarket } from "./matrix-market.ts";
import { writeMatrixMarket } from "./matrix-market-write.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): MatrixMarket => parseMatrixMarket(encode(text), "x.mtx");
const dense = (text: string): number[] => [...denseFromSparse(read(text).matrix)];
const banner = (words: string): string => `%%MatrixMarket matrix ${words}\n`;
const general = banner("coordinate real general");

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Whose sums stay finite. */
const moderate = fc.double({ noNaN: true, min: -1e300, max: 1e300 });

describe("forms", () => {
  test("coordinate general, rows in any order", () => {
    const { matrix, warnings, header } = read(`${general}2 3 3\n2 1 -1.5\n1 3 2e2\n1 1 .5\n`);
    expect([...denseFromSparse(matrix)]).toEqual([0.5, 0, 200, -1.5, 0, 0]);
    expect(warnings).toEqual([]);
    expect(header).toEqual({
      format: "coordinate",
      field: "real",
      symmetry: "general",
      rows: 2,
      columns: 3,
      entries: 3,
    });
  });

  test("a pattern has no values", () => {
    const { matrix } = read(`${banner("coordinate pattern general")}2 2 2\n1 2\n2 1\n`);
    expect(matrix).toEqual({ rows: 2, columns: 2, rowStart: Uint32Array.of(0, 1, 2), column: Uint32Array.of(1, 0) });
  });

  test("symmetric: the triangle above is filled in, the diagonal counts once", () => {
    expect(dense(`${banner("coordinate integer symmetric")}3 3 4\n1 1 1\n3 1 2\n3 2 3\n3 3 4\n`)).toEqual([
      1, 0, 2, 0, 0, 3, 2, 3, 4,
    ]);
    expect(dense(`${banner("coordinate pattern symmetric")}2 2 2\n2 1\n2 2\n`)).toEqual([0, 1, 1, 1]);
  });

  test("skew-symmetric: the triangle above is negated; a stored zero stays", () => {
    expect(dense(`${banner("coordinate real skew-symmetric")}3 3 2\n2 1 5\n3 2 -1\n`)).toEqual([
      0, -5, 0, 5, 0, 1, 0, -1, 0,
    ]);
    const { matrix } = read(`${banner("coordinate real skew-symmetric")}2 2 2\n1 1 0\n2 1 0\n`);
    expect([...matrix.column]).toEqual([0, 1, 0]);
    expect([...(matrix.value ?? [])]).toEqual([0, 0, 0]);
  });

  test("array: column by column, zeros left out", () => {
    const { matrix } = read(`${banner("array real general")}2 3\n1\n2\n0\n4\n5\n-0.0\n`);
    expect([...denseFromSparse(matrix)]).toEqual([1, 0, 5, 2, 4, 0]);
    expect(matrix.column.length).toBe(4);
    expect(dense(`${banner("array integer symmetric")}3 3\n1\n2\n3\n4\n5\n6\n`)).toEqual([1, 2, 3, 2, 4, 5, 3, 5, 6]);
    expect(dense(`${banner("array real skew-symmetric")}3 3\n1\n2\n3\n`)).toEqual([0, -1, -2, 1, 0, -3, 2, 3, 0]);
    expect(dense(`${banner("array real skew-symmetric")}1 1\n`)).toEqual([0]);
    expect(read(`${banner("array real skew-symmetric")}0 0\n`).header.entries).toBe(0);
  });

  test("stored zeros of coordinate form stay entries", () => {
    const { matrix } = read(`${general}1 2 2\n1 1 0\n1 2 0.0\n`);
    expect([...matrix.column]).toEqual([0, 1]);
  });

  test("comments, blank lines, tabs, carriage returns, spaces, capitals, no line feed at the end, byte order mark", () => {
    const text =
      "\ufeff%%matrixmarket MATRIX Coordinate Real General\r\n%a\r\n\r\n%\r\n  2\t2  3 \r\n\t1   1 1\r\n" +
      "% between\r\n\r\n2 2 1D+1 \r\n1\t2\t-3";
    expect(dense(text)).toEqual([1, -3, 0, 10]);
  });

  test("empty matrices", () => {
    for (const [rows, columns] of [
      [0, 0],
      [0, 5],
      [5, 0],
      [4, 4],
    ]) {
      const { matrix } = read(`${general}${rows} ${columns} 0\n`);
      expect([matrix.rows, matrix.columns, matrix.column.length]).toEqual([rows, columns, 0]);
    }
  });

  test("numbers are the nearest doubles", () => {
    const number = fc.oneof(
      finite.map(String),
      finite.map((value) => value.toExponential(18)),
      fc
        .tuple(
          fc.constantFrom("", "-", "+"),
          fc.bigInt({ min: 0n, max: 10n ** 30n }),
          fc.integer({ min: -320, max: 270 }),
        )
        .map(([sign, digits, power]) => `${sign}${digits}E${power}`),
      fc.tuple(fc.nat(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
    );
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 50 }), (numbers) => {
        const lines = numbers.map((text, i) => `1 ${i + 1} ${text}\n`).join("");
        const { matrix } = read(`${general}1 ${numbers.length} ${numbers.length}\n${lines}`);
        expect(matrix.value).toEqual(Float64Array.from(numbers, Number));
      }),
    );
  });
});

describe("duplicates", () => {
  test("are summed, and the warning says where the first stands", () => {
    const { matrix, warnings } = read(`${general}% a comment\n2 2 4\n1 1 1\n2 2 5\n\n% another\n1 1 2\n1 1 3\n`);
    expect([...denseFromSparse(matrix)]).toEqual([6, 0, 0, 5]);
    expect(warnings).toEqual([
      "x.mtx:8: 2 entries repeat earlier places, first row 1, column 1; values at one place were summed",
    ]);
  });

  test("of a pattern count once, of a symmetric matrix before it is filled in", () => {
    const { matrix, warnings } = read(`${banner("coordinate pattern symmetric")}2 2 3\n2 1\n2 1\n2 2\n`);
    expect([...matrix.rowStart]).toEqual([0, 1, 3]);
    expect(warnings).toEqual([
      "x.mtx:4: an entry repeats an earlier place, first row 2, column 1; each place counts once",
    ]);
  });

  test("that sum to too large a number are refused", () => {
    expect(() => read(`${general}1 2 2\n1 2 1e308\n1 2 1e308\n`)).toThrow(
      'x.mtx: entries at row 1, column 2 sum to a number that is too large; found "Infinity"; expected a finite number',
    );
    expect(() => read(`${banner("coordinate integer general")}1 1 2\n1 1 9007199254740991\n1 1 1\n`)).toThrow(
      'sum to a number that is too large; found "9007199254740992"',
    );
  });
});

describe("graphs whose vertices count from 2", () => {
  const pattern = banner("coordinate pattern general");

  test("are read as one less, with a warning", () => {
    const { matrix, warnings } = read(`${pattern}3 3 3\n2 3\n3 4\n4 2\n`);
    expect([...denseFromSparse(matrix)]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
    expect(warnings).toEqual([
      "x.mtx:4: rows and columns count from 2: 4 occurs in this 3 x 3 matrix and 1 nowhere; each was read as one less",
    ]);
  });

  test.each([
    ["1 occurs as a column", `${pattern}3 3 3\n2 3\n3 4\n4 1\n`],
    ["1 occurs as a row", `${pattern}3 3 3\n1 3\n3 4\n4 2\n`],
    ["an index is further out", `${pattern}3 3 3\n2 3\n3 4\n5 2\n`],
    ["fewer entries than vertices", `${pattern}3 3 2\n2 3\n3 4\n`],
    ["not square", `${pattern}3 4 3\n2 3\n3 5\n4 2\n`],
    ["values", `${general}3 3 3\n2 3 1\n3 4 1\n4 2 1\n`],
    ["symmetric", `${banner("coordinate pattern symmetric")}3 3 3\n3 2\n4 3\n4 2\n`],
  ])("are an index outside the matrix where %s", (_, text) => {
    expect(() => read(text)).toThrow("outside the matrix");
  });
});

describe("pieces", () => {
  const cut = (bytes: Uint8Array, sizes: readonly number[]): MatrixMarket => {
    const parser = matrixMarketParser("x.mtx");
    let at = 0;
    for (const size of sizes) {
      parser.push(bytes.subarray(at, at + size));
      at += size;
    }
    parser.push(bytes.subarray(at));
    return parser.finish();
  };
  const outcome = (action: () => MatrixMarket): unknown => {
    try {
      return action();
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
  };

  test("of any size give what the whole gives, errors and their places included", () => {
    const texts = fc.oneof(
      sparseMatrices({}, moderate).map((matrix) => new TextDecoder().decode(writeMatrixMarket(matrix))),
      fc.constantFrom(
        `${general}\r\n% c\r\n2 2 2\r\n1 1 1.25\r\n\r\n2 2 x\r\n`,
        `${general}2 2 1\n1 1 1`,
        "%%MatrixMarket matrix coordinate reel general\n",
        `${banner("array real general")}2 1\n1\n\n2`,
      ),
    );
    fc.assert(
      fc.property(texts, fc.array(fc.nat({ max: 30 }), { maxLength: 100 }), (text, sizes) => {
        const bytes = encode(text);
        expect(outcome(() => cut(bytes, sizes))).toEqual(outcome(() => parseMatrixMarket(bytes, "x.mtx")));
        expect(
          outcome(() =>
            cut(
              bytes,
              Array.from(bytes, () => 1),
            ),
          ),
        ).toEqual(outcome(() => cut(bytes, [])));
      }),
    );
  });
});

describe("what is refused", () => {
  test.each([
    ["", "x.mtx: not a Matrix Market file: it is empty"],
    ["1 1 1\n", 'x.mtx:1:1: not a Matrix Market file; found "1 1 1"; expected %%MatrixMarket matrix coordinate'],
    ["%%MatrixMarket\n", 'x.mtx:1:15: banner without its object; found "%%MatrixMarket"; expected matrix'],
    ["%%MatrixMarket vector coordinate real general\n", 'x.mtx:1:16: unsupported object: vector; found "vector"'],
    [
      banner("coordinat real general"),
      'x.mtx:1:23: unknown format; found "coordinat"; expected one of coordinate, array; did you mean "coordinate"?',
    ],
    [
      banner("coordinate reel general"),
      'x.mtx:1:34: unknown field; found "reel"; expected one of real, integer, pattern; did you mean "real"?',
    ],
    [banner("coordinate complex general"), 'x.mtx:1:34: unsupported field: complex; found "complex"'],
    [banner("coordinate real hermitian"), 'x.mtx:1:39: unsupported symmetry: hermitian; found "hermitian"'],
    [banner("coordinate real skew"), 'x.mtx:1:39: unknown symmetry; found "skew"'],
    [banner("coordinate real"), "x.mtx:1:38: banner without its symmetry"],
    [banner("coordinate real general more"), 'x.mtx:1:47: more words than a banner has; found "more"'],
    [
      banner("array pattern general"),
      'x.mtx:1:29: an array holds every element, so it has no pattern; found "pattern"; expected real or integer',
    ],
    [banner("coordinate pattern skew-symmetric"), 'x.mtx:1:42: a pattern has no signs to skew; found "skew-symmetric"'],
    [general, "x.mtx:1: the file ends before its size line"],
    [`${general}%\n\n`, "x.mtx:3: the file ends before its size line"],
    [
      `${general}2 2\n`,
      'x.mtx:2:4: size line without the number of entries; found "2 2"; expected rows, columns, entries',
    ],
    [`${general}2 2 2 2\n`, 'x.mtx:2:7: size line of coordinate form with too many numbers; found "2"'],
    [
      `${banner("array real general")}2 2 4\n`,
      'x.mtx:2:5: size line of array form with too many numbers; found "4"; expected rows, columns',
    ],
    [
      `${general}%\n2 -2 1\n`,
      'x.mtx:3:3: bad number of columns in the size line; found "-2"; expected an integer from 0 to 268435456',
    ],
    [`${general}268435457 2 1\n`, 'x.mtx:2:1: bad number of rows in the size line; found "268435457"'],
    [
      `${general}2 2 99999999999\n`,
      'x.mtx:2:5: bad number of entries in the size line; found "99999999999"; expected an integer from 0 to 4294967295',
    ],
    [
      `${banner("coordinate real symmetric")}2 3 1\n`,
      'x.mtx:2:3: a symmetric matrix is square; found "3"; expected 2 columns, as many as rows',
    ],
    [`${general}2 2 1\n3 1 1\n`, 'x.mtx:3:1: row outside the matrix; found "3"; expected 1 to 2'],
    [`${general}2 2 1\n1 3 1\n`, 'x.mtx:3:3: column outside the matrix; found "3"; expected 1 to 2'],
    [`${general}2 2 1\n 0 1 1\n`, 'x.mtx:3:2: row 0: Matrix Market counts from 1; found "0"; expected 1 to 2'],
    [`${general}2 2 2\n1 1 1\n1 0 1\n`, 'x.mtx:4:3: column 0: Matrix Market counts from 1; found "0"; expected 1 to 2'],
    [`${general}2 2 1\n-1 1 1\n`, 'x.mtx:3:1: row outside the matrix; found "-1"; expected 1 to 2'],
    [`${general}2 2 1\n1.0 1 1\n`, 'x.mtx:3:1: row is not a whole number; found "1.0"; expected 1 to 2'],
    [`${general}2 2 1\nx 1 1\n`, 'x.mtx:3:1: row is not a whole number; found "x"'],
    [`${general}2 2 1\n1\n`, "x.mtx:3:2: entry without its column; expected 1 to 2"],
    [
      `${general}0 0 1\n1 1 1\n`,
      'x.mtx:3:1: row outside the matrix; found "1"; expected no entries in an empty matrix',
    ],
    [`${general}2 2 1\n1 1\n`, "x.mtx:3:4: entry without its value; expected a finite number"],
    [`${general}2 2 1\n1 1 1 1\n`, 'x.mtx:3:7: more than an entry; found "1"; expected the end of the line'],
    [`${banner("coordinate pattern general")}2 2 1\n1 1 1\n`, 'x.mtx:3:5: more than an entry; found "1"'],
    [`${general}2 2 1\n1 1 1,5\n`, 'x.mtx:3:5: not a number; found "1,5"; expected a finite number'],
    [`${general}2 2 1\n1 1 1e\n`, 'x.mtx:3:5: not a number; found "1e"'],
    [`${general}2 2 1\n1 1 .\n`, 'x.mtx:3:5: not a number; found "."'],
    [`${general}2 2 1\n1 1 1.2.3\n`, 'x.mtx:3:5: not a number; found "1.2.3"'],
    [`${general}2 2 1\n1 1 0x10\n`, 'x.mtx:3:5: not a number; found "0x10"'],
    [`${general}2 2 1\n1 1 NaN\n`, 'x.mtx:3:5: value is not finite; found "NaN"; expected a finite number'],
    [`${general}2 2 1\n1 1 -inf\n`, 'x.mtx:3:5: value is not finite; found "-inf"'],
    [
      `${general}2 2 1\n1 1 1e309\n`,
      'x.mtx:3:5: number too large; found "1e309"; expected at most 1.7977e308, the largest double',
    ],
    [`${banner("coordinate integer general")}2 2 1\n1 1 1.5\n`, 'x.mtx:3:5: not an integer; found "1.5"'],
    [
      `${banner("coordinate integer general")}2 2 1\n1 1 9007199254740992\n`,
      'x.mtx:3:5: integer too large to be held exactly; found "9007199254740992"',
    ],
    [`${general}2 2 2\n1 1 1\n`, 'x.mtx:3: too few entries; found "1"; expected 2, as the size line says'],
    [
      `${general}2 2 1\n1 1 1\n2 2 2\n1 2 1\n`,
      'x.mtx:4: too many entries; found "3"; expected 1, as the size line says',
    ],
    [
      `${banner("array real general")}2 2\n1\n2\n3\n`,
      'x.mtx:5: too few entries; found "3"; expected 4, as the size line says',
    ],
    [`${banner("array real general")}2 2\n1 2\n3 4\n`, 'x.mtx:3:3: more than an entry; found "2"'],
    [
      `${banner("coordinate real symmetric")}2 2 1\n1 2 1\n`,
      'x.mtx:3:3: entry above the diagonal of a symmetric matrix; found "2"; expected at most 1: only the lower triangle is stored',
    ],
    [
      `${banner("coordinate real skew-symmetric")}2 2 1\n1 1 1\n`,
      'x.mtx:3:5: diagonal of a skew-symmetric matrix; found "1"; expected 0, or no entry',
    ],
    [`%%MatrixMarket matrix ${"x".repeat(2 ** 21)}`, "x.mtx:1:23: unknown format"],
    [`${general}%${"x".repeat(2 ** 21)}`, "x.mtx: a line is longer than 1048576 bytes"],
    ["\u0000".repeat(2 ** 21), "x.mtx:1:1: not a Matrix Market file"],
    [
      `name.mtx${"\u0000".repeat(249)}ustar\u0000${general}`,
      "x.mtx:1: a tar archive: unpack the .mtx file that is in it",
    ],
    ["\u001f\u008b\u0008", "x.mtx:1:1: not a Matrix Market file"],
  ])("%#", (text, message) => {
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(message);
  });

  test("a file that is damaged in any way gives a matrix or an InputError", () => {
    const files = [
      `${general}% note\n4 3 5\n1 1 1.5\n4 3 -2e-1\n2 2 0\n3 1 7\n1 3 .25\n`,
      `${banner("coordinate integer symmetric")}3 3 3\n1 1 4\n3 1 -2\n3 3 9\n`,
      `${banner("coordinate pattern general")}\r\n3 3 3\r\n1 2\r\n2 3\r\n3 1\r\n`,
      `${banner("array real skew-symmetric")}3 3\n1\n2e0\n-3\n`,
    ];
    const edit = fc.record({
      at: fc.nat({ max: 200 }),
      remove: fc.nat({ max: 4 }),
      insert: fc.oneof(
        fc.string({ unit: fc.constantFrom(..."0123456789 .-+eE%\n\r\txyz"), maxLength: 3 }),
        fc.string({ unit: "binary", maxLength: 3 }),
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }), (file, edits) => {
        let text = file;
        for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
        try {
          const { matrix, header } = read(text);
          expect([matrix.rows, matrix.columns]).toEqual([header.rows, header.columns]);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
