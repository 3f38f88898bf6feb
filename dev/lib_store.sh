# PostgreSQL clusters of a state directory: the store, and the demo's shop. Sourced.
# shellcheck shell=bash

PG_BIN=/usr/lib/postgresql/15/bin

cluster_socket() { # DIR: the directory of its socket
    if [ "$1" = store ]; then say "$STATE/run/store"; else say "$STATE/run/shop"; fi
}

# A server whose directory was replaced is killed, since its shutdown would write into the new one.
cluster_end_replaced() { # DIR
    local pid
    pid=$(process_pid "$1")
    if [ -z "$pid" ] || [ "/proc/$pid/cwd" -ef "$STATE/$1" ]; then return 0; fi
    say "The cluster $1 was replaced while it ran: starting the new one"
    sv once "$STATE/service/$1" >/dev/null || true
    kill -KILL "$pid"
    service_stop "$1" 10
}

# cluster_make DIR: make a cluster owned by its user, with the superuser `postgres` and a password.
# It is made in a temporary directory and renamed, so that an interrupted run leaves no incomplete cluster.
cluster_make() {
    local dir=$STATE/$1 user
    cluster_end_replaced "$1"
    [ ! -f "$dir/PG_VERSION" ] || return 0
    user=$(user_of "$1")
    rm -rf "$dir" "$dir.part"
    mkdir -m 700 "$dir.part"
    secret "$1-superuser" 24 | write_file 600 "$STATE/run/$1.password" "$user"
    owned_by "$user:" "$dir.part"
    step "Making a PostgreSQL cluster ($1)" "$STATE/logs/$1-initdb.log" as_user "$user" \
        "$PG_BIN/initdb" -D "$dir.part" --username=postgres "--pwfile=$STATE/run/$1.password" \
        --auth=scram-sha-256 --locale=C.UTF-8 --encoding=UTF8
    rm -f "$STATE/run/$1.password"
    mv "$dir.part" "$dir"
}

# cluster_start DIR PORT LOG, further settings (lines of postgresql.conf) on stdin.
cluster_start() {
    local name=$1 port=$2 log=$3 dir=$STATE/$1 stamp
    {
        say '# Written by dev/up.'
        say "listen_addresses = '127.0.0.1'"
        say "port = $port"
        say "unix_socket_directories = '$(cluster_socket "$name")'"
        say 'unix_socket_permissions = 0660'
        say "shared_preload_libraries = 'pg_stat_statements'"
        say 'password_encryption = scram-sha-256'
        say 'recovery_init_sync_method = syncfs' # after a crash: one call instead of one for each file
        say "timezone = 'UTC'"
        say "log_timezone = 'UTC'"
        say "log_line_prefix = '%m [%p] %q%u@%d '"
        cat
    } | write_file 640 "$STATE/$name.conf" "root:$(user_of "$name")"
    stamp=$(stamp_of "$PG_BIN/postgres")-$(sha256sum "$STATE/$name.conf" | cut -c1-16)
    # QUIT ends it at once; what INT would write first is in its WAL.
    service_define "$name" "$log" QUIT "leftovers_of_cluster $dir $PG_BIN/postgres" '' \
        "$PG_BIN/postgres" -D "$dir" -c "config_file=$STATE/$name.conf"
    service_stops_by "$name" INT
    process_running "$name" || port_free_soon "$port" || die "port $port of $STATE ($name) is taken by another program"
    service_start "$name" "$stamp" 60
    service_wait 120 3 "PostgreSQL ($name)" "$name" "$log" \
        "$PG_BIN/pg_isready" -q -h "$(cluster_socket "$name")" -p "$port"
}

# cluster_sql DIR PORT DATABASE, SQL on stdin; as the superuser.
cluster_sql() {
    PGPASSWORD=$(secret "$1-superuser" 24) psql -X -q -A -t -v ON_ERROR_STOP=1 \
        "host=$(cluster_socket "$1") port=$2 user=postgres dbname=$3" "${@:4}"
}

# SQL for psql that makes a role, unless it exists. The variable NAME must hold its password.
role_sql() { # NAME
    say "SELECT format('CREATE ROLE $1 LOGIN PASSWORD %L', :'$1')
         WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$1')"
    say '\gexec'
}

# Make the store's roles and database. Every statement can be repeated.
store_make() { # PORT
    cluster_sql store "$1" postgres -v "potto=$(secret store-owner 24)" -v "potto_api=$(secret store-api 24)" \
        <"$PROJECT/dev/store_roles.sql"
}

store_url() { # ROLE SECRET PORT: the address of the unix socket, without characters that are special to a shell
    say "postgresql://$1:$2@${STATE//\//%2F}%2Frun%2Fstore:$3/potto"
}
