#!/bin/sh
# Run Python with modules that AddressSanitizer and UndefinedBehaviorSanitizer watch, built if need be:
#
#     sh scripts/sanitized.sh -m pytest common/needle/tests/test_native_cpu.py
#
# The first access outside an array, and the first undefined operation, ends Python with a report of where it happened.
set -eu
cd "$(dirname "$0")/.."
folder=common/needle
SAN=1 sh scripts/build.sh "$folder"
bin=$(cd "${BIN:-.venv/bin}" && pwd)
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$folder/build/sanitize/CMakeCache.txt")
# Python itself is not watched, so what watches has to be there before it; so has the library that throws exceptions.
libraries=
for name in libasan.so "libclang_rt.asan-$(uname -m).so" libstdc++.so.6; do
    file=$("$compiler" -print-file-name="$name")
    case $file in */*) libraries="$libraries${libraries:+:}$file" ;; esac
done
# pytest must leave the process's own stderr alone, or the report would end with the process.
# Python keeps memory to its end on purpose. An allocation that cannot be had must become MemoryError, as elsewhere.
exec env LD_PRELOAD="$libraries" PYTEST_ADDOPTS="--capture=sys ${PYTEST_ADDOPTS:-}" \
    NEEDLE_NATIVE="$PWD/$folder/build/sanitize/modules" \
    ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}" \
    UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}" \
    "$bin/python" "$@"
