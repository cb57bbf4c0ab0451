#!/bin/sh
# Make a virtual environment from the lock, on a machine that may have nothing but Python 3.11.
set -eu
venv="$1"
python="${PYTHON:-python3}"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Yingbao needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2
    exit 2
fi

echo "Setting up $venv (once, about a minute) ..." >&2
if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    # Debian splits venv from Python; virtualenv needs no ensurepip, apt needs root.
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install -q --user --break-system-packages virtualenv
        "$python" -m virtualenv -q "$venv"
    elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
        "$python" -m venv "$venv"
    else
        echo "This Python has neither venv nor pip. Ask an administrator for: apt-get install python3-venv" >&2
        exit 2
    fi
fi
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
