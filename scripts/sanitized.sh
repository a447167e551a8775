#!/bin/sh
# Run Python with modules that AddressSanitizer and UndefinedBehaviorSanitizer watch, built if need be:
#
#     sh scripts/sanitized.sh -m pytest common/needle/tests/test_native_cpu.py
#
# The first access outside an array, and the first undefined operation, ends Python; the last lines say what it was.
# `make test-hw3 SAN=1` does this with the tests of a homework. TARGETS="exercise" builds what students write alone.
set -eu
cd "$(dirname "$0")/.."
folder=common/needle
build=$folder/build/sanitize
reports=$build/reports
if [ "$(uname)" != Linux ]; then
    echo "sanitizers can watch Python's modules on Linux alone; on Colab, for instance" >&2
    exit 2
fi
SAN=1 sh scripts/build.sh "$folder"
bin=$(cd "${BIN:-.venv/bin}" && pwd)
# Python itself is not watched, so what watches has to be there before it; so has the library that throws exceptions.
libraries=$(for module in "$build"/modules/*.so; do ldd "$module"; done |
    sed -n 's/.* => \(.*\/lib\(clang_rt\.\)\{0,1\}asan[^ ]*\) .*/1 \1/p; s/.* => \(.*\/libstdc++[^ ]*\) .*/2 \1/p' |
    sort -u | cut -d' ' -f2- | paste -sd: -)
rm -rf "$reports"
mkdir -p "$reports"
# Python keeps memory to its end on purpose. An allocation that cannot be had must become MemoryError, as elsewhere.
# Reports go to files: what is printed during a test is lost when Python ends in it.
status=0
env LD_PRELOAD="$libraries" PYTEST_ADDOPTS="-p grader.authoring.sanitized ${PYTEST_ADDOPTS:-}" \
    NEEDLE_NATIVE="$PWD/$build/modules" NEEDLE_SANITIZED="$PWD/$reports" \
    ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:log_path='$PWD/$reports/address'${ASAN_OPTIONS:+:$ASAN_OPTIONS}" \
    UBSAN_OPTIONS="print_stacktrace=1:log_path='$PWD/$reports/undefined'${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}" \
    "$bin/python" "$@" || status=$?
"$bin/python" -m grader.authoring.sanitized "$reports" || status=1
exit "$status"
