#!/bin/sh
# A database of its own: made at the first start, with the owner's password from a mounted file.
set -eu
password=${DATABASE_PASSWORD_FILE:-/run/secrets/password}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # It gets its name once it is whole: an interrupted start leaves nothing to start on.
    rm -rf "$PGDATA.new"
    initdb -D "$PGDATA.new" -U yingbao -A scram-sha-256 --pwfile "$password" -E UTF8 --locale=C \
        --data-checksums --no-instructions
    echo "host all all all scram-sha-256" >> "$PGDATA.new/pg_hba.conf"
    mv "$PGDATA.new" "$PGDATA"
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories= -c shared_buffers=256MB \
    -c max_wal_size=2GB -c max_connections=200 -c fsync=on -c synchronous_commit=on -c full_page_writes=on "$@"
