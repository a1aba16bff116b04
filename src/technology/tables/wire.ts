// Wires on a chip: what it takes to send one bit over one millimetre.

import { stated } from "../../base/source.ts";

export const wireName = "Accelergy wire";

export const wireSource = stated(
  "Accelergy Aladdin plug-in: 0.325 pJ a bit and millimetre at 1 V with an activity of 0.2",
);

/** At 1 V; in proportion to the square of the supply, and the same at every node. */
export const wirePicojoulesPerBitMillimetre = 0.325;
