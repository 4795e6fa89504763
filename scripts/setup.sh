#!/bin/sh
# Creates .venv and installs exactly what the lock names. Needs Python 3.11 or newer, pip and nothing else.
# Usage: scripts/setup.sh [venv]      PYTHON=/path/to/python chooses the interpreter.
set -eu

VENV="${1:-.venv}"
LOCK="requirements-dev.txt"
UV_LOCK="requirements-uv.txt"

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# A name on the PATH is not yet an interpreter that starts (pyenv leaves such shims), so each one is run.
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
        if new_enough "$candidate"; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

make_venv() {
    if [ -x "$VENV/bin/python" ] && new_enough "$VENV/bin/python"; then
        say "using the environment that is already in $VENV"
        return 0
    fi
    say "creating $VENV with $("$PY" --version 2>&1)"
    # Some distributions ship venv without ensurepip; then the outer pip installs into the new environment.
    "$PY" -m venv --clear "$VENV" >/dev/null 2>&1 || "$PY" -m venv --clear --without-pip "$VENV" ||
        die "cannot create $VENV: $PY has no working venv module. Install it (Debian: apt-get install python3-venv)."
}

pip_install() {
    if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        "$VENV/bin/python" -m pip install --disable-pip-version-check "$@"
    else
        "$PY" -m pip --python "$VENV/bin/python" install --disable-pip-version-check "$@"
    fi
}

# uv reads neither pip's configuration nor its environment; a company mirror or certificate set there is passed on.
hand_over_pip_settings() {
    index="${PIP_INDEX_URL:-$("$PY" -m pip config get global.index-url 2>/dev/null || true)}"
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"; fi
    if [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"; fi
}

install_with_uv() {
    say "installing the installer (uv)"
    pip_install --quiet --require-hashes -r "$UV_LOCK" || return 1
    say "installing $(grep -c '^[a-zA-Z]' "$LOCK") packages with uv"
    "$VENV/bin/uv" pip sync --python "$VENV/bin/python" --link-mode copy --require-hashes "$LOCK" "$UV_LOCK"
}

if ! PY="$(find_python)"; then
    if [ -n "${PYTHON:-}" ]; then die "PYTHON=$PYTHON is not a Python of version 3.11 or newer that starts."; fi
    here="$(python3 --version 2>/dev/null || echo 'no python3')"
    die "Python 3.11 or newer is needed and none was found (here: $here). \
Install one, or name it: make setup PYTHON=/path/to/python3.11"
fi

make_venv
hand_over_pip_settings
if ! install_with_uv; then
    say "uv did not manage; installing with pip, which takes about half a minute"
    pip_install --require-hashes -r "$LOCK" || die "the packages could not be installed; the lines above say why. \
Usually the package index cannot be reached: check the network, or set PIP_INDEX_URL to your mirror."
fi
touch "$VENV/stamp"
say "done: $("$VENV/bin/python" --version) with Django $("$VENV/bin/python" -m django --version) in $VENV"
