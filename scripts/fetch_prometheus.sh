#!/bin/sh
# Unpacks Debian's Prometheus and Alertmanager into a directory, as any user: nothing is installed.
set -eu
dir=$1
[ -x "$dir/unpacked/usr/bin/promtool" ] && [ -x "$dir/unpacked/usr/bin/prometheus-alertmanager" ] && exit 0
command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null || {
    echo "Prometheus is fetched from Debian's packages: apt-get and dpkg-deb are needed" >&2
    exit 1
}
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/new"
apt() {
    apt-get -qq -o "Dir::State::lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o Debug::NoLocking=true \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
apt update
(cd "$dir/new" && apt download prometheus prometheus-alertmanager)
for deb in "$dir"/new/*.deb; do dpkg-deb -x "$deb" "$dir/unpacked.new"; done
# Debian's build reads its templates from a fixed place; here it reads them below where it is started.
fixed=/usr/share/prometheus/alertmanager
below=alertmanager//////////////////////
LC_ALL=C sed -i "s#$fixed#$below#g" "$dir/unpacked.new/usr/bin/prometheus-alertmanager"
rm -rf "$dir/unpacked" && mv "$dir/unpacked.new" "$dir/unpacked"
rm -rf "$dir/new" "$dir/lists" "$dir/cache"
