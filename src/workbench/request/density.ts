// `--density`: what the user says of the operands, laid over what is measured, recorded or assumed.

import { InputError } from "../../base/error.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import { lower } from "../../workload/lowering.ts";

/** Fractions of non-zeros that the user gave. */
export interface GivenDensity {
  readonly A?: number;
  readonly B?: number;
}

/** Reads `0.5` (both operands), `A=0.3`, `A=0.3,B=0.5`, percentages too. Throws InputError for anything outside 0 to 1. */
export function parseDensity(text: string): GivenDensity {
  const path = "--density";
  const form = "0.5, or A=0.3,B=0.5 with A the weights and B the inputs";
  if (!text.includes("=")) {
    const both = fraction(text, path);
    return { A: both, B: both };
  }
  const given: { A?: number; B?: number } = {};
  for (const part of text.split(",")) {
    const [rawName = "", value = "", ...rest] = part.split("=");
    const name = rawName.trim().toUpperCase();
    if ((name !== "A" && name !== "B") || rest.length > 0) {
      throw new InputError({ path, message: "unknown operand", found: part.trim(), expected: form });
    }
    if (given[name] !== undefined) {
      throw new InputError({ path, message: `operand ${name} is given twice`, found: text, expected: form });
    }
    given[name] = fraction(value, `${path} ${name}`);
  }
  return given;
}

function fraction(text: string, path: string): number {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%?)\s*$/i.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (value >= 0 && value <= 1) return value;
  throw new InputError({ path, message: "bad density", found: text.trim(), expected: "a number from 0 to 1" });
}

/**
 * The network with the given densities in every compute layer. They replace measured ones, whose values are then
 * dropped, since the two would contradict each other; `replaced` counts the operands where that happened. Of two sparse
 * matrices the one that nothing was said of keeps its number of entries, though not their places.
 */
export function withDensity(
  network: Network,
  given: GivenDensity,
): { readonly network: Network; readonly replaced: number } {
  let replaced = 0;
  const layers = network.layers.map((layer) => {
    if (layer.kind !== "compute" || (given.A === undefined && given.B === undefined)) return layer;
    for (const operand of ["A", "B"] as const) {
      const lost = given[operand] !== undefined || layer.sparse !== undefined;
      if (lost && layer.densitySource[operand] === "measured") replaced++;
    }
    return withGiven(layer, given);
  });
  return { network: { ...network, layers }, replaced };
}

function withGiven({ values, sparse, nonZeros, ...layer }: ComputeLayer, given: GivenDensity): ComputeLayer {
  const A = given.A === undefined ? values?.A : undefined;
  const B = given.B === undefined ? values?.B : undefined;
  const known = nonZeros ?? (sparse === undefined ? undefined : { A: entries(sparse.A), B: entries(sparse.B) });
  const counted = known === undefined ? undefined : withGivenCounts(layer, known, given);
  return {
    ...layer,
    density: { A: given.A ?? layer.density.A, B: given.B ?? layer.density.B },
    densitySource: {
      A: given.A === undefined && sparse === undefined ? layer.densitySource.A : "given",
      B: given.B === undefined && sparse === undefined ? layer.densitySource.B : "given",
    },
    ...(A === undefined && B === undefined
      ? {}
      : { values: { ...(A === undefined ? {} : { A }), ...(B === undefined ? {} : { B }) } }),
    ...(counted === undefined ? {} : { nonZeros: counted }),
  };
}

const entries = (matrix: { readonly column: Uint32Array }): number => matrix.column.length;

/** Numbers of entries, those of a given density rounded. */
function withGivenCounts(
  { operation }: Pick<ComputeLayer, "operation">,
  known: NonNullable<ComputeLayer["nonZeros"]>,
  given: GivenDensity,
): NonNullable<ComputeLayer["nonZeros"]> {
  const { M, N, K } = lower(operation, "per-group");
  return {
    A: given.A === undefined ? known.A : Math.round(given.A * M * K),
    B: given.B === undefined ? known.B : Math.round(given.B * K * N),
  };
}
