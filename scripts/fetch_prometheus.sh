#!/bin/sh
# Unpacks Debian's Prometheus and Alertmanager into a directory, as any user: nothing is installed.
set -eu
dir=$1
[ -x "$dir/unpacked/usr/bin/promtool" ] && [ -x "$dir/unpacked/usr/bin/prometheus-alertmanager" ] && exit 0
sh "$(dirname "$0")/unpack.sh" "$dir" prometheus prometheus-alertmanager
# Debian's build reads its templates from a fixed place; here it reads them below where it is started.
fixed=/usr/share/prometheus/alertmanager
below=alertmanager//////////////////////
LC_ALL=C sed -i "s#$fixed#$below#g" "$dir/unpacked.new/usr/bin/prometheus-alertmanager"
rm -rf "$dir/unpacked" && mv "$dir/unpacked.new" "$dir/unpacked"
