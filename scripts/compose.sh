#!/bin/sh
# Brings a county up in containers from nothing, runs the main job on it, or takes it away.
#   scripts/compose.sh VENV up|demo|down
set -eu
venv=$1
here=$(cd "$(dirname "$0")/.." && pwd)
data="$here/var/county"
export YINGBAO_SECRETS="$here/var/secrets" YINGBAO_REGION="${YINGBAO_REGION:-341623}"
eval "$(sh "$here/scripts/engine.sh")"

compose() {
    if docker compose version > /dev/null 2>&1; then
        set -- docker compose -p yingbao "$@"
    else
        if ! command -v docker-compose > /dev/null; then
            [ "$(id -u)" = 0 ] || { echo "Install docker compose, or docker-compose from Debian." >&2; exit 1; }
            DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends docker-compose > /dev/null 2>&1
        fi
        set -- docker-compose -p yingbao "$@"
    fi
    "$@"
}

up() {
    sh "$here/scripts/images.sh" "$venv"
    mkdir -p "$data" && chmod 700 "$data"
    "$venv/bin/yingbao" secrets "$YINGBAO_SECRETS" --data "$data" --county "$YINGBAO_REGION" > /dev/null
    compose -f "$here/deploy/compose.yaml" "$@" up -d
    for _ in $(seq 60); do
        (cd "$here" && YINGBAO_HTTP_PORT="${YINGBAO_DOOR_PORT:-8080}" "$venv/bin/python" -m chassis.healthy) && break
        sleep 1
    done
    echo "door          http://127.0.0.1:${YINGBAO_DOOR_PORT:-8080}/openapi.json"
    echo "Prometheus    http://127.0.0.1:${YINGBAO_PROMETHEUS_PORT:-9090}/alerts"
    echo "Alertmanager  http://127.0.0.1:${YINGBAO_ALERTMANAGER_PORT:-9093}"
    echo "keys of departments, hospitals and townships: var/county/keys-to-hand-out.json"
}

case "${2:-up}" in
up) up ;;
demo)
    export YINGBAO_SYNTHETIC=true
    up -f "$here/deploy/compose/opened.yaml"
    shift 2
    NATS_URL="nats://127.0.0.1:${YINGBAO_BUS_PORT:-4222}" "$venv/bin/yingbao" demo --data "$data" \
        --at "http://127.0.0.1:${YINGBAO_DOOR_PORT:-8080}" "$@"
    ;;
down)
    # Data and secrets go as well: what is to stay is backed up first (docs/runbook/recovery.md).
    compose -f "$here/deploy/compose.yaml" down -v --remove-orphans
    rm -rf "$YINGBAO_SECRETS" "$data"
    ;;
*) echo "usage: $0 VENV up|demo|down" >&2; exit 2 ;;
esac
