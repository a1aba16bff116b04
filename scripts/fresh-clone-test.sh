#!/usr/bin/env bash
# A newcomer's first minutes: clones the repository into an empty folder and runs the README's two commands there, with
# the machine's own Node and npm. Changes that are not committed yet are laid over the clone, and it says so.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
clone="$scratch/heddle"
git clone --quiet "$root" "$clone" 2>&1
if [ -n "$(git status --porcelain)" ]; then
  echo "the working tree has changes that are not committed; they are laid over the clone"
  git ls-files --deleted -z | (cd "$clone" && xargs -0 -r rm -f)
  git ls-files --cached --others --exclude-standard -z |
    while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
    tar --null -cf - -T - | tar -xf - -C "$clone"
fi

# The repository's own Node must not help: drop its folder from PATH, as a newcomer's shell has it.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v 'node_modules/.bin' | paste -sd:)
unset npm_config_prefix NODE_OPTIONS NODE_PATH HEDDLE_TEST_REPORT HEDDLE_TESTS
cd "$clone"
echo "machine: Node $(node --version), npm $(npm --version)"

command_of() { "$root/node_modules/.bin/node" "$root/scripts/readme-command.ts" "$1" "$clone/README.md"; }

run=$(command_of run)
echo "README, set up and run: $run"
start=$SECONDS
bash -euo pipefail -c "$run" </dev/null
echo "took $((SECONDS - start)) s"
report=$(grep -oE -- '--html[ =][^ ]+' <<<"$run" | head -n 1 | sed -E 's/--html[ =]//') || true
report=${report:-report.html}
[ -s "$report" ] || { echo "the command left no $report"; exit 1; }
grep -q '<svg' "$report" || { echo "$report holds no svg"; exit 1; }
echo "$report: $(wc -c <"$report") bytes, $(grep -o '<svg' "$report" | wc -l) pictures"

test=$(command_of test)
echo "README, set up and test: $test"
start=$SECONDS
HEDDLE_FRESH_CLONE=1 bash -euo pipefail -c "$test" </dev/null
echo "took $((SECONDS - start)) s"
echo "the two commands of the README work in a fresh clone"
