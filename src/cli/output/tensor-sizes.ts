// The exact size of a tensor in storage formats, as a table and as JSON.

import { InputError } from "../../base/error.ts";
import { jsonDocument } from "../../report/json.ts";
import { table } from "../../report/table.ts";
import { engineering, grouped, significant } from "../../report/units.ts";
import type { Format } from "../../tensor/format.ts";
import { decode, encode, formatText, parseFormat, sizeBits } from "../../tensor/format.ts";
import { countNonZeros, wordsOf } from "../../tensor/tensor.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Shown when no format is asked for: each kind with the parameters that its best-known machine uses. */
const usual = [
  "dense",
  "bitmap",
  "csr",
  "csc",
  "coo",
  "run-length(4)",
  "run-length(5)",
  "zvc(32)",
  "nm(2, 4)",
  "dbb(4, 8)",
];

/** A format and its size, or why the tensor does not fit it. */
export interface FormatSize {
  readonly format: string;
  readonly bits?: number;
  readonly reason?: string;
}

/**
 * Sizes in the formats that `wanted` names, or in the usual ones. Throws InputError for an unknown format, and for a
 * wanted one that the tensor does not fit.
 */
export function measureFormats(tensor: Tensor, wanted: readonly string[]): readonly FormatSize[] {
  const formats: readonly Format[] = (wanted.length === 0 ? usual : wanted).map((text) => parseFormat(text));
  return formats.map((format): FormatSize => {
    try {
      return { format: formatText(format), bits: sizeBits(tensor, format) };
    } catch (error) {
      if (!(error instanceof InputError) || wanted.length > 0) throw error;
      const { path, message } = error.fault;
      return { format: formatText(format), reason: path === undefined ? message : `${path}: ${message}` };
    }
  });
}

/** The tensor after a way through the format. Throws if a single bit of a value changed, but for the sign of a zero. */
export function throughFormat(tensor: Tensor, text: string): Tensor {
  const back = decode(encode(tensor, parseFormat(text)));
  const before = wordsOf(tensor.data);
  const after = wordsOf(back.data);
  for (let i = 0; i < before.length; i++) {
    if (before[i] !== after[i] && !(tensor.data[i] === 0 && back.data[i] === 0)) {
      throw new Error(`format ${text} changed element ${i}`);
    }
  }
  return back;
}

export function sizesText(
  file: string,
  tensor: Tensor,
  sizes: readonly FormatSize[],
  page: { readonly width: number | undefined; readonly colour: boolean },
): string {
  const nonZeros = countNonZeros(tensor);
  const elements = tensor.data.length;
  const dense = elements * tensor.data.BYTES_PER_ELEMENT * 8;
  const head = `${file}: ${tensor.type} [${tensor.shape.join(", ")}], ${grouped(nonZeros)} of ${grouped(elements)} elements are not zero: density ${significant(nonZeros / elements, 4)}\n\n`;
  const rows = sizes.map(({ format, bits, reason }) =>
    bits === undefined
      ? [format, "-", "-", "-", reason ?? ""]
      : [format, grouped(bits), engineering(bits / 8, "B"), significant(bits / dense, 4), ""],
  );
  const columns = [
    { title: "format" },
    { title: "size", unit: "bit", align: "right" as const },
    { title: "size", unit: "B", align: "right" as const },
    { title: "to dense", unit: "ratio", align: "right" as const },
    { title: "", minimum: 10 },
  ];
  const plain = sizes.every(({ reason }) => reason === undefined);
  return (
    head +
    table(plain ? columns.slice(0, 4) : columns, plain ? rows.map((row) => row.slice(0, 4)) : rows, page.width, {
      colour: page.colour,
    })
  );
}

export function sizesJson(file: string, tensor: Tensor, sizes: readonly FormatSize[]): string {
  const nonZeros = countNonZeros(tensor);
  const dense = tensor.data.length * tensor.data.BYTES_PER_ELEMENT * 8;
  return jsonDocument({
    version: 1,
    file,
    type: tensor.type,
    shape: tensor.shape,
    elements: tensor.data.length,
    nonZeros,
    density: nonZeros / tensor.data.length,
    formats: sizes.map(({ format, bits, reason }) =>
      bits === undefined ? { format, reason } : { format, bits, ratio: bits / dense },
    ),
  });
}
