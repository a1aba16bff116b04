// Whether a saved state of a search belongs to it: then going on with it gives what the search by itself would have given.

import type { Fault } from "../../../base/error.ts";
import { checkSchedule } from "../../../mapping/nest/validate.ts";
import { nestCost } from "./search-price.ts";
import type { Found, PartState, SearchState } from "./search-state.ts";
import type { PreparedSearch } from "./search-prepare.ts";

/**
 * What is wrong with a state for this search, or with what parts of its next round came to; undefined where nothing is.
 * Everything found is evaluated again: another machine, other operands and a program that counts in another way come to
 * other cycles or joules.
 */
export function savedFault(
  { task, effort }: PreparedSearch,
  state: SearchState,
  ahead: readonly (PartState | null)[] = [],
): Fault | undefined {
  if (state.seed !== effort.seed) {
    return { message: "a search with another seed", found: String(state.seed), expected: String(effort.seed) };
  }
  if (state.parts.length !== effort.parts) {
    const expected = `${effort.parts} parts`;
    return { message: "a search that was cut otherwise", found: `${state.parts.length} parts`, expected };
  }
  const parts = [...state.parts, ...ahead].filter((part) => part !== null);
  const all = [state, ...parts].flatMap(({ best, front }) => (best === null ? front : [best, ...front]));
  for (const found of all) {
    const fault = foundFault(task, found);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function foundFault(
  { problem, hierarchy, price, evaluate }: PreparedSearch["task"],
  { schedule, cycles, joules }: Found,
): Fault | undefined {
  const [violation] = checkSchedule(problem, hierarchy, schedule);
  if (violation !== undefined) {
    const { message, found, expected } = violation;
    return { message: `a schedule of another layer or machine: ${message}`, found, expected };
  }
  const now = nestCost(price, evaluate(schedule));
  if (now.cycles === cycles && now.joules === joules) return undefined;
  return {
    message: "a schedule that this machine and this version of Heddle evaluate otherwise",
    found: `${cycles} cycles, ${joules} J`,
    expected: `${now.cycles} cycles, ${now.joules} J`,
  };
}
