#!/usr/bin/env bash
# Storage formats: makes a tensor that is one quarter full, prints its exact size in every format, writes it through
# one of them, and turns a network into a SCALE-Sim topology and back.
# Run from the repository's root; with heddle installed, the next two lines are not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }
OUT=${OUT:-$(mktemp -d)}

node --input-type=module -e '
  import { writeFileSync } from "node:fs";
  const data = Int8Array.from({ length: 64 * 256 }, (_, i) => (i % 4 === 1 ? (i % 127) + 1 : 0));
  const head = "{\x27descr\x27: \x27|i1\x27, \x27fortran_order\x27: False, \x27shape\x27: (64, 256), }".padEnd(117) + "\n";
  writeFileSync(process.argv[1], Buffer.concat([Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"), Buffer.from(head), Buffer.from(data.buffer)]));
' "$OUT/weights.npy"
heddle convert "$OUT/weights.npy"
heddle convert "$OUT/weights.npy" "$OUT/back.npy" --format "run-length(4)"
cmp "$OUT/weights.npy" "$OUT/back.npy"

heddle convert resnet18 "$OUT/resnet18.csv"
heddle run "$OUT/resnet18.csv" --on systolic --layers 1-4
