// On-chip memories: instances multiply what they take up and not what an access costs.

import fc from "fast-check";
import { expect, test } from "vitest";
import { technology } from "../../technology/technologies.ts";
import { sram, sramCost } from "./sram.ts";

test("law: equal instances take their number of areas and leakages, and an access costs the same", () => {
  const prices = technology("65nm");
  fc.assert(
    fc.property(fc.constantFrom(1024, 1536, 4096), fc.constantFrom(1, 3, 4), fc.nat(30), (bytes, banks, more) => {
      const one = sram({ bytes, banks, portBits: 24, doubleBuffered: false });
      const single = sramCost(one, prices);
      const all = sramCost({ ...one, instances: more + 1 }, prices);
      expect(all.energy).toEqual(single.energy);
      expect(all.squareMillimetres).toBeCloseTo((more + 1) * single.squareMillimetres, 12);
      expect(all.leakageWatts).toBeCloseTo((more + 1) * single.leakageWatts, 12);
    }),
  );
});
