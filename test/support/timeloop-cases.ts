// Timeloop's recorded cases as loop nests: the problem and the mapping of its YAML files, in the few forms that the
// reference cases use, and the counts that it printed.

import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { NestProblem, OperandKey, Rank } from "../../src/mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "../../src/mapping/nest/schedule.ts";
import { sharedJson, sharedPath } from "../acceptance/shared.ts";

/** What Timeloop printed of one tensor at one level, per instance. */
export interface TimeloopCounts {
  readonly instances: number;
  readonly reads: number;
  readonly fills: number;
  readonly updates: number;
}

export interface TimeloopCase {
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly schedule: Schedule;
  readonly cycles: number;
  readonly computes: number;
  /** By level of the hierarchy, then by operand. */
  readonly counts: readonly Partial<Record<OperandKey, TimeloopCounts>>[];
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number => (typeof value === "number" ? value : 0);

const keyOf = (tensor: string): OperandKey => (tensor.startsWith("W") ? "A" : tensor.startsWith("I") ? "B" : "C");

/** The reference case of this name below ../shared/reference/timeloop. */
export function timeloopCase(id: string): TimeloopCase {
  const folder = `reference/timeloop/${id}`;
  const inputs = readdirSync(sharedPath(`${folder}/inputs`))
    .filter((file) => file.endsWith(".yaml") && !/[AE]RT\.yaml$/.test(file))
    .map((file) => readFileSync(sharedPath(`${folder}/inputs/${file}`), "utf8"))
    // Tagged files are the front end's own; the problem and the mapping of every case are in one without tags.
    .filter((content) => !/: !|- !/.test(content))
    .map((content) => fields(parse(content)));
  const problem = fields(
    inputs.find((input) => "instance" in fields(input["problem"]) && "shape" in fields(input["problem"]))?.["problem"],
  );
  // Where there are several, the one that the front end wrote out has the levels in order, those without memory too.
  const mapped = inputs.filter((input) => list(input["mapping"]).length > 0);
  const mapping = list((mapped.find((input) => "architecture" in input) ?? mapped[0])?.["mapping"]).map(fields);
  const recorded = fields(sharedJson(`${folder}/case.json`));
  const expected = fields(recorded["expected_head_4cf6d4c"] ?? recorded["expected"]);
  const levels = list(expected["levels"]).map(fields).slice(1).toReversed();
  const summary = fields(expected["summary"]);
  return {
    ...nestOf(problem, mapping, levels),
    cycles: number(summary["cycles"]),
    computes: number(summary["computes"]),
  };
}

function nestOf(
  problem: Fields,
  mapping: readonly Fields[],
  levels: readonly Fields[],
): Pick<TimeloopCase, "problem" | "hierarchy" | "schedule" | "counts"> {
  const shape = fields(problem["shape"]);
  const instance = fields(problem["instance"]);
  const names = list(shape["dimensions"]).map(text);
  const dimensions = names.map((name) => ({ name, size: number(instance[name]) }));
  const ranks = (tensor: Fields): Rank[] =>
    list(tensor["projection"]).map((rank): Rank => {
      const terms = list(rank).map((term) => {
        const [dimension, coefficient] = list(term).map(text);
        return {
          dimension: names.indexOf(dimension ?? ""),
          coefficient: coefficient === undefined ? 1 : number(instance[coefficient]),
        };
      });
      const extent = terms.reduce(
        (sum, term) => sum + term.coefficient * ((dimensions[term.dimension]?.size ?? 1) - 1),
        1,
      );
      return { name: terms.map(({ dimension }) => names[dimension]).join("+"), terms, offset: 0, extent };
    });
  const tensors = list(shape["data_spaces"] ?? shape["data-spaces"]).map(fields);
  const operand = (key: OperandKey): Rank[] =>
    tensors.filter((tensor) => keyOf(text(tensor["name"])) === key).flatMap(ranks);

  // Targets far to near, as the mapping names them in one direction or the other.
  const targets = [...new Set(mapping.map((entry) => text(entry["target"])))];
  const far = levels[0]?.["name"];
  const ordered = targets[0] === far ? targets : targets.toReversed();
  const left = dimensions.map(({ size }) => size);
  const kept = ordered.map((target) => fields(levels.find(({ name }) => name === target)?.["dataspaces"]));
  const scheduled = ordered.map((target) => {
    const temporal: Loop[] = [];
    const spatial: SpatialLoop[] = [];
    for (const kind of ["temporal", "spatial"]) {
      const entry = mapping.find((candidate) => candidate["target"] === target && candidate["type"] === kind);
      if (entry === undefined) continue;
      const factors = new Map(
        [...text(entry["factors"]).matchAll(/([A-Z])\s*=?\s*(\d+)/g)].map(([, name = "", factor]) => [
          name,
          Number(factor),
        ]),
      );
      // The permutation goes from the innermost loop outwards; what it leaves out follows.
      const order = [...text(entry["permutation"]).replaceAll(/[^A-Z]/g, "")];
      for (const name of [...order, ...names.filter((other) => !order.includes(other))].toReversed()) {
        const dimension = names.indexOf(name);
        const size = left[dimension] ?? 1;
        const factor = factors.get(name) ?? 1;
        const tile = factor === 0 ? 1 : Math.ceil(size / factor);
        if (tile === size) continue;
        left[dimension] = tile;
        if (kind === "temporal") temporal.push({ dimension, tile });
        else spatial.push({ dimension, tile, axis: "array" });
      }
    }
    return { temporal, spatial };
  });
  const ports = {
    bytes: Infinity,
    overlapped: true,
    readBytesPerCycle: Infinity,
    writeBytesPerCycle: Infinity,
    sharedPort: false,
  };
  return {
    problem: { dimensions, operands: { A: operand("A"), B: operand("B"), C: operand("C") } },
    hierarchy: {
      levels: ordered.map((name, level) => ({
        name,
        memories: [{ ...ports, name, operands: Object.keys(kept[level] ?? {}).map(keyOf) }],
        axes: [{ name: "array", units: 4096, reduction: "tree", multicast: true }],
      })),
      wordBytes: { A: 1, B: 1, C: 1, partial: 1 },
    },
    schedule: { levels: scheduled, bypass: ordered.map(() => []) },
    counts: kept.map((tensorsOfLevel) =>
      Object.fromEntries(
        Object.entries(tensorsOfLevel).map(([tensor, values]) => {
          const counts = fields(values);
          return [
            keyOf(tensor),
            {
              instances: number(counts["utilized_instances_max"]),
              reads: number(counts["scalar_reads_per_instance"]),
              fills: number(counts["scalar_fills_per_instance"]),
              updates: number(counts["scalar_updates_per_instance"]),
            },
          ];
        }),
      ),
    ),
  };
}
