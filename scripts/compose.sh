#!/bin/sh
# Brings a county up in containers from nothing, runs the main job on it, or takes it away.
#   scripts/compose.sh VENV up|secrets|backup FILE PASSPHRASE_FILE|restore FILE PASSPHRASE_FILE|down|run …|demo|demo-down
set -eu
venv=$1
here=$(cd "$(dirname "$0")/.." && pwd)
found=$(sh "$here/scripts/engine.sh") || exit 1
eval "$found"
# A demo's made-up people never meet a county: it has a project, data, keys and ports of its own.
case "${2:-up}" in
demo | demo-down)
    project=yingbao-demo data="$here/var/demo-county" secrets="$here/var/demo-secrets"
    export YINGBAO_SYNTHETIC=true YINGBAO_DOOR_PORT="${YINGBAO_DOOR_PORT:-8090}" YINGBAO_BUS_PORT="${YINGBAO_BUS_PORT:-4290}" YINGBAO_CONSOLE_PORT="${YINGBAO_CONSOLE_PORT:-8091}"
    export YINGBAO_PROMETHEUS_PORT="${YINGBAO_PROMETHEUS_PORT:-9190}" YINGBAO_ALERTMANAGER_PORT="${YINGBAO_ALERTMANAGER_PORT:-9193}"
    ;;
*) project=yingbao data="$here/var/county" secrets="$here/var/secrets" ;;
esac
export YINGBAO_SECRETS="$secrets" YINGBAO_SETTINGS="$secrets/settings"

compose() {
    if docker compose version > /dev/null 2>&1; then
        set -- docker compose -p "$project" "$@"
    else
        if ! command -v docker-compose > /dev/null; then
            [ "$(id -u)" = 0 ] || { echo "Install docker compose, or docker-compose from Debian." >&2; exit 1; }
            apt-get -qq update
            DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends docker-compose > /dev/null
        fi
        set -- docker-compose -p "$project" "$@"
    fi
    "$@"
}

run() { compose -f "$here/deploy/compose.yaml" "$@"; }

