// `--layers`: picks compute layers by name, pattern or number.

import { InputError } from "../../base/error.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";

/**
 * The network with only the layers that `selection` names, in their own order: names, patterns with `*` and `?`, and
 * numbers or ranges (`3`, `3-7`, `50-`) that count compute layers from 1, separated by commas. Throws InputError for
 * a part that picks nothing, with the nearest name.
 */
export function selectLayers(network: Network, selection: string): Network {
  const layers = network.layers.filter((layer): layer is ComputeLayer => layer.kind === "compute");
  const chosen = new Set<ComputeLayer>();
  for (const part of partsOf(selection)) {
    const found = matching(layers, part);
    if (found.length === 0) {
      throw new InputError({
        path: "--layers",
        message: `${network.name} has no such layer`,
        found: part,
        expected: `a name, a pattern such as ${JSON.stringify(`${layers[0]?.name.slice(0, 4) ?? ""}*`)}, or numbers from 1 to ${layers.length}`,
        ...(part === "" ? {} : { known: layers.map(({ name }) => name) }),
      });
    }
    for (const layer of found) chosen.add(layer);
  }
  const kept = layers.filter((layer) => chosen.has(layer));
  const remark = `only ${kept.length} of ${layers.length} layers were run: --layers ${selection}`;
  const gaps = kept.flatMap((layer, i) => (i > 0 && layers[layers.indexOf(layer) - 1] !== kept[i - 1] ? [i] : []));
  return { ...network, layers: kept, gaps, warnings: [...network.warnings, remark] };
}

/** Parts between commas; an empty selection is one empty part, which matches nothing. */
function partsOf(selection: string): readonly string[] {
  const parts = selection.split(",").map((part) => part.trim());
  const filled = parts.filter((part) => part !== "");
  return filled.length === 0 ? [""] : filled;
}

function matching(layers: readonly ComputeLayer[], part: string): readonly ComputeLayer[] {
  const named = layers.filter(({ name }) => name === part);
  if (named.length > 0) return named;
  const range = /^(\d{1,9})(-(\d{0,9}))?$/.exec(part);
  if (range !== null) {
    const first = Number(range[1]);
    const last = range[2] === undefined ? first : range[3] === "" ? layers.length : Number(range[3]);
    if (first < 1 || last > layers.length || first > last) return [];
    return layers.slice(first - 1, last);
  }
  if (!/[*?]/.test(part)) return [];
  return layers.filter(({ name }) => matchesPattern(name, part));
}

/** Whether a pattern with `*` (any text) and `?` (one character) covers all of `name`; never more than length times length steps. */
export function matchesPattern(name: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    if (from < pattern.length && (pattern[from] === "?" || pattern[from] === name[at]) && pattern[from] !== "*") {
      at++;
      from++;
    } else if (pattern[from] === "*") {
      star = from++;
      resume = at;
    } else if (star >= 0) {
      from = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[from] === "*") from++;
  return from === pattern.length;
}
