// The components along an operand's path, for machines that are found by their paths.

import { InputError } from "../base/error.ts";
import type { AnyComponent, Components } from "./route.ts";

export interface Station<Part = AnyComponent> {
  readonly name: string;
  readonly part: Part;
}

type Kind = AnyComponent["kind"];
type PartOf<K extends Kind> = Extract<AnyComponent, { readonly kind: K }>;

/**
 * The stations of a path such as `"dram > cache > array"`, which must be of `kinds` in this order. Throws InputError with
 * the field for an unknown name or another order.
 */
export function stationsOf<const Kinds extends readonly Kind[]>(
  components: Components,
  operand: "A" | "B" | "C",
  path: string,
  kinds: Kinds,
): { readonly [I in keyof Kinds]: Station<PartOf<Kinds[I]>> } {
  const field = `paths.${operand}`;
  const stations = path.split(">").map((station): Station => {
    const name = station.trim();
    const part = components[name];
    if (part !== undefined) return { name, part };
    throw new InputError({ path: field, message: "no such component", found: name, known: Object.keys(components) });
  });
  if (!matches(stations, kinds)) {
    throw new InputError({ path: field, message: "unusable path", found: path, expected: kinds.join(" > ") });
  }
  return stations;
}

function matches<const Kinds extends readonly Kind[]>(
  stations: readonly Station[],
  kinds: Kinds,
): stations is { readonly [I in keyof Kinds]: Station<PartOf<Kinds[I]>> } & readonly Station[] {
  return stations.length === kinds.length && kinds.every((kind, i) => stations[i]?.part.kind === kind);
}
