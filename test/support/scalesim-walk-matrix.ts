// Matrices of word addresses as lists of rows, with the few operations on them that a walk of SCALE-Sim needs. -1
// stands for no address.

export type Matrix = readonly (readonly number[])[];

/** Element of a list that must have it. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no element ${index} of ${list.length}`);
  return found;
}

export const widthOf = (matrix: Matrix): number => at(matrix, 0).length;

export function build(rows: number, columns: number, element: (row: number, column: number) => number): Matrix {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => element(row, column)),
  );
}

export const nulls = (rows: number, columns: number): Matrix => build(rows, columns, () => -1);

/** Rows and columns from (included) to (excluded), cut off at the matrix's edge. */
export function part(matrix: Matrix, rows: readonly [number, number], columns: readonly [number, number]): Matrix {
  return matrix.slice(rows[0], rows[1]).map((row) => row.slice(columns[0], columns[1]));
}

export function columnsOf(matrix: Matrix, from: number, to: number): Matrix {
  return matrix.map((row) => row.slice(from, to));
}

export function transpose(matrix: Matrix): Matrix {
  return build(widthOf(matrix), matrix.length, (row, column) => at(at(matrix, column), row));
}

/** The matrix with columns of -1 to the right, up to a width. */
export function widen(matrix: Matrix, width: number): Matrix {
  return matrix.map((row) => row.concat(Array.from({ length: width - row.length }, () => -1)));
}

/** The matrix moved as a systolic array needs it: column c starts c rows later, the rest is -1. */
export function skew(matrix: Matrix): Matrix {
  const width = widthOf(matrix);
  return build(matrix.length + width - 1, width, (row, column) => matrix[row - column]?.[column] ?? -1);
}

/** All elements along the anti-diagonals, each from its lower left end up. */
export function alongDiagonals(matrix: Matrix): number[] {
  const width = widthOf(matrix);
  const elements: number[] = [];
  for (let diagonal = 0; diagonal < matrix.length + width; diagonal++) {
    for (let row = Math.min(diagonal, matrix.length - 1); row >= Math.max(0, diagonal - width + 1); row--) {
      elements.push(at(at(matrix, row), diagonal - row));
    }
  }
  return elements;
}

/** Of each of `count` folds the matrix that `fold` gives, one below the other. */
export function stack(count: number, fold: (index: number) => Matrix): Matrix {
  return Array.from({ length: count }, (_, index) => fold(index)).flat();
}
