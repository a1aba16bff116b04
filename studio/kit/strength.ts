// How sure a figure is, as a sign and in words: a reader should not need colour to tell.

import type { Strength } from "../../src/base/source.ts";

export const strengths: Readonly<Record<Strength, { readonly sign: string; readonly meaning: string }>> = {
  stated: { sign: "●", meaning: "read in the publication or its artefacts" },
  recalled: { sign: "◐", meaning: "from memory of the publication" },
  derived: { sign: "◆", meaning: "computed from stated or recalled figures" },
  assumed: { sign: "○", meaning: "our choice; the publication is silent" },
  fitted: { sign: "△", meaning: "chosen so that a claim comes out; that claim does not count" },
};
