// The body of a worker thread: counts the entries of some rows of a sparse product.

import { rowRange } from "../tensor/sparse-matrix.ts";
import { countProduct } from "../workload/sparse-product.ts";
import type { CountTask } from "./count-product.ts";

export default ({ A, B, from, to }: CountTask): number => countProduct(rowRange(A, from, to), B).outputNonZeros;
