#!/bin/sh
# Unpacks Debian's packages into DIR/unpacked.new, as any user: nothing is installed.
#   scripts/unpack.sh DIR PACKAGE...        with WITH_LIBRARIES=1 also the libraries that they need
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd) # apt takes a relative folder for one of its own
shift
command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null || {
    echo "$* come from Debian's packages: apt-get and dpkg-deb are needed" >&2
    exit 1
}
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/new"
apt() {
    tool=$1
    shift
    "apt-$tool" -qq -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o Debug::NoLocking=true \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
apt get update
libraries=
if [ -n "${WITH_LIBRARIES:-}" ]; then
    libraries=$(apt cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances "$@" | grep '^lib' | grep -v '^libc6$' | sort -u)
fi
# shellcheck disable=SC2086  each word is a package
(cd "$dir/new" && apt get download "$@" $libraries)
rm -rf "$dir/unpacked.new"
for deb in "$dir"/new/*.deb; do dpkg-deb -x "$deb" "$dir/unpacked.new"; done
rm -rf "$dir/new" "$dir/lists" "$dir/cache"
