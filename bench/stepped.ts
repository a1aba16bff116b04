// PE-cycles a second of the stepped grid on one core: one large tile, values moving in every cycle.

import type { GridMode } from "../src/component/systolic-grid.ts";
import { systolicGrid } from "../src/component/systolic-grid.ts";
import { steppedGrid } from "../src/component/systolic-grid-stepped.ts";
import { median, print, time } from "./measure.ts";

const size = 128;
const vectors = 2048;

const modes: readonly GridMode[] = [
  { stationary: "weights", collapse: 1 },
  { stationary: "weights", collapse: 2 },
  { stationary: "weights", collapse: 4 },
  { stationary: "outputs", collapse: 1 },
];

for (const mode of modes) {
  const grid = systolicGrid({
    rows: size,
    columns: size,
    operand: "int8",
    accumulator: "int32",
    preload: "exposed",
    unitAreaFactor: 1,
  });
  let cycles = 0;
  let checksum = 0;
  const seconds = time(7, () => {
    const array = steppedGrid(grid, mode);
    const row = new Float64Array(size);
    const sink = (value: number): void => {
      checksum += value;
    };
    cycles = 0;
    const step = (): void => {
      array.step(sink);
      cycles++;
    };
    if (mode.stationary === "weights") {
      for (let r = 0; r < size; r++) {
        for (let c = 0; c < size; c++) row[c] = ((r * 7 + c * 3) % 17) - 8;
        array.loadRow(row, size, r === 0, r === size - 1);
        step();
      }
      array.swap();
    }
    const top = new Float64Array(size);
    for (let t = 0; t < vectors; t++) {
      for (let r = 0; r < size; r++) row[r] = ((t * 5 + r) % 13) - 6;
      for (let c = 0; c < size; c++) top[c] = ((t * 3 + c) % 11) - 5;
      array.enter({ tag: t, left: row, rows: size, columns: size, top, first: t === 0, last: t === vectors - 1 });
      step();
    }
    while (array.busy()) step();
  });
  print({
    name: `stepped ${size} x ${size} grid, stationary ${mode.stationary}, k = ${mode.collapse}`,
    value: (cycles * size * size) / median(seconds) / 1e6,
    unit: "M PE-cycles/s",
    target: 50,
    wants: "at least",
  });
  if (!Number.isFinite(checksum)) throw new Error("the grid lost its values");
}
