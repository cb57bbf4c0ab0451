#!/bin/sh
# Unpacks Debian's Kannel with its test phone and its libraries into a directory, as any user.
set -eu
dir=$1
[ -x "$dir/unpacked/usr/sbin/bearerbox" ] && exit 0
WITH_LIBRARIES=1 sh "$(dirname "$0")/unpack.sh" "$dir" kannel kannel-extras
rm -rf "$dir/unpacked" && mv "$dir/unpacked.new" "$dir/unpacked"
