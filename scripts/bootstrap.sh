#!/bin/sh
# Make a virtual environment from the lock, on a machine that may have nothing but Python 3.11.
set -eu
venv="$1"
python="${PYTHON:-python3}"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Yingbao needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2
    exit 2
fi

# What an interrupted start left behind is not built upon; a finished one is only brought up to date.
if [ ! -e "$venv/.ready" ]; then
    rm -rf "$venv"
fi
mkdir -p "$(dirname "$venv")"
echo "Setting up $venv (once, about a minute) ..." >&2
# Debian splits pip and venv from Python, and installing them needs root. Fetching a package does
# not: pip's wheel is taken out of it, and the environment is made without Debian's help.
fetch_pip() {
    room=$(mktemp -d)
    mkdir -p "$room/state/lists/partial" "$room/cache/archives/partial"
    apt="apt-get -qq -o Dir::State=$room/state -o Dir::Cache=$room/cache"
    apt="$apt -o Dir::State::status=/var/lib/dpkg/status -o APT::Sandbox::User=$(id -un)"
    $apt update >&2
    (cd "$room" && $apt download python3-pip-whl >&2 && dpkg -x ./*.deb found)
    PYTHONPATH=$(echo "$room"/found/usr/share/python-wheels/pip-*.whl) \
        "$venv/bin/python" -m pip install -q --disable-pip-version-check pip
    rm -rf "$room"
}

if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    if "$python" -m pip --version >/dev/null 2>&1 &&
        "$python" -m pip install -q --user --break-system-packages virtualenv; then
        "$python" -m virtualenv -q "$venv"
    elif "$python" -m venv --without-pip "$venv" && command -v apt-get >/dev/null 2>&1; then
        fetch_pip
    else
        rm -rf "$venv"
        echo "This Python has neither venv nor pip. Ask an administrator for python3-venv." >&2
        exit 2
    fi
fi
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
