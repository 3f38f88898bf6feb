#!/bin/bash
# The store's container: makes the cluster at the first start, its roles then and whenever they have changed, and
# becomes PostgreSQL. The passwords of the two roles are made here and read by setup.sh.
set -euo pipefail
umask 027
readonly BIN=/usr/lib/postgresql/15/bin DATA=/var/lib/potto-store/15 PASSWORDS=/var/lib/potto/store
readonly ETC=/etc/potto-store
source "$(dirname "$0")/password.sh"

# In a directory that is renamed in the end, so that an interrupted start leaves no incomplete cluster.
cluster_make() {
    rm -rf "$DATA.part"
    "$BIN/initdb" -D "$DATA.part" --username=postgres --auth-local=peer --auth-host=reject --locale=C.UTF-8 \
        --encoding=UTF8
    mv "$DATA.part" "$DATA"
}

# By a server that nobody else can reach.
roles_make() {
    "$BIN/pg_ctl" -D "$DATA" -w -t 600 -s -o "-c config_file=$ETC/postgresql.conf -c unix_socket_directories=/tmp" start
    {
        cat "$ETC/store_roles.sql"
        echo "ALTER ROLE potto PASSWORD :'potto';"
        echo "ALTER ROLE potto_api PASSWORD :'potto_api';"
    } | psql -X -q -A -t -v ON_ERROR_STOP=1 -h /tmp -d postgres -v "potto=$1" -v "potto_api=$2"
    "$BIN/pg_ctl" -D "$DATA" -w -s -m fast stop
}

main() {
    local owner api stamp
    owner=$(password owner)
    api=$(password api)
    [ -f "$DATA/PG_VERSION" ] || cluster_make
    stamp=$({ cat "$ETC/store_roles.sql" && echo "$owner $api"; } | sha256sum)
    if [ "$(cat "$DATA.roles" 2>/dev/null)" != "$stamp" ]; then
        roles_make "$owner" "$api"
        echo "$stamp" >"$DATA.roles"
    fi
    exec "$BIN/postgres" -D "$DATA" -c "config_file=$ETC/postgresql.conf"
}

main
