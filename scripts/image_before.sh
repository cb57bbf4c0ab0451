#!/bin/sh
# Builds an image of the version before, on this one's libraries: what an upgrade starts from.
#   scripts/image_before.sh [COMMIT]
set -eu
before=${1:-HEAD~1}
git rev-parse -q --verify "$before^{commit}" > /dev/null || git fetch -q --deepen=1
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
git archive "$before" contracts policy chassis services yingbao | tar -x -C "$room"
printf 'FROM yingbao/yingbao:local\nCOPY . /opt/before/\nENV PYTHONPATH=/opt/before:/opt/yingbao\n' > "$room/Dockerfile"
docker build -t yingbao/yingbao:before "$room" > /dev/null 2>&1
echo "yingbao/yingbao:before  $(git log -1 --format='%h %s' "$before")"
