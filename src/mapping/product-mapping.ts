// How a product of two sparse matrices is laid on an array: which loop is innermost, and which operand rests in it.

/**
 * inner: intersects a row of A with a column of B for each output; outer: multiplies a column of A with a row of B and
 * merges the partial matrices; gustavson: scales the rows of B that a row of A selects and merges them.
 */
export type ProductDataflow = "inner" | "outer" | "gustavson";

export interface ProductMapping {
  readonly kind: "product";
  readonly dataflow: ProductDataflow;
  /** Which dimension's operand is stationary: M rests A and streams B; N is the same on the transposed product. */
  readonly stationary: "M" | "N";
  /** Hertz. */
  readonly clock: number;
  /** Where the machine takes its operands otherwise than the dataflow by itself (`compressionOf`). */
  readonly formats?: OperandCompression;
}

/** Compressed by rows or by columns, or values beside a bitmap, which may be read either way. */
export type Compression = "csr" | "csc" | "bitmap";

export type OperandCompression = Readonly<Record<"A" | "B" | "C", Compression>>;

/** How operands must come and how the result leaves, by dataflow and resting operand. */
export function compressionOf({
  dataflow,
  stationary,
  formats,
}: Pick<ProductMapping, "dataflow" | "stationary" | "formats">): OperandCompression {
  if (formats !== undefined) return formats;
  const output: Compression = stationary === "M" ? "csr" : "csc";
  switch (dataflow) {
    case "inner":
      return { A: "csr", B: "csc", C: output };
    case "outer":
      return { A: "csc", B: "csr", C: output };
    case "gustavson":
      return { A: output, B: output, C: output };
  }
}

/** Names as the command line has them: `gustavson-m`. */
export const productMappingName = ({ dataflow, stationary }: Pick<ProductMapping, "dataflow" | "stationary">): string =>
  `${dataflow}-${stationary.toLowerCase()}`;
