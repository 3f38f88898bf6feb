# Potto itself in a state directory: store, environment, programs, nginx. Sourced.
# shellcheck shell=bash

ADMIN_EMAIL=admin@localhost
HTTP_PORT_DEFAULT=8080

stack_url() { say "http://127.0.0.1:$(port_get http)"; }

stack_port_choose() { # PORT, or nothing for the state's remembered port
    local port=${1:-$(port_get http)}
    port=${port:-$HTTP_PORT_DEFAULT}
    if [ "$port" != "$(port_get http)" ] || ! process_running nginx; then
        process_running nginx || process_stop_session nginx # workers of a killed nginx still listen
        port_free_soon "$port" || die "port $port on 127.0.0.1 is taken by another program; choose another with --port"
    fi
    port_set http "$port"
}

stack_start_store() {
    local port
    port=$(port_of store)
    cluster_make store
    cluster_start store "$port" postgres.log <<CONF
max_connections = 200
shared_buffers = 128MB
work_mem = 16MB
maintenance_work_mem = 64MB
wal_compression = on
max_wal_size = 1GB
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
pg_stat_statements.max = 2000
CONF
    store_make "$port"
}

# The key in potto.env, if it has one: `potto keys` rotates keys there, and without them sealed values are lost.
stack_key() { # NAME SECRET BYTES
    local kept
    kept=$(sed -n "s/^$1=//p" "$STATE/potto.env" 2>/dev/null | tail -n 1)
    if [ -n "$kept" ]; then say "$kept"; else secret "$2" "$3"; fi
}

# potto.env: the variables of lib/base/config.h. Lines of potto.env.local win over the others.
stack_environment() {
    local port line
    port=$(port_get store)
    {
        say "DATABASE_URL=$(store_url potto_api "$(secret store-api 24)" "$port")"
        say "POTTO_OWNER_DATABASE_URL=$(store_url potto "$(secret store-owner 24)" "$port")"
        say "JWT_SECRET=$(stack_key JWT_SECRET jwt 32)"
        say "ENCRYPTION_KEY=$(stack_key ENCRYPTION_KEY encryption 32)"
        say "POTTO_SOCKET=$STATE/run/fcgi.sock"
        say "POTTO_TEMPLATES=$PROJECT/templates"
        say "POTTO_STATIC=$PROJECT/static"
        say "POTTO_MIGRATIONS=$PROJECT/migrations"
        say "POTTO_PUBLIC_URL=$(stack_url)"
        [ ! -f "$STATE/potto.env.local" ] || cat "$STATE/potto.env.local"
    } | write_file 600 "$STATE/potto.env"
    while IFS= read -r line; do
        # shellcheck disable=SC2163 # the line is NAME=value
        [[ $line != [A-Z]*=* ]] || export "$line"
    done <"$STATE/potto.env"
    # Programs read the file again at SIGHUP, so their user must be able to read it.
    service_owns "$STATE/potto.env"
    export POTTO_ENV_FILE=$STATE/potto.env
}

stack_program() { # potto, potto-fcgi or potto-collector: its path
    local file
    for file in "$BUILD/cli/$1" "$BUILD/fcgi/$1" "$BUILD/collector/$1"; do
        [ ! -x "$file" ] || { say "$file" && return 0; }
    done
    die "$1 is not built in $BUILD"
}

stack_migrate() {
    local potto
    potto=$(stack_program potto)
    "$potto" migrate >"$STATE/logs/migrate.log" 2>&1 || {
        cat "$STATE/logs/migrate.log" >&2
        die 'the migrations failed'
    }
    # Make the password first, so that an interrupted run cannot leave an admin whose password nobody knows.
    [ -s "$STATE/secrets/admin-password" ] || secret admin-password 12 >/dev/null
    if [ ! -f "$STATE/admin.json" ]; then
        "$potto" bootstrap --email "$ADMIN_EMAIL" --password-file "$STATE/secrets/admin-password" \
            >"$STATE/logs/bootstrap.log" 2>&1 || {
            cat "$STATE/logs/bootstrap.log" >&2
            die 'the first admin could not be made'
        }
    fi
    printf '{"url": "%s", "email": "%s", "password": "%s"}\n' "$(stack_url)" "$ADMIN_EMAIL" \
        "$(cat "$STATE/secrets/admin-password")" | write_file 600 "$STATE/admin.json"
}

stack_nginx_configure() {
    local template
    template=$(cat "$PROJECT/nginx/nginx.conf.template")
    template=${template//@STATE@/$STATE}
    template=${template//@STATIC@/$PROJECT/static}
    template=${template//@PORT@/$(port_get http)}
    mkdir -p "$STATE/nginx"
    say "$template" | write_file 644 "$STATE/nginx/nginx.conf"
    service_owns "$STATE/nginx"
}

stack_start_one() { # NAME PROGRAM LOG STOP_S
    local program stamp
    program=$(stack_program "$2")
    stamp=$(stamp_of "$program" "$STATE/potto.env")
    if process_current "$1" "$stamp"; then return 0; fi
    process_stop "$1" TERM "$4"
    process_start "$1" "$stamp" "$3" "$program"
}

stack_start_nginx() {
    local stamp
    stack_nginx_configure
    stamp=$(stamp_of /usr/sbin/nginx "$STATE/nginx/nginx.conf")
    if process_current nginx "$stamp"; then return 0; fi
    process_stop nginx QUIT 5
    touch "$STATE/logs/nginx-error.log" "$STATE/logs/nginx-access.log"
    service_owns "$STATE/logs/nginx-error.log" "$STATE/logs/nginx-access.log"
    process_start nginx "$stamp" nginx-error.log \
        /usr/sbin/nginx -p "$STATE/" -c nginx/nginx.conf -e logs/nginx-error.log
    wait_for 10 nginx nginx nginx-error.log port_busy "$(port_get http)"
}

stack_start_programs() {
    stack_start_one fcgi potto-fcgi fcgi.log 15
    stack_start_one collector potto-collector collector.log 15
    stack_start_nginx
    wait_for 60 'the answer of /health' fcgi fcgi.log curl -fsS -m 5 -o "$STATE/run/health" "$(stack_url)/health"
    stack_collector_stays
}

stack_collector_stays() {
    process_running collector || {
        tail -n 20 "$STATE/logs/collector.log" >&2
        die "potto-collector ended while starting; its log: $STATE/logs/collector.log"
    }
}

stack_stop() {
    process_stop nginx QUIT 5
    process_stop fcgi TERM 15 &
    process_stop collector TERM 15 &
    wait
    process_stop store INT 60
}
