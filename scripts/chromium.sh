#!/bin/sh
# See to it that there is a Chromium with Chinese letters: Debian's, by apt where this is root, else say what to install.
set -eu
if command -v chromium > /dev/null || command -v chromium-browser > /dev/null; then
    exit
fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "Installing chromium (once, about a minute) ..." >&2
    apt-get update -qq > /dev/null && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk > /dev/null
    exit
fi
echo "no chromium here: apt-get install chromium fonts-noto-cjk" >&2
exit 1
