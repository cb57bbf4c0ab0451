#!/bin/sh
# Writes one archive that installs Yingbao where no registry is reached: every wheel for both kinds of machine, an
# installer, a systemd unit, checksums, the list of what is in it and under which licence.
#   scripts/bundle.sh VENV [OUT]
set -eu
venv=$1
here=$(cd "$(dirname "$0")/.." && pwd)
out=${2:-$here/dist}
sh "$here/scripts/wheels.sh" "$venv" "$here/var/wheels" x86_64 aarch64
version=$("$venv/bin/python" -c 'from importlib.metadata import version; print(version("yingbao"))')
name="yingbao-$version"
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -p "$room/$name/wheels" "$out"
for kind in any x86_64 aarch64; do cp -r "$here/var/wheels/$kind" "$room/$name/wheels/"; done
cp "$here/deploy/bundle/install.sh" "$here/deploy/bundle/yingbao.service" "$here/deploy/bundle/INSTALL.md" \
    "$here/LICENSE" "$here/CHANGELOG.md" "$here/requirements.run.lock" "$room/$name/"
"$venv/bin/cyclonedx-py" requirements --of JSON -o "$room/$name/sbom.json" "$here/requirements.run.lock" 2> /dev/null
"$venv/bin/python" "$here/scripts/notices.py" "$here"/var/wheels/*/ > "$room/$name/NOTICES.txt"
(cd "$room/$name" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS)
tar -C "$room" --owner=0 --group=0 --sort=name -czf "$out/$name.tar.gz" "$name"
(cd "$out" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "$out/$name.tar.gz"
