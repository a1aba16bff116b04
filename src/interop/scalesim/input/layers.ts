// A topology as SCALE-Sim itself reads it: columns by position, one stride, depth-wise rows as one layer a channel. What
// its reader refuses (blank rows, missing trailing commas, extra columns, byte order marks) is read all the same.

import { InputError } from "../../../base/error.ts";
import type { ScalesimLayer } from "../scalesim.ts";
import type { Header, InFile, Row, TopologyKind } from "./topology-header.ts";
import { looksLikeLayer, readHeader, readHeaderByPosition, readRows } from "./topology-header.ts";
import type { RowNotes, TopologyRow } from "./topology-rows.ts";
import { listed, newRowNotes, readTopologyRow, rowWarnings } from "./topology-rows.ts";
import { checkedOperation, isDepthwise } from "./topology.ts";

export interface LayersOptions {
  /** Shown in errors. */
  readonly file?: string;
  /** What the command line's -i says; taken from the titles where it says nothing. */
  readonly input?: TopologyKind;
}

export interface ScalesimLayers {
  readonly layers: readonly ScalesimLayer[];
  readonly input: TopologyKind;
  /** What was read otherwise than the file seems to say, for the user. */
  readonly notes: readonly string[];
}

/** Layers that depth-wise rows and batches may come to, before anything is allocated for them. */
const MAXIMUM_LAYERS = 2 ** 18;

/**
 * The layers of a topology with SCALE-Sim's own meaning.
 *
 * conv: `name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides[, N:M]`. A row whose
 * name contains `DP` becomes `Channels` layers of one channel and all filters each, `<name>Channel_<i>`.
 * gemm: `name, M, N, K[, N:M]` as an image M x K, filters 1 x K, one channel, N filters, stride 1.
 *
 * Columns go by position whatever their titles. The last cell of a row that no comma follows is dropped where it is past
 * the dimensions, as SCALE-Sim does. A batch column, which SCALE-Sim does not have, multiplies the M of a gemm and
 * repeats a convolution, `<name>Image_<i>`. Names may repeat.
 *
 * Throws InputError with file, line, column and field for rows that are not like that, for a header that is recognisably
 * of the other kind than `input`, and, without `input`, for a header that is of neither.
 */
export function readScalesimLayers(text: string, options: LayersOptions): ScalesimLayers {
  const file = options.file === undefined ? {} : { file: options.file };
  const rows = readRows(text);
  const [first] = rows;
  if (first === undefined) throw new InputError({ ...file, message: "empty topology", expected: "a header row" });
  const notes = newNotes();
  const input = options.input ?? readHeader(first, file, new Set()).kind;
  if (options.input === undefined) notes.remarks.add(`read as ${input}, which the titles are of`);
  const header = readHeaderByPosition(first, input, file, notes.remarks);
  // SCALE-Sim skips the first line whatever is in it, be it a layer or nothing.
  const untitled = looksLikeLayer(first);
  if (untitled && first.line === 1) notes.remarks.add("line 1 is skipped as the header, but looks like a layer");
  const layers: ScalesimLayer[] = [];
  for (const row of untitled && first.line > 1 ? rows : rows.slice(1)) {
    const read = readTopologyRow(withoutUnclosed(row, header, notes), header, file, notes);
    if (read === undefined) continue;
    const count = layersOf(read, header);
    if (count > 1 && layers.length + count > MAXIMUM_LAYERS) {
      throw tooMany(layers.length + count, row, read, header, file);
    }
    for (const layer of expand(read, header, file, notes)) layers.push(layer);
  }
  if (layers.length === 0) {
    throw new InputError({ ...file, message: "no layers", expected: "one row or more under the header" });
  }
  return { layers, input, notes: notesOf(notes) };
}

interface Notes extends RowNotes {
  readonly dropped: string[];
  readonly depthwise: string[];
  readonly batches: string[];
}

const newNotes = (): Notes => ({ ...newRowNotes(), dropped: [], depthwise: [], batches: [] });

const notesOf = (notes: Notes): readonly string[] => [
  ...rowWarnings(notes),
  ...listed("last cells dropped as SCALE-Sim does, for no comma follows them", notes.dropped),
  ...listed("depth-wise by SCALE-Sim's rule (DP in the name), one layer a channel", notes.depthwise),
  ...listed("batches, which SCALE-Sim does not have", notes.batches),
];

/** The row without its last cell where SCALE-Sim would lose that, unless it is one of the dimensions. */
function withoutUnclosed(row: Row, header: Header, notes: Notes): Row {
  const last = row.cells.at(-1);
  if (row.closed || last === undefined || row.cells.length <= header.titles.length + 1) return row;
  (last.text.startsWith("#") ? notes.comments : notes.dropped).push(`"${last.text}" (line ${row.line})`);
  return { ...row, cells: row.cells.slice(0, -1) };
}

/** Layers that a row stands for. */
function layersOf({ name, sizes, batch = 1 }: TopologyRow, header: Header): number {
  return header.kind === "gemm" ? 1 : batch * (isDepthwise(name) ? (sizes[4] ?? 0) : 1);
}

function tooMany(count: number, row: Row, { name }: TopologyRow, header: Header, file: InFile): InputError {
  const extra = header.extras.findIndex(({ use }) => use === "batch");
  const [index, path] = isDepthwise(name)
    ? [5, header.titles[4]]
    : [header.titles.length + 1 + extra, header.extras[extra]?.title];
  return new InputError({
    ...file,
    line: row.line,
    column: row.cells[index]?.column ?? 1,
    path: path ?? "",
    message: "the row and those above it come to too many layers",
    found: String(count),
    expected: `at most ${MAXIMUM_LAYERS}`,
  });
}

function expand(row: TopologyRow, header: Header, file: InFile, notes: Notes): readonly ScalesimLayer[] {
  const batch = row.batch ?? 1;
  checkedOperation(row, header, batch, file);
  const sparsity = row.sparsity ?? { kept: 1, block: 1 };
  if (header.kind === "gemm") {
    const [M = 0, N = 0, K = 0] = row.sizes;
    if (batch > 1) notes.batches.push(`"${row.name}" (${batch} x M = ${M * batch})`);
    const shape = { ifmapHeight: M * batch, ifmapWidth: K, filterHeight: 1, filterWidth: K };
    return [{ name: row.name, ...shape, channels: 1, filters: N, stride: 1, sparsity }];
  }
  const [ifmapHeight = 0, ifmapWidth = 0, filterHeight = 0, filterWidth = 0, channels = 0, filters = 0, stride = 0] =
    row.sizes;
  const depthwise = isDepthwise(row.name);
  if (depthwise) notes.depthwise.push(`"${row.name}" (${channels} layers)`);
  if (batch > 1) notes.batches.push(`"${row.name}" (${batch} images, one layer each)`);
  const shape = { ifmapHeight, ifmapWidth, filterHeight, filterWidth };
  const layer = { ...shape, channels: depthwise ? 1 : channels, filters, stride, sparsity };
  const images = batch === 1 ? [row.name] : Array.from({ length: batch }, (_, i) => `${row.name}Image_${i}`);
  return images.flatMap((image) =>
    depthwise
      ? Array.from({ length: channels }, (_, i) => ({ name: `${image}Channel_${i}`, ...layer }))
      : [{ name: image, ...layer }],
  );
}
