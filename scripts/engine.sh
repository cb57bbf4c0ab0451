#!/bin/sh
# Finds a Docker engine, or on Debian as root installs and starts one; prints what a shell must export.
#   eval "$(scripts/engine.sh)"     and afterwards     scripts/engine.sh stop
set -eu
room=${YINGBAO_ENGINE:-/var/tmp/yingbao-engine}
socket="unix://$room/docker.sock"

case "${1:-start}" in
stop)
    # Only the engine that this script started; one that was there before is somebody else's.
    [ -e "$room/docker.pid" ] || exit 0
    export DOCKER_HOST="$socket"
    [ -z "$(docker ps -q)" ] || { echo "containers run on this engine; it goes on" >&2; exit 1; }
    kill "$(cat "$room/docker.pid")" 2> /dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$room/docker.pid" ] || exit 0; sleep 1; done
    exit 0
    ;;
start) ;;
*) echo "usage: $0 [start|stop]" >&2; exit 2 ;;
esac

answers() { command -v docker > /dev/null && docker version > /dev/null 2>&1; }

if answers; then
    [ -z "${DOCKER_HOST:-}" ] || echo "export DOCKER_HOST=$DOCKER_HOST"
    exit 0
fi
export DOCKER_HOST="$socket"
if answers; then # started by this script before, perhaps for a county that runs on it
    echo "export DOCKER_HOST=$DOCKER_HOST"
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "No Docker engine answers. Start one, or run this as root on Debian, where it is installed." >&2
    exit 1
fi
if ! command -v dockerd > /dev/null; then
    echo "Installing Docker's engine from Debian ..." >&2
    apt-get -qq update >&2
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends docker.io > /dev/null 2>&1
    # Where systemd runs, the package starts its own engine: that is the one.
    if [ -d /run/systemd/system ]; then
        unset DOCKER_HOST
        for _ in $(seq 20); do answers && exit 0; sleep 1; done
        echo "The engine of the docker.io package did not start: systemctl status docker" >&2
        exit 1
    fi
fi
rm -f "$room/docker.pid" # of a start of the machine before: nobody answers
mkdir -p "$room" && chmod 700 "$room"
# Ports open on loopback only, and neither forwarding nor the firewall of the machine is touched.
setsid nohup dockerd -H "$socket" --data-root="$room/data" --exec-root="$room/exec" \
    --pidfile="$room/docker.pid" --ip=127.0.0.1 --bip=172.30.0.1/24 \
    --default-address-pool base=172.31.0.0/16,size=24 \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --log-level=warn \
    > "$room/log" 2>&1 < /dev/null &
for _ in $(seq 60); do
    if answers; then
        echo "export DOCKER_HOST=$DOCKER_HOST YINGBAO_ENGINE_OURS=yes"
        exit 0
    fi
    sleep 0.5
done
echo "Docker's engine did not start; the end of $room/log:" >&2
tail -5 "$room/log" >&2
exit 1
