#!/bin/sh
# Has what three machines in network namespaces need: root, iproute2, etcd, and a Python that others than root can run.
set -eu
[ "$(id -u)" = 0 ] || {
    echo "make test-cluster makes network namespaces: run it as root" >&2
    exit 1
}
missing=
command -v ip > /dev/null || missing="iproute2"
command -v setpriv > /dev/null || missing="$missing util-linux"
[ -x /usr/bin/python3 ] || missing="$missing python3"
# shellcheck disable=SC2086  each word is a package
[ -z "$missing" ] || { apt-get update -qq && apt-get install -y -qq $missing > /dev/null; }
dir=$(cd "$(dirname "$0")/.." && pwd)/var/etcd
[ -x "$dir/unpacked/usr/bin/etcd" ] && exit 0
sh "$(dirname "$0")/unpack.sh" "$dir" etcd-server
rm -rf "$dir/unpacked" && mv "$dir/unpacked.new" "$dir/unpacked"
