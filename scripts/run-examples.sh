#!/usr/bin/env bash
# Runs every example (examples/*.sh and examples/*.ts) from the repository root, in a copy of nothing: what an example
# writes goes below the folder in $OUT. Prints a failing example's output.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
shopt -s nullglob

failed=0
count=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for example in examples/*.sh examples/*.ts; do
  count=$((count + 1))
  export OUT="$scratch/$(basename "$example")"
  mkdir -p "$OUT"
  runner=(bash)
  [[ $example == *.ts ]] && runner=(node)
  start=$SECONDS
  code=0
  timeout 300 "${runner[@]}" "$example" </dev/null >"$scratch/log" 2>&1 || code=$?
  if [ "$code" = 0 ]; then
    echo "ok   $example ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    echo "FAIL $example (exit code $code)"
    tail -n 40 "$scratch/log"
  fi
done
echo "$count examples, $failed failed"
[ "$failed" = 0 ] && [ "$count" != 0 ]
