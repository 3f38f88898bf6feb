# The demo: a shop in PostgreSQL and in MariaDB, programs that use it, their connections, and reports of a MongoDB that
# are made up. Sourced by dev/up.
# shellcheck shell=bash

# shellcheck disable=SC2034 # used by dev/up
DEMO_SERVICES=(shop_postgresql shop_mariadb workload_postgresql workload_mariadb reports_mongodb)

source "$PROJECT/dev/lib_mariadb.sh"
source "$PROJECT/dev/lib_shop.sh"

demo_start() {
    touch "$STATE/run/demo"
    shop_postgresql_start </dev/null
    shop_mariadb_start </dev/null
    if [ ! -f "$STATE/shop_loaded" ]; then
        step 'Filling the shop, 1.9 million rows in each' "$STATE/logs/shop-load.log" demo_load
        touch "$STATE/shop_loaded"
    fi
    demo_workload_start postgresql
    demo_workload_start mariadb
    demo_connections
    demo_reports_start
}

demo_load() {
    local loading
    demo_load_postgresql &
    loading=$!
    demo_load_mariadb
    wait "$loading"
}

# An interrupted load starts again from the beginning.
demo_load_postgresql() {
    local port
    port=$(port_get shop_postgresql)
    cluster_sql shop_postgresql "$port" shop <<<'
        DROP TABLE IF EXISTS customers, products, orders, order_items, reviews, sessions'
    cluster_sql shop_postgresql "$port" shop <"$PROJECT/dev/demo/shop_postgresql.sql"
    cluster_sql shop_postgresql "$port" shop <<<'SELECT pg_stat_statements_reset(); CHECKPOINT'
}

demo_load_mariadb() {
    mariadb_sql shop_mariadb shop <<<'DROP TABLE IF EXISTS customers, products, orders, order_items, reviews, sessions'
    mariadb_sql shop_mariadb shop <"$PROJECT/dev/demo/shop_mariadb.sql"
    # The slow log is a table without an index, and the server never shortens it: empty it every two hours.
    mariadb_sql shop_mariadb shop <<'SQL'
CREATE EVENT IF NOT EXISTS empty_slow_log ON SCHEDULE EVERY 2 HOUR DO TRUNCATE mysql.slow_log;
TRUNCATE mysql.slow_log;
SQL
}

demo_workload_start() { # ENGINE
    local name=workload_$1 server=shop_$1 stamp
    stamp=$(stamp_of "$PROJECT/dev/demo/workload.py" "$PROJECT/dev/demo/statements.py")-$(port_get "$server")
    service_define "$name" "$name.log" TERM : "SHOP_HOST=127.0.0.1
SHOP_PORT=$(port_get "$server")
SHOP_USER=shop_app
SHOP_PASSWORD=$(secret "$server-app" 16)
PYTHONDONTWRITEBYTECODE=1" /usr/bin/python3 "$PROJECT/dev/demo/workload.py" "$1"
    service_start "$name" "$stamp" 10
}

# The role that monitors the store itself: it reads statistics, but no tables. So it makes no plans, and nobody is
# advised to let it.
demo_store_monitor() {
    {
        say 'SET client_min_messages = warning;'
        role_sql potto_monitor
        say 'GRANT pg_monitor TO potto_monitor;'
        say 'GRANT CONNECT ON DATABASE potto TO potto_monitor;'
        say "ALTER ROLE potto_monitor SET potto.plans = 'off';"
    } | cluster_sql store "$(port_get store)" potto -v "potto_monitor=$(secret store-monitor 16)"
}

demo_connections() {
    demo_store_monitor
    demo_connection 'Shop (PostgreSQL)' postgresql "$(port_get shop_postgresql)" shop \
        "$(secret shop_postgresql-monitor 16)" 20
    demo_connection 'Shop (MariaDB)' mysql "$(port_get shop_mariadb)" shop "$(secret shop_mariadb-monitor 16)" 20
    demo_connection "Potto's own store" postgresql "$(port_get store)" potto "$(secret store-monitor 16)" 20
}

demo_connection() { # NAME ENGINE PORT DATABASE PASSWORD MIN_DURATION_MS
    printf '%s' "$5" | write_file 600 "$STATE/run/connection-password"
    # Its output holds the agent token.
    stack_potto connection create --if-absent --name "$1" --engine "$2" --host 127.0.0.1 --port "$3" \
        --database "$4" --username potto_monitor --password-file "$STATE/run/connection-password" --tls-mode disable \
        --visibility ORG_WIDE --interval-s 10 --min-duration-ms "$6" 2>"$STATE/logs/connection.log" >/dev/null || {
        cat "$STATE/logs/connection.log" >&2
        die "the connection $1 could not be made"
    }
    rm -f "$STATE/run/connection-password"
}

# A script that sends reports of three nodes. There is no MongoDB behind them.
demo_reports_start() {
    local token=$STATE/secrets/mongodb-agent-token made
    made=$(stack_potto connection create --if-absent --name 'Carts (MongoDB, made up)' --engine mongodb \
        --visibility ORG_WIDE --interval-s 10 2>"$STATE/logs/connection.log") || {
        cat "$STATE/logs/connection.log" >&2
        die 'the connection of the made-up MongoDB could not be made'
    }
    made=$(sed -n 's/.*"agent_token":"\(agt_[^"]*\)".*/\1/p' <<<"$made")
    [ -z "$made" ] || printf '%s' "$made" | write_file 600 "$token"
    [ -f "$token" ] || return 0 # made by hand
    service_define reports_mongodb reports_mongodb.log TERM : "POTTO_URL=$(stack_url)
POTTO_AGENT_TOKEN=$(cat "$token")
PYTHONDONTWRITEBYTECODE=1" /usr/bin/python3 "$PROJECT/dev/demo/reports.py"
    service_start reports_mongodb "$(stamp_of "$PROJECT/dev/demo/reports.py")" 10
}

demo_stop() {
    service_stop workload_postgresql 10 &
    service_stop workload_mariadb 10 &
    service_stop reports_mongodb 10 &
    wait
    service_stop shop_postgresql 60 &
    service_stop shop_mariadb 60 &
    wait
}
