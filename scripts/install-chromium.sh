#!/usr/bin/env bash
# Prints the path of a Chromium for the browser tests, installing Debian's where that is possible.
# Exit code 3, with the reason on standard error, where there is none to be had.
set -euo pipefail

find_chromium() {
  local candidate
  for candidate in "${HEDDLE_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$candidate" ] && command -v "$candidate"; then return 0; fi
  done
  return 1
}

if find_chromium; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "no Chromium: none is installed, and this is not root on a Debian-like system" >&2
  exit 3
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get install -y --no-install-recommends chromium ||
  { apt-get update && apt-get install -y --no-install-recommends chromium; }; } </dev/null >&2; then
  echo "no Chromium: apt-get could not install it" >&2
  exit 3
fi
find_chromium
