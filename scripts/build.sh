#!/bin/sh
# Build one homework's C++ extension, or bring it up to date: scripts/build.sh hw0
set -eu
cd "$(dirname "$0")/.."
homework=$1
bin=$(cd "${BIN:-.venv/bin}" && pwd)
build=$homework/build
PATH=$bin:$PATH
# A checkout that was moved or copied carries a build folder that knows its old place.
if [ -f "$build/CMakeCache.txt" ] && ! grep -qx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD/$homework" "$build/CMakeCache.txt"; then
    rm -rf "$build"
fi
if [ ! -f "$build/build.ninja" ]; then
    rm -rf "$build"
    cmake -S "$homework" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPython_EXECUTABLE="$bin/python" >"$build.log" 2>&1 || {
        cat "$build.log"; rm -f "$build.log"; echo "make lib: cmake could not prepare $homework (above)" >&2; exit 1; }
    rm -f "$build.log"
fi
if ! output=$(ninja -C "$build" 2>&1); then
    rm -f "$homework"/src/*.so # an older module must not stand in for what does not compile
    printf '%s\n' "$output"
    echo "make lib: $homework does not compile; the first 'error:' above names the file and line" >&2
    exit 1
fi
