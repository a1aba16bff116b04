// The film of one tile on a systolic grid: the stepped machine is run on it with the layer's values, and watched.

import { arithmetic } from "../../component/arithmetic.ts";
import { InputError } from "../../base/error.ts";
import { formatBits } from "../../component/component.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { loweredValues } from "../../workload/lowered-values.ts";
import { operandsOf } from "../check.ts";
import { mapLayer } from "../grid/map-layer.ts";
import { overlapCycles } from "../grid/overlap.ts";
import type { GridPiece, TilePlace } from "../grid/piece.ts";
import { pieceOf, placeOf } from "../grid/piece.ts";
import { channelAt } from "../grid/prepare-grid.ts";
import { stepMachine } from "../grid/stepped-machine.ts";
import type { SteppedResult } from "../grid/stepped-machine.ts";
import type { PreparedGrid } from "../prepared.ts";
import { record } from "./film.ts";
import { gridParts, gridPicture } from "./grid/picture.ts";
import { watchGrid } from "./grid/watch.ts";
import type { GridStory } from "./grid/words.ts";
import { gridCaptions, gridProgram, gridSentences, gridTimeline, gridTitle } from "./grid/words.ts";
import type { ReplayOptions } from "./options.ts";
import { checkParts, checkTile, mostSeededValue } from "./options.ts";
import type { Replay } from "./replay.ts";

/** Vectors that are stepped at most: a tile of more is shown, and compared, as far as these go. */
const mostVectors = 2 ** 14;

/**
 * Films a tile of a layer as if it were all that the machine had to do. Throws InputError where the layer has no such
 * tile, the mapping is unknown, or the picture would have more than `mostParts` parts.
 */
export function replayGrid(
  layer: ComputeLayer,
  prepared: PreparedGrid,
  mappingName: string,
  options: ReplayOptions,
): Replay {
  const { machine, gridMachine, dramName } = prepared;
  const { grid, routes } = gridMachine;
  const mapping = machine.mappings[mappingName];
  if (mapping === undefined) {
    const known = Object.keys(machine.mappings);
    throw new InputError({
      path: "mapping",
      message: `${machine.name} has no such mapping`,
      found: mappingName,
      known,
    });
  }
  checkParts(gridParts(grid.rows, grid.columns, mapping), options, `${grid.rows} x ${grid.columns} units`);
  const mapped = mapLayer(layer, prepared, mappingName, mapping);
  checkTile(mapped.plan.tiles, options);
  const operands = operandsOf(layer, mapped.product, grid, options.seed, mostSeededValue);
  if (operands === undefined) {
    throw new InputError({ path: `layer ${layer.name}`, message: "too large to make up values for" });
  }
  const values = loweredValues(layer.operation, mapping.grouping, operands.A, operands.B);
  const whole = placeOf(mapped, prepared, options.tile);
  const place = stepped(whole, mapping.stationary, Math.max(mostVectors, options.mostCycles));
  const piece = pieceOf(mapped, prepared, place, values);
  const channel = channelAt(prepared, mapping.clock);
  const closed = overlapCycles(piece.plan.program, channel);
  const tileCycles =
    place === whole ? closed : overlapCycles(pieceOf(mapped, prepared, whole, values).plan.program, channel);

  const picture = gridPicture(prepared, mapping);
  const film = record(picture, Math.min(closed, options.mostCycles));
  const [rows, columns] = extentsOn(place, mapping.stationary);
  const watch = watchGrid(
    picture,
    {
      rows,
      columns,
      program: piece.plan.program,
      vectorInterval: piece.plan.vectorInterval,
      hidden: grid.preload === "hidden" && mapping.stationary !== "outputs",
      words: { A: place.m.length * place.k.length, B: place.k.length * place.n.length },
      bytes: {
        A: formatBits[grid.operand] / 8,
        B: formatBits[grid.operand] / 8,
        C: formatBits[gridMachine.output] / 8,
      },
    },
    film,
  );
  const run = stepMachine(piece.product, piece.plan, grid, mapping, channel, piece.values, watch);
  watch.finish();
  const cycles = Math.min(run.cycles, film.cycles);
  const story: GridStory = {
    picture,
    mapping,
    place,
    extents: mapped.product,
    marks: watch.marks,
    skewCycles: piece.plan.skewCycles,
    offChip: dramName !== undefined && routes.C.homeMemory === undefined,
  };
  const part =
    place === whole
      ? []
      : [`The tile streams more vectors than are stepped here: figures are of the first ${mostVectors} of them.`];
  return {
    title: gridTitle(layer.name, machine.name, mappingName, picture.roles, options.tile, mapped.plan.tiles),
    sentences: [
      ...gridSentences(story),
      channel.bytesPerCycle === Infinity
        ? "The memory off chip has no limit here: operands are in their buffers at once."
        : "The tile has the machine to itself; in the layer its operands come while the tile before it runs.",
      ...part,
    ],
    cycles,
    ...(tileCycles > cycles ? { of: tileCycles } : {}),
    tiles: mapped.plan.tiles,
    parts: picture.parts,
    links: picture.links,
    ...film.frames(cycles),
    timeline: gridTimeline(story, cycles),
    program: gridProgram(story, cycles),
    captions: gridCaptions(story, cycles),
    agreement: agreement(run, closed, piece, grid.accumulator),
  };
}

/** Rows and columns of the array that a tile uses. */
const extentsOn = ({ m, n, k }: TilePlace, stationary: "weights" | "inputs" | "outputs"): readonly [number, number] =>
  stationary === "weights"
    ? [k.length, m.length]
    : stationary === "inputs"
      ? [k.length, n.length]
      : [n.length, m.length];

/** The tile with at most so many vectors; the tile itself where it has no more. */
function stepped(place: TilePlace, stationary: "weights" | "inputs" | "outputs", most: number): TilePlace {
  const axis = stationary === "weights" ? "n" : stationary === "inputs" ? "m" : "k";
  const { from, length } = place[axis];
  return length <= most ? place : { ...place, [axis]: { from, length: most } };
}

/** The stepped machine's figures beside those of the closed forms, and its results beside plain sums. */
function agreement(
  { cycles, events, words, output }: SteppedResult,
  closed: number,
  { product, plan, values }: GridPiece,
  accumulator: keyof typeof arithmetic,
): Replay["agreement"] {
  const { add } = arithmetic[accumulator];
  const { M, N, K } = product;
  let equal = 0;
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += values.a(0, m, k) * values.b(0, k, n);
      // Narrow accumulators wrap.
      if (output[m * N + n] === add(sum, 0)) equal++;
    }
  }
  return [
    { figure: "cycles", stepped: cycles, run: closed },
    { figure: "multiplications", stepped: events.multiplyAccumulate, run: plan.events.multiplyAccumulate },
    { figure: "registers written with streamed words", stepped: events.streamHop, run: plan.events.streamHop },
    { figure: "registers written with sums", stepped: events.partialSumHop, run: plan.events.partialSumHop },
    { figure: "registers written by the preload", stepped: events.loadHop, run: plan.events.loadHop },
    { figure: "sums that left the array", stepped: words.sumsWritten, run: M * N },
    { figure: "results equal to plain sums of products", stepped: equal, run: M * N },
  ];
}
