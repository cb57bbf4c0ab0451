#!/bin/sh
# Installs Yingbao from this folder alone; no network is used.
#   sh install.sh [FOLDER]              into FOLDER, by default /opt/yingbao
#   sh install.sh --service [FOLDER]    the same, as root, with a user and a service of systemd
set -eu
here=$(cd "$(dirname "$0")" && pwd)
service=
if [ "${1:-}" = --service ]; then
    service=yes
    shift
fi
folder=${1:-/opt/yingbao}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2> /dev/null || {
    echo "Python 3.11 is needed; name it with PYTHON=/path/to/python3.11" >&2
    exit 2
}
echo "Checking that everything is as it was packed ..."
(cd "$here" && sha256sum --quiet -c SHA256SUMS) || {
    echo "A file is missing or was changed: fetch the archive again." >&2
    exit 1
}
machine=$(uname -m)
[ -d "$here/wheels/$machine" ] || { echo "There are no wheels for $machine." >&2; exit 2; }
echo "Installing into $folder ..."
mkdir -p "$folder"
# Built beside the present one, which is left when the new one is whole: an interrupted installation changes nothing.
new="$folder/environment-$(date +%Y%m%d%H%M%S)"
"$python" -m venv --without-pip "$new"
pip=$(echo "$here"/wheels/any/pip-*.whl)
for wheel in "$here"/wheels/any/*.whl "$here/wheels/$machine"/*.whl; do
    case "$wheel" in */pip-*) ;; *) echo "$wheel" >> "$new/wheels.txt" ;; esac
done
PYTHONPATH="$pip" "$new/bin/python" -m pip install -q --no-index --no-deps --disable-pip-version-check \
    --root-user-action=ignore -r "$new/wheels.txt"
rm -f "$new/wheels.txt"
if [ -L "$folder/environment" ]; then
    rm -f "$folder/previous"
    mv "$folder/environment" "$folder/previous"
fi
ln -s "$(basename "$new")" "$folder/environment"
mkdir -p "$folder/bin"
ln -sf ../environment/bin/yingbao "$folder/bin/yingbao"
"$folder/bin/yingbao" --help > /dev/null

if [ -n "$service" ]; then
    id yingbao > /dev/null 2>&1 || useradd --system --home-dir /var/lib/yingbao --shell /usr/sbin/nologin yingbao
    sed "s#/opt/yingbao#$folder#g" "$here/yingbao.service" > /etc/systemd/system/yingbao.service
    systemctl daemon-reload
    echo "Start it with: systemctl enable --now yingbao"
else
    echo "Try it with:   $folder/bin/yingbao demo"
    echo "Run it with:   $folder/bin/yingbao up --data DIRECTORY"
fi
