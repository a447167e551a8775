#!/bin/sh
# Make .venv ready: what the system must have, the pinned packages, the course's own packages in editable form.
# Installs Debian packages itself where it may (root, or sudo without a password); else it stops with the line to run.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

say() { printf '%s\n' "setup: $*"; }
fail() { printf '%s\n' "setup: $*" >&2; exit 1; }

command -v "$PYTHON" >/dev/null 2>&1 || fail "there is no $PYTHON; install Python 3.10 to 3.13, or name one: make setup PYTHON=python3.12"
"$PYTHON" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' ||
    fail "$PYTHON is $("$PYTHON" --version 2>&1); the course needs Python 3.10 to 3.13. Name one: make setup PYTHON=python3.12"

# Debian splits Python: venv and the headers are packages of their own.
missing=""
version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python$version-venv"
"$PYTHON" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
    missing="$missing python$version-dev"
command -v c++ >/dev/null 2>&1 || missing="$missing g++"
command -v git >/dev/null 2>&1 || missing="$missing git"
# Only who grades needs the sandbox.
if [ -d grader/hidden ]; then command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"; fi

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "please install, with your system's package manager:$missing"
    elif [ "$(id -u)" = 0 ]; then
        root=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        root="sudo"
    else
        fail "some system packages are missing. Please run:  sudo apt-get install$missing"
    fi
    say "installing$missing"
    $root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
    say "making $VENV with $("$PYTHON" --version)"
    rm -rf "$VENV"
    "$PYTHON" -m venv "$VENV"
fi
case $(cd "$VENV" && pwd) in
    "$PWD"/*) ;;
    *) say "$VENV lies elsewhere: its course packages will be those of $PWD from now on" ;;
esac
say "installing the pinned packages (about a minute the first time)"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements/course.txt
for package in common/needle common/mugrade common/needle_data grader; do
    [ -f "$package/pyproject.toml" ] || continue
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable "$package"
done
touch "$VENV/.ready"
say "ready: $VENV"
