// One flip-flop bit at 40 nm from the Aladdin tables: the only source here that tabulates a register.

import { stated } from "../../base/source.ts";

export const aladdinName = "Aladdin register 40 nm";

/** The tables do not print a supply; 0.9 V is the usual one of a 40 nm process. */
export const aladdinNode = { nodeNanometres: 40, voltage: 0.9 } as const;

export const aladdinSource = stated(
  "Accelergy Aladdin plug-in, register at 1 ns: 0.009 pJ and 5.98 um2 a bit (Shao et al., Aladdin, ISCA 2014)",
);

export const aladdinRegisterBit = { picojoules: 0.009, squareMicrometres: 5.98 } as const;
