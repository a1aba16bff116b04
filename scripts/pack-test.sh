#!/usr/bin/env bash
# What a user of the package gets: packs it, installs the tarball in an empty project without its optional packages,
# imports every entry, resolves the types under both module resolutions, and runs the command.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$root/node_modules/.bin:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cd "$root"
tarball=$(npm pack --silent --pack-destination "$scratch" </dev/null | tail -n 1)
echo "packed $tarball: $(wc -c <"$scratch/$tarball") bytes, $(tar -tf "$scratch/$tarball" | wc -l) files"
if tar -tf "$scratch/$tarball" | grep -E '\.test\.|/test/|^package/(src|test|scripts|tools|node_modules)/'; then
  echo "the tarball holds files that are none of a user's"
  exit 1
fi

project="$scratch/project"
mkdir "$project"
cd "$project"
echo '{ "name": "uses-heddle", "version": "1.0.0", "private": true, "type": "module" }' >package.json
npm install --omit=optional --prefer-offline --no-fund --no-audit "$scratch/$tarball" </dev/null
[ ! -e node_modules/.bin/node ] || { echo "the package drags a Node along"; exit 1; }

node --input-type=module -e '
  import { readFileSync, writeFileSync } from "node:fs";
  const manifest = JSON.parse(readFileSync("node_modules/heddle/package.json", "utf8"));
  const entries = Object.keys(manifest.exports).filter((path) => !path.endsWith(".json"));
  const lines = [];
  for (const [i, path] of entries.entries()) {
    const name = path.replace(/^\./, "heddle");
    const module = await import(name);
    const values = Object.keys(module);
    console.log(`import ${name}: ${values.length} values`);
    if (values.length === 0) throw new Error(`${name} exports no value`);
    lines.push(`import * as entry${i} from "${name}";`, `export const value${i}: object = entry${i};`);
    lines.push(`// @ts-expect-error the types must be resolved, so that a wrong name is an error`);
    lines.push(`export const wrong${i} = entry${i}.thereIsNoSuchName;`);
  }
  writeFileSync("use.ts", lines.join("\n") + "\n");
'
for resolution in nodenext bundler; do
  module=$([ "$resolution" = bundler ] && echo esnext || echo nodenext)
  cat >tsconfig.json <<JSON
{ "compilerOptions": { "strict": true, "noEmit": true, "target": "es2023", "lib": ["es2024", "dom"], "types": ["node"],
  "typeRoots": ["$root/node_modules/@types"], "skipLibCheck": false, "exactOptionalPropertyTypes": true,
  "module": "$module", "moduleResolution": "$resolution" }, "files": ["use.ts"] }
JSON
  tsc -p .
  echo "types resolve with moduleResolution $resolution"
done

npx --no-install heddle list >list.txt
[ -s list.txt ] || { echo "heddle list printed nothing"; exit 1; }
npx --no-install heddle run resnet50 --on arrayflex --json >run.json
node --input-type=module -e '
  import { readFileSync } from "node:fs";
  const run = JSON.parse(readFileSync("run.json", "utf8"));
  if (run.version !== 1 || !(run.layers.length > 50) || !(run.total.cycles > 0)) throw new Error("run.json is not a run");
  console.log(`heddle run: ${run.layers.length} layers, ${run.total.cycles} cycles`);
'
status=0
npx --no-install heddle run resnet50 --on no-such-machine >out.txt 2>error.txt || status=$?
[ "$status" = 2 ] || { echo "an unknown accelerator exits with $status, expected 2"; cat error.txt; exit 1; }
[ ! -s out.txt ] || { echo "an unknown accelerator prints on standard output"; exit 1; }
echo "the package works in an empty project"
