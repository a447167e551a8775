#!/bin/sh
# Build one folder's C++ modules, or bring them up to date: scripts/build.sh hw0
#
# SAN=1 scripts/build.sh common/needle builds them with AddressSanitizer and UndefinedBehaviorSanitizer, in
# common/needle/build/sanitize/modules: slow, beside the ordinary ones, and for scripts/sanitized.sh to run.
# TARGETS="exercise" builds those targets alone.
set -eu
cd "$(dirname "$0")/.."
folder=$1
bin=$(cd "${BIN:-.venv/bin}" && pwd)
build=$folder/build
set -- -DCMAKE_BUILD_TYPE=Release -DPython_EXECUTABLE="$bin/python"
if [ -n "${SAN:-}" ]; then
    build=$build/sanitize
    set -- "$@" -DNEEDLE_SANITIZE=ON -DMODULE_OUTPUT_DIRECTORY="$PWD/$build/modules"
fi
PATH=$bin:$PATH
# A checkout that was moved or copied carries a build folder that knows its old place.
if [ -f "$build/CMakeCache.txt" ] && ! grep -qx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD/$folder" "$build/CMakeCache.txt"; then
    rm -rf "$build"
fi
if [ ! -f "$build/build.ninja" ]; then
    rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
    mkdir -p "$build"
    cmake -S "$folder" -B "$build" -G Ninja "$@" >"$build/cmake.log" 2>&1 || {
        cat "$build/cmake.log"; echo "make lib: cmake could not prepare $folder (above)" >&2; exit 1; }
fi
# -k 0: a file that does not compile does not keep other modules from being built.
# shellcheck disable=SC2086  # several targets are several words
if ! output=$(ninja -C "$build" -k 0 ${TARGETS:-} 2>&1); then
    # An older module must not stand in for one that does not compile; those that are up to date stay.
    modules=$(sed -n 's/^MODULE_OUTPUT_DIRECTORY:[A-Z]*=//p' "$build/CMakeCache.txt")
    for module in "$modules"/*.so; do
        name=${module##*/}
        ninja -C "$build" "${name%%.*}" >/dev/null 2>&1 || rm -f "$module"
    done
    printf '%s\n' "$output"
    echo "make lib: $folder does not compile; the first 'error:' above names the file and line" >&2
    exit 1
fi
