// Tables that are read one anti-diagonal after the other, as the skew of a systolic array has it, in closed form.

/** Entries of a `rows` x `columns` table on the anti-diagonals before number `diagonal`. */
export function entriesBefore(diagonal: number, rows: number, columns: number): number {
  const short = Math.min(rows, columns);
  const long = Math.max(rows, columns);
  if (diagonal <= short) return (diagonal * (diagonal + 1)) / 2;
  if (diagonal <= long) return (short * (short + 1)) / 2 + (diagonal - short) * short;
  const left = rows + columns - 1 - diagonal;
  return rows * columns - (left * (left + 1)) / 2;
}

/** Anti-diagonal, from 0, of entry `index` in that order; index from 0 to rows x columns - 1. */
export function diagonalOfEntry(index: number, rows: number, columns: number): number {
  let low = 0;
  let high = rows + columns - 2;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (entriesBefore(middle + 1, rows, columns) > index) high = middle;
    else low = middle + 1;
  }
  return low;
}
