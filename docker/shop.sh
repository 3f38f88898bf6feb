#!/bin/bash
# shop.sh postgresql|mariadb|programs: the demo's shop in containers: a database that is made and filled at the first
# start, or the programs that use both. docker/setup.sh makes the connections. Sockets are in /tmp, which is the
# container's own, so whoever reaches them is the database's superuser without a password.
set -euo pipefail
umask 027
readonly DATA=/var/lib/potto-shop PASSWORDS=/var/lib/potto/shop DEMO=/usr/share/potto-shop
readonly BIN=/usr/lib/postgresql/15/bin
source "$(dirname "$0")/password.sh"

fill_postgresql() {
    "$BIN/initdb" -D "$DATA/cluster" --username=postgres --auth-local=trust --auth-host=scram-sha-256 \
        --locale=C.UTF-8 --encoding=UTF8
    echo 'host shop potto_monitor,shop_app all scram-sha-256' >>"$DATA/cluster/pg_hba.conf"
    cat >>"$DATA/cluster/postgresql.conf" <<'CONF'
unix_socket_directories = '/tmp'
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track_planning = on
track_io_timing = on
max_connections = 50
shared_buffers = 64MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
jit = off
CONF
    "$BIN/pg_ctl" -D "$DATA/cluster" -w -s -o "-c listen_addresses=''" start
    {
        echo "CREATE ROLE potto_monitor LOGIN PASSWORD '$(password postgresql-monitor)';"
        echo "CREATE ROLE shop_app LOGIN PASSWORD '$(password postgresql-app)';"
        cat <<'SQL'
GRANT pg_monitor TO potto_monitor;
CREATE DATABASE shop;
\connect shop
CREATE EXTENSION pg_stat_statements;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO potto_monitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shop_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO shop_app;
SQL
        cat "$DEMO/shop_postgresql.sql"
        echo 'SELECT pg_stat_statements_reset();'
    } | psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres -d postgres >/dev/null
    "$BIN/pg_ctl" -D "$DATA/cluster" -w -s -m fast stop
}

mariadb_options=(--no-defaults "--datadir=$DATA/cluster" --socket=/tmp/mariadb.sock --pid-file=/tmp/mariadb.pid
    --tmpdir=/tmp --skip-name-resolve --skip-log-bin --innodb-buffer-pool-size=128M --innodb-log-file-size=64M
    --innodb-flush-log-at-trx-commit=2 --performance-schema=ON --slow-query-log=ON --log-output=TABLE
    --long-query-time=0.02 "--log-slow-verbosity=query_plan,explain" --event-scheduler=ON --max-connections=50)

mariadb_sql() { mariadb --no-defaults -S /tmp/mariadb.sock -u root -B -N "$@"; }

fill_mariadb() {
    local server
    mariadb-install-db --no-defaults "--datadir=$DATA/cluster" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve >/dev/null
    mariadbd "${mariadb_options[@]}" --skip-networking &
    server=$!
    until mariadb_sql -e 'SELECT 1' >/dev/null 2>&1; do
        kill -0 "$server"
        sleep 0.2
    done
    {
        cat <<SQL
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
FLUSH PRIVILEGES;
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE USER potto_monitor@'%' IDENTIFIED BY '$(password mariadb-monitor)';
CREATE USER shop_app@'%' IDENTIFIED BY '$(password mariadb-app)';
GRANT SELECT ON mysql.slow_log TO potto_monitor@'%';
GRANT SELECT ON shop.* TO potto_monitor@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO shop_app@'%';
USE shop;
SQL
        cat "$DEMO/shop_mariadb.sql"
        # The slow log is a table without an index, and the server never shortens it.
        echo 'CREATE EVENT empty_slow_log ON SCHEDULE EVERY 2 HOUR DO TRUNCATE mysql.slow_log;'
        echo 'TRUNCATE mysql.slow_log;'
    } | mariadb_sql >/dev/null
    kill "$server"
    wait "$server"
}

# An interrupted first start begins again.
fill_once() { # ENGINE
    [ ! -f "$DATA/filled" ] || return 0
    rm -rf "$DATA/cluster"
    echo "filling the shop, 1.9 million rows"
    "fill_$1"
    touch "$DATA/filled"
    echo "the shop is filled"
}

programs_run() {
    local engine
    local -A ports=([postgresql]=5432 [mariadb]=3306)
    trap 'kill $(jobs -p); wait; exit 0' TERM INT
    for engine in "${!ports[@]}"; do
        SHOP_HOST=shop-$engine SHOP_PORT=${ports[$engine]} SHOP_USER=shop_app SHOP_PASSWORD=$(password "$engine-app") \
            PYTHONDONTWRITEBYTECODE=1 python3 "$DEMO/workload.py" "$engine" &
    done
    wait -n # neither ends by itself
    exit 1
}

case ${1:-} in
postgresql)
    fill_once postgresql
    exec "$BIN/postgres" -D "$DATA/cluster" -c 'listen_addresses=*'
    ;;
mariadb)
    fill_once mariadb
    exec mariadbd "${mariadb_options[@]}" '--bind-address=*'
    ;;
programs) programs_run ;;
*)
    echo 'usage: shop.sh postgresql|mariadb|programs' >&2
    exit 2
    ;;
esac
