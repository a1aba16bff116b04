// All operators whose shapes the importer infers, by name. Kinds live in the files beside this one.

import type { Rule } from "./context.ts";
import { elementwiseRules } from "./elementwise.ts";
import { generateRules } from "./generate.ts";
import { layoutRules } from "./layout.ts";
import { selectRules } from "./select.ts";
import { windowRules } from "./window.ts";

/** A map rather than an object: operator names come from files, and one could be `constructor`. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  [elementwiseRules, layoutRules, selectRules, generateRules, windowRules].flatMap((table) => Object.entries(table)),
);
