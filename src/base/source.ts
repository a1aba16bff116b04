// Where a number comes from: every parameter, table entry and claim carries one of these.

/**
 * How strong a source is. `stated`: read in the publication or its artefacts. `recalled`: from memory of the
 * publication. `derived`: computed from stated or recalled figures. `assumed`: our choice, the publication is
 * silent. `fitted`: chosen so that a claim comes out; that claim no longer counts.
 */
export type Strength = "stated" | "recalled" | "derived" | "assumed" | "fitted";

export interface Source {
  readonly strength: Strength;
  /** Publication, table or reasoning, in a few words. */
  readonly text: string;
}

/** A publication. */
export interface Citation {
  readonly title: string;
  readonly authors: string;
  readonly venue: string;
  readonly year: number;
  readonly identifier?: string;
}

export const stated = (text: string): Source => ({ strength: "stated", text });
export const recalled = (text: string): Source => ({ strength: "recalled", text });
export const derived = (text: string): Source => ({ strength: "derived", text });
export const assumed = (text: string): Source => ({ strength: "assumed", text });
export const fitted = (text: string): Source => ({ strength: "fitted", text });
