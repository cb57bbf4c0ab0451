#!/bin/sh
# Builds Yingbao's images: wheels are fetched here, checked against the lock, and copied in. The base
# is the usual Python image; where no registry answers, Debian's Python unpacked from its packages.
#   scripts/images.sh VENV [TAG]
set -eu
venv=$1
tag=${2:-local}
here=$(cd "$(dirname "$0")/.." && pwd)
room="$here/var/images"
usual=python:3.11-slim-bookworm
own=yingbao/base:local

base() {
    if docker image inspect "$usual" > /dev/null 2>&1 || docker pull -q "$usual" > /dev/null 2>&1; then
        echo "$usual"
        return
    fi
    if ! docker image inspect "$own" > /dev/null 2>&1; then
        echo "No registry answers: making a base from Debian's packages ..." >&2
        if ! command -v mmdebstrap > /dev/null; then
            [ "$(id -u)" = 0 ] || { echo "mmdebstrap is needed; only root can install it" >&2; return 1; }
            apt-get -qq update >&2
            DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mmdebstrap > /dev/null 2>&1
        fi
        mmdebstrap --quiet --variant=extract --dpkgopt='path-exclude=/usr/share/doc/*' \
            --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
            --include=python3,dash,coreutils,util-linux,sed,libc-bin,base-files,base-passwd,netbase,ca-certificates,tzdata,libstdc++6,zlib1g,libssl3,libexpat1 \
            bookworm "$room/base.tar"
        docker import -c 'ENV LANG=C.UTF-8' -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
            "$room/base.tar" "$own" > /dev/null
        rm "$room/base.tar"
    fi
    echo "$own"
}

mkdir -p "$room"
sh "$here/scripts/wheels.sh" "$venv" "$here/var/wheels" "$(uname -m)"
rm -rf "$room/wheels" && mkdir "$room/wheels"
cp "$here"/var/wheels/any/*.whl "$here/var/wheels/$(uname -m)"/*.whl "$room/wheels/"
"$venv/bin/cyclonedx-py" requirements --of JSON -o "$room/sbom.json" "$here/requirements.run.lock" 2> /dev/null
"$venv/bin/python" "$here/scripts/notices.py" "$room/wheels/" > "$room/NOTICES.txt"
sh "$here/scripts/fetch_prometheus.sh" "$venv/prometheus"
rm -rf "$room/prometheus" && mkdir -p "$room/prometheus"
(cd "$venv/prometheus/unpacked/usr" && cp bin/prometheus bin/promtool bin/prometheus-alertmanager "$room/prometheus/" &&
    cp -r share/prometheus/alertmanager "$room/prometheus/templates")
cp "$here"/deploy/images/* "$room/"
# Whoever keeps files to himself (umask 077) would build images that their own user cannot read.
chmod -R a+rX "$room"

from=$(base)
version=$("$venv/bin/python" -c 'from importlib.metadata import version; print(version("yingbao"))')
revision=$(git -C "$here" rev-parse --short HEAD 2> /dev/null || echo unknown)
for target in service bus database prometheus alertmanager; do
    name=$([ "$target" = service ] && echo yingbao/yingbao || echo "yingbao/$target")
    docker build --build-arg "BASE=$from" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
        --target "$target" -t "$name:$tag" "$room" > "$room/build.log" 2>&1 || { tail -20 "$room/build.log" >&2; exit 1; }
    echo "$name:$tag"
done
