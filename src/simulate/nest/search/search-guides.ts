// Parts of a space in which a search begins beside the whole of it: those of the classic dataflows. Good schedules are
// found sooner among few, and the best of each dataflow are far apart from each other by single moves.

import { arrayLevel, namedConstraints } from "../../../mapping/nest/constraints.ts";
import { dataflowNames } from "../../../mapping/nest/nest-mapping.ts";
import type { NestSpace } from "./search-space.ts";
import { nestSpace } from "./search-space.ts";

/**
 * The spaces of the classic dataflows that lie in `space` and are not all of it, with its slots and its numbers of
 * bypasses, so that a point of one is a point of the other. None where the hierarchy has no array.
 */
export function guidesOf(space: NestSpace): readonly NestSpace[] {
  const { problem, hierarchy, allowed, groups, bypasses, slots } = space;
  if (arrayLevel(hierarchy) === undefined) return [];
  const free = groups.every((group) => group === groups[0]);
  return dataflowNames.flatMap((name) => {
    if (name === "any") return [];
    const part = nestSpace(problem, hierarchy, namedConstraints(name, problem, hierarchy));
    if (!part.allowed.every((may, at) => may <= (allowed[at] ?? 0))) return [];
    if (!free && part.groups.some((group, at) => group !== groups[at])) return [];
    const choices = bypasses.flatMap((masks, index) =>
      part.bypasses.some((other) => other.every((mask, level) => mask === masks[level])) ? [index] : [],
    );
    if (choices.length < part.bypasses.length) return [];
    const same =
      choices.length === bypasses.length &&
      part.allowed.every((may, at) => may === allowed[at]) &&
      part.groups.every((group, at) => group === groups[at]);
    return same ? [] : [{ ...part, slots, bypasses, choices }];
  });
}
