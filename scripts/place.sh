#!/bin/sh
# Say where the virtual environment goes: into the checkout, or where that cannot be written into
# the user's cache, by the checkout's path. Make cannot name files with blanks, so the way has none.
set -eu
if [ -w . ]; then
    echo .venv
    exit
fi
cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}"
case "$cache" in *" "*) cache="/var/tmp/yingbao-$(id -u)" ;; esac
mkdir -p "$cache/yingbao" 2>/dev/null || cache="/var/tmp/yingbao-$(id -u)"
echo "$cache/yingbao/venv-$(pwd | cksum | cut -d' ' -f1)"
