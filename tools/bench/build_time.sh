#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build_time.sh [PRESET]: how long the tree takes to build, from nothing and after a change of one file, without ccache.
# Prints wall and CPU seconds. It builds in a folder of its own, which goes at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=${1:-release}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CCACHE_DISABLE=1

# measure NAME GOAL_SECONDS COMMAND...
measure() {
  local name=$1 goal=$2 spent
  shift 2
  TIMEFORMAT='%R %U %S'
  spent=$({ time "$@" >"$folder/log" 2>&1 || { tail -20 "$folder/log" >&2; exit 1; }; } 2>&1)
  read -r wall user system <<<"$spent"
  printf '%-32s %8.1f s wall  %8.1f s CPU  goal %s s\n' "$name" "$wall" "$(awk "BEGIN { print $user + $system }")" "$goal"
}
build() { cmake --build "$folder/tree"; }

cmake --preset "$preset" -B "$folder/tree" >/dev/null
measure "clean build" 360 build
for change in runtime/src/engine/core.cpp runtime/src/shell/executor.cpp; do
  touch "$change"
  measure "after a change of $(basename "$change")" 15 build
done
