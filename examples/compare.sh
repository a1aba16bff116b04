#!/usr/bin/env bash
# A fair comparison: the same network on three machines, first with equal resources, then as each was published.
# Run from the repository's root; with heddle installed, the next two lines are not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }
OUT=${OUT:-$(mktemp -d)}

heddle compare resnet50 --on systolic,arrayflex --html "$OUT/equal.html" --trace "$OUT/equal.trace.json"
heddle compare resnet50 --on tpu-v1,systolic,arrayflex --as-published --csv --output "$OUT/published.csv"

# What the paper of ArrayFlex claims, beside what the model gives.
heddle reproduce arrayflex

echo "the report is $OUT/equal.html; $OUT/equal.trace.json opens in Perfetto"
