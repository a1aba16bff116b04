// Arithmetic at 45 nm and 0.9 V after Horowitz: the table that most accelerator papers quote.

import { recalled } from "../../base/source.ts";
import type { NumberFormat } from "../technology.ts";

type Figures = Readonly<Partial<Record<NumberFormat, number>>>;

/** Energies and areas of a table of arithmetic operations; a format that is absent has no figure. */
export interface ArithmeticFigures {
  readonly add: Figures;
  readonly multiply: Figures;
}

export const horowitzName = "Horowitz ISSCC 2014";
export const horowitzNode = { nodeNanometres: 45, voltage: 0.9 } as const;

/** M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014. */
export const horowitzSource = recalled(
  "M. Horowitz, ISSCC 2014, fig. 1.1.9, 45 nm 0.9 V; areas as repeated in Dally's NIPS 2015 tutorial",
);

export const horowitzPicojoules: ArithmeticFigures = {
  add: { int8: 0.03, int16: 0.05, int32: 0.1, float16: 0.4, float32: 0.9 },
  multiply: { int8: 0.2, int32: 3.1, float16: 1.1, float32: 3.7 },
};

export const horowitzSquareMicrometres: ArithmeticFigures = {
  add: { int8: 36, int16: 67, int32: 137, float16: 1360, float32: 4184 },
  multiply: { int8: 282, int32: 3495, float16: 1640, float32: 7700 },
};
