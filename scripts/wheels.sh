#!/bin/sh
# Lays every wheel of requirements.run.lock ready, checked against it, for Python 3.11 and glibc 2.28 or newer, and
# Yingbao's own beside them: DIR/any, DIR/x86_64, DIR/aarch64.
#   scripts/wheels.sh VENV DIR ARCHITECTURE...
set -eu
venv=$1 dir=$2
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
lock="$here/requirements.run.lock"
pip() { "$venv/bin/python" -m pip "$@" -q --disable-pip-version-check >&2; }

mkdir -p "$dir/any"
if ! cmp -s "$lock" "$dir/lock"; then
    rm -rf "$dir" && mkdir -p "$dir/any"
    # What comes as source is built here, into a wheel for any machine; the rest is only fetched.
    awk '/^[a-z]/ { own = /^nkeys==/ } own' "$lock" > "$dir/source.lock"
    awk '/^[a-z]/ { own = /^nkeys==/ } !own' "$lock" > "$dir/binary.lock"
    pip wheel --require-hashes --no-deps -r "$dir/source.lock" -w "$dir/any"
    pip download --no-deps --only-binary=:all: pip -d "$dir/any"
    cp "$lock" "$dir/lock"
fi
for machine in "$@"; do
    [ -d "$dir/$machine" ] && continue
    echo "Fetching the wheels for $machine ..." >&2
    platforms=
    for glibc in 2_28 2_27 2_26 2_24 2_17 2_12 2_5; do platforms="$platforms --platform manylinux_${glibc}_$machine"; done
    for old in manylinux2014 manylinux2010 manylinux1; do platforms="$platforms --platform ${old}_$machine"; done
    rm -rf "$dir/new"
    # shellcheck disable=SC2086  each word is an option
    pip download --require-hashes --no-deps --only-binary=:all: --implementation cp --python-version 3.11 \
        $platforms -r "$dir/binary.lock" -d "$dir/new"
    mv "$dir"/new/*-any.whl "$dir/any/"
    mv "$dir/new" "$dir/$machine"
done
find "$dir/any" -name 'yingbao-*.whl' -delete
pip wheel --no-deps --no-build-isolation "$here" -w "$dir/any"
