// Every element, row-major, no metadata.

import { elementCount, tensor } from "../tensor.ts";
import { damaged, valueBits } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface DenseFormat {
  readonly kind: "dense";
}

/** elements x value width. */
export const dense = (): DenseFormat => ({ kind: "dense" });

export const denseOperations: FormatOperations<DenseFormat> = {
  parameters: [],
  create: dense,
  valuesOf: () => [],
  encode: ({ type, shape, data }) => ({ type, shape, values: data.slice(), metadata: {} }),
  decode({ type, shape, values }) {
    const count = elementCount(shape);
    if (values.length !== count) throw damaged("values", `${count} values`, values.length);
    return tensor(type, shape, values.slice());
  },
  sizeBits: ({ type, shape }) => valueBits(type, elementCount(shape)),
};
