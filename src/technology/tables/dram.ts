// Energy of one bit to or from off-chip memory. One flat figure a kind: no row activation, no background power.

import { derived, stated } from "../../base/source.ts";
import type { DramKind, PriceTable } from "../technology.ts";

interface DramFigure {
  readonly picojoulesPerBit: number;
  readonly table: PriceTable;
}

const accelergy: PriceTable = {
  name: "Accelergy DRAM",
  source: stated("energy per bit by DRAM type in the Accelergy CACTI plug-in and its successor hwcomponents-cacti"),
};

const tpu: PriceTable = {
  name: "TPUv4i ISCA 2021 DRAM",
  source: derived(
    "Jouppi et al., ISCA 2021, table 2 (recalled): 64 bits of DDR3/4 1300 pJ; of GDDR6 350 to 480 pJ, the middle taken",
  ),
};

/** Where the two Accelergy sources differ (HBM2: 3.9 and 6.25), the one at TPUv4i's lower bound of 250/64 is taken. */
export const dramFigures: Readonly<Record<DramKind, DramFigure>> = {
  LPDDR4: { picojoulesPerBit: 8, table: accelergy },
  LPDDR: { picojoulesPerBit: 40, table: accelergy },
  DDR3: { picojoulesPerBit: 70, table: accelergy },
  DDR4: { picojoulesPerBit: 1300 / 64, table: tpu },
  GDDR5: { picojoulesPerBit: 14, table: accelergy },
  GDDR6: { picojoulesPerBit: (350 + 480) / 2 / 64, table: tpu },
  HMC: { picojoulesPerBit: 4.2, table: accelergy },
  HBM2: { picojoulesPerBit: 3.9, table: accelergy },
  HBM3: { picojoulesPerBit: 4.05, table: accelergy },
  HBM4: { picojoulesPerBit: 3.2, table: accelergy },
};
