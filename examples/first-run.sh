#!/usr/bin/env bash
# The first run: what there is, one network on one machine, where its cycles went, and the same as a page.
# Run from the repository's root; with heddle installed, the next two lines are not needed.
set -euo pipefail
heddle() { node src/cli/main.ts "$@"; }
OUT=${OUT:-$(mktemp -d)}

heddle list accelerators
heddle show arrayflex
heddle run resnet18 --on arrayflex --html "$OUT/resnet18.html"

# One layer, written as a shape, on a small array behind a slow memory: bandwidth now shows in the cycle stack.
heddle run conv:C=64,H=56,K=64,R=3,pad=1 --on systolic --set rows=32 --set columns=32 --bandwidth 16GB/s

echo "the report is $OUT/resnet18.html"
