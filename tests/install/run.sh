#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the build tree $BUILD of $SOURCE into an empty prefix; builds the SDK's examples and the embedding example in
# folders of their own, against that prefix alone; runs a pipeline with each. CMakeLists.txt beside it sets the variables.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
prefix=$place/prefix
weft=$prefix/$BINDIR/weft
export CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER
CMAKE_C_COMPILER_LAUNCHER=$(command -v ccache || true)
CMAKE_CXX_COMPILER_LAUNCHER=$CMAKE_C_COMPILER_LAUNCHER

# Nothing that the person at this machine has configured.
cd "$place"
unset WEFT_CONFIG
run_weft() { XDG_CONFIG_HOME=$place/none XDG_STATE_HOME=$place/none "$weft" "$@"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# build EXAMPLE: copied out of the tree, so that nothing but the prefix can help it. Answers the build folder.
build() {
  local folder=$place/$(basename "$1")
  cp -r "$SOURCE/$1" "$folder"
  "$CMAKE" -G Ninja -S "$folder" -B "$folder/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE= \
    -DWEFT_PROGRAM="$weft" >"$folder.log" 2>&1 && "$CMAKE" --build "$folder/build" >>"$folder.log" 2>&1 || {
    cat "$folder.log" >&2
    fail "$1 cannot be built against $prefix"
  }
  echo "$folder/build"
}

# echo_works FOLDER: the plugin in it passes the check and does a task of a pipeline.
echo_works() {
  run_weft plugin check "$1/echo.so"
  cat > "$1/weft.toml" <<END
plugins = ["$1"]
[state]
path = "$1/state"
[services.echo]
component = "echo"
price     = 0
[operations."text.echo"]
summary = "Give back the text"
[operations."text.echo".params]
properties = { text = { type = "string" }, steps = { type = "integer" } }
required   = ["text"]
[operations."text.echo".outputs.text]
media_type = "*/*"
END
  cat > "$1/echo.toml" <<'END'
[pipeline]
name = "echo"
[tasks.say]
operation = "text.echo"
params    = { text = "from outside" }
[outputs]
said = "${tasks.say.text}"
END
  run_weft --config "$1/weft.toml" run "$1/echo.toml" -o "said=$1/said.txt"
  grep -q "from outside" "$1/said.txt" || fail "the plugin in $1 did not echo"
}

"$CMAKE" --install "$BUILD" --prefix "$prefix" >"$place/install.log" || { cat "$place/install.log" >&2; exit 1; }
if found=$(grep -rlF -e "$SOURCE" -e "$BUILD" "$prefix/$LIBDIR/cmake"); then
  fail "the installed package points into the tree it came from: $found"
fi

for plugin in media storyboard; do
  run_weft plugin list | grep -F "$prefix/$LIBDIR/weft/plugins/$plugin.so" || fail "the moved weft does not find $plugin"
done

for example in sdk/examples/echo_c sdk/examples/echo_cpp; do
  folder=$(build "$example")
  echo_works "$folder"
done

embed=$(build runtime/examples/embed)/embed
cat > "$place/picture.toml" <<'END'
[pipeline]
name = "picture"
[tasks.picture]
operation = "image.generate"
params    = { prompt = "a lighthouse", width = 64, height = 64 }
END
# A program outside the prefix is told where the plugins are, as its user would be.
printf 'plugins = ["%s"]\n[services.storyboard]\ncomponent = "storyboard"\nprice = 0\n' \
  "$prefix/$LIBDIR/weft/plugins" > "$place/weft.toml"
WEFT_CONFIG=$place/weft.toml "$embed" "$place/picture.toml" | tee "$place/events"
for type in run.submitted task.started task.succeeded run.succeeded; do
  grep -q " $type " "$place/events" || fail "the embedding program saw no $type"
done
WEFT_CONFIG=$place/weft.toml "$embed" "$place/nothing.toml" && fail "a missing definition was carried out"
echo "installed, built, run"
