#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run_readme.sh README WEFT: does what a reader of README would do. Saves its TOML block as the name that the page gives,
# runs the commands of its sh block one by one, and looks at what they left. Files named on the page have to exist.
set -euo pipefail
readme=$1
weft=$2
root=$(dirname "$readme")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
block() { awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } $0 == "```" { inside = 0 } inside' "$readme"; }

while read -r link; do
  [ -e "$root/$link" ] || fail "$readme links $link, which does not exist"
done < <(grep -o ']([^)]*)' "$readme" | tr -d ']()')
for script in tools/quickstart tools/test; do
  grep -q "\`$script" "$readme" && [ -x "$root/$script" ] || fail "$script is not on the page, or cannot be run"
done

name=$(sed -n 's/^Save this as `\(.*\)`:$/\1/p' "$readme")
cd "$home"
block toml > "$name"
ln -s "$(realpath "$root")/configs" configs
[ -s "$name" ] || fail "no pipeline in $readme"
export HOME=$home PATH=$(dirname "$weft"):$PATH
unset WEFT_CONFIG XDG_CONFIG_HOME XDG_STATE_HOME

commands=0
while IFS= read -r command; do
  echo "\$ $command"
  bash -c "$command" </dev/null || fail "'$command' ended with $?"
  commands=$((commands + 1))
done < <(block sh | grep '^weft ')
[ "$commands" -ge 5 ] || fail "only $commands commands in $readme"
for film in shots.mp4 sea.mp4 film.mp4; do
  [ -n "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$film")" ] || fail "$film is no film"
done
