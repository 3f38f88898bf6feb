# Servers to be monitored, for the demo and the tests: a PostgreSQL and a MariaDB with a database `shop`. Sourced.
# shellcheck shell=bash
#
# Each has a superuser, `shop_app`, which may change rows, and `potto_monitor`, which has exactly the rights that
# Potto's documentation asks for.

# Further lines of postgresql.conf on stdin.
shop_postgresql_start() {
    local name=shop_postgresql port
    port=$(port_of $name)
    cluster_make $name
    {
        cat <<'CONF'
max_connections = 50
shared_buffers = 64MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
jit = off
track_io_timing = on
pg_stat_statements.max = 2000
pg_stat_statements.track_planning = on
log_checkpoints = off
CONF
        cat
    } | cluster_start $name "$port" $name.log
    {
        say 'SET client_min_messages = warning;'
        role_sql potto_monitor
        role_sql shop_app
        cat <<'SQL'
GRANT pg_monitor TO potto_monitor;
SELECT 'CREATE DATABASE shop' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'shop')
\gexec
SQL
    } | cluster_sql $name "$port" postgres -v "potto_monitor=$(secret $name-monitor 16)" \
        -v "shop_app=$(secret $name-app 16)"
    cluster_sql $name "$port" shop <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO potto_monitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shop_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO shop_app;
SQL
}

# Further options of mariadbd on stdin, one a line.
shop_mariadb_start() {
    local name=shop_mariadb port
    port=$(port_of $name)
    mariadb_make $name
    {
        cat <<'CONF'
--innodb-buffer-pool-size=128M
--innodb-log-file-size=64M
--innodb-flush-log-at-trx-commit=2
--performance-schema=ON
--slow-query-log=ON
--log-output=TABLE
--long-query-time=0.02
--log-slow-verbosity=query_plan,explain
--event-scheduler=ON
--max-connections=50
CONF
        cat
    } | mariadb_start $name "$port" $name.log
    mariadb_sql $name <<SQL
SET sql_log_bin = 0;
CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS potto_monitor@'127.0.0.1' IDENTIFIED BY '$(secret $name-monitor 16)';
CREATE USER IF NOT EXISTS shop_app@'127.0.0.1' IDENTIFIED BY '$(secret $name-app 16)';
GRANT SELECT ON mysql.slow_log TO potto_monitor@'127.0.0.1';
GRANT SELECT ON shop.* TO potto_monitor@'127.0.0.1';
GRANT PROCESS ON *.* TO potto_monitor@'127.0.0.1';
GRANT SELECT ON performance_schema.* TO potto_monitor@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO shop_app@'127.0.0.1';
SQL
}