# Which county it is stays with its keys; only the first start chooses, or whoever says so.
write_secrets() {
    mkdir -p "$data" && chmod 700 "$data"
    set -- secrets "$secrets" --data "$data"
    [ -z "${YINGBAO_REGION:-}" ] || set -- "$@" --county "$YINGBAO_REGION"
    [ -n "${YINGBAO_REGION:-}" ] || [ -e "$data/county" ] || set -- "$@" --county 341623
    "$venv/bin/yingbao" "$@" > /dev/null
    YINGBAO_REGION=$(cat "$data/county")
    export YINGBAO_REGION
    mkdir -p "$secrets/settings" && chmod 755 "$secrets/settings"
    for file in compose/prometheus.yml prometheus/alerts.yml prometheus/alertmanager.yml; do
        cp "$here/deploy/$file" "$secrets/settings/$(basename "$file")"
    done
    chmod a+r "$secrets/settings"/*
}

up() {
    sh "$here/scripts/images.sh" "$venv" "${YINGBAO_TAG:-local}"
    write_secrets
    in_step
    start "$@"
}

start() {
    run "$@" up -d
    tries=0
    until (cd "$here" && YINGBAO_HTTP_PORT="${YINGBAO_DOOR_PORT:-8080}" "$venv/bin/python" -m chassis.healthy); do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || { run ps; echo "The door did not become ready." >&2; exit 1; }
        sleep 1
    done
    echo "工作台        http://127.0.0.1:${YINGBAO_CONSOLE_PORT:-8090}   (accounts: yingbao user add LOGIN NAME --data $data, then secrets)"
    echo "door          http://127.0.0.1:${YINGBAO_DOOR_PORT:-8080}/openapi.json"
    echo "Prometheus    http://127.0.0.1:${YINGBAO_PROMETHEUS_PORT:-9090}/alerts"
    echo "Alertmanager  http://127.0.0.1:${YINGBAO_ALERTMANAGER_PORT:-9093}"
    echo "keys of departments, hospitals and townships: $data/keys-to-hand-out.json"
}

# Bus and database publish no port: this machine reaches them by the addresses of their containers.
at() { docker inspect -f '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}' "$(run ps -q "$1")" 2> /dev/null | head -1; }

# A command as the database's owner and the bus's operator.
as_operator() {
    database=$(at database) bus=$(at bus)
    [ -n "$database" ] && [ -n "$bus" ] || { echo "Bus or database does not run: make compose-up first." >&2; exit 1; }
    DATABASE_URL="postgresql://yingbao:$(cat "$data/database-owner")@$database:5432/postgres" \
        NATS_URL="nats://$bus:4222" YINGBAO_BUS_SEED="$(cat "$secrets/operator/YINGBAO_BUS_SEED")" \
        "$venv/bin/yingbao" "$@" --data "$data"
}

healthy() {
    for name in bus database; do
        tries=0
        until [ "$(docker inspect -f '{{.State.Health.Status}}' "$(run ps -q "$name")")" = healthy ]; do
            tries=$((tries + 1))
            [ "$tries" -lt 60 ] || { echo "$name does not answer." >&2; exit 1; }
            sleep 1
        done
    done
}

# A database that was put back, also by one who was interrupted: the bus follows it before any service starts.
in_step() {
    [ -e "$data/restored" ] || return 0
    run up -d bus database
    healthy
    as_operator prepare
}

# Into this county, or on a new machine into none. The keys come first: they open the backup, and tell whether
# it is this county's, before anything is ended; and the database of a new machine starts with them.
restore() {
    [ -e "$data/keys.json" ] || ! docker volume inspect "${project}_database" > /dev/null 2>&1 || {
        echo "There is a database ($(docker volume ls -q | grep "^${project}_" | tr '\n' ' ')) whose keys are not in $data." >&2
        echo "Bring $data back, or remove these volumes if nothing in them is needed." >&2
        exit 1
    }
    "$venv/bin/yingbao" restore "$1" --passphrase-file "$2" --data "$data" --only-keys
    sh "$here/scripts/images.sh" "$venv" "${YINGBAO_TAG:-local}"
    write_secrets
    trap 'echo "The services are ended: make compose-up starts them." >&2' EXIT
    run stop console gateway enrollment settlement assistance notify watch
    run up -d bus database
    healthy
    as_operator restore "$1" --passphrase-file "$2"
    in_step
    trap - EXIT
    start
}

case "${2:-up}" in
up) up ;;
backup)
    as_operator backup "${3:?FILE= names the backup}" --passphrase-file "${4:?PASSPHRASE= names the file with it}"
    write_secrets # whoever watches learns of it
    ;;
restore) restore "${3:?FILE= names the backup}" "${4:?PASSPHRASE= names the file with it}" ;;
demo)
    ! docker volume inspect "${project}_database" > /dev/null 2>&1 ||
        { echo "A demo's county is there already: make compose-demo-down takes it away." >&2; exit 1; }
    up -f "$here/deploy/compose/opened.yaml"
    shift 2
    NATS_URL="nats://127.0.0.1:$YINGBAO_BUS_PORT" "$venv/bin/yingbao" demo --data "$data" \
        --at "http://127.0.0.1:$YINGBAO_DOOR_PORT" "$@"
    ;;
secrets)
    # After a key was added, rotated or revoked: the gateway reads its file by itself, the bus when it is told.
    write_secrets
    run kill -s HUP bus
    ;;
down) run down --remove-orphans ;;
demo-down)
    run down -v --remove-orphans
    rm -rf "$secrets" "$data"
    ;;
run)
    # Anything else of docker compose, on this county: scripts/compose.sh VENV run logs -f gateway
    shift 2
    write_secrets
    run "$@"
    ;;
*) echo "usage: $0 VENV up|secrets|backup FILE PASSPHRASE_FILE|restore FILE PASSPHRASE_FILE|down|run …|demo|demo-down" >&2; exit 2 ;;
esac
