# Potto itself in a state directory: store, environment, programs, nginx. Sourced.
# shellcheck shell=bash

ADMIN_EMAIL=admin@localhost
HTTP_PORT_DEFAULT=8080

stack_url() { say "http://127.0.0.1:$(port_get http)"; }

stack_port_choose() { # PORT, or nothing for the state's remembered port
    local port=${1:-$(port_get http)}
    port=${port:-$HTTP_PORT_DEFAULT}
    if [ "$port" != "$(port_get http)" ] || ! process_running nginx; then
        process_running nginx || leftovers_of_session "$STATE/run/nginx" /usr/sbin/nginx
        port_free_soon "$port" || die "port $port on 127.0.0.1 is taken by another program; choose another with --port"
    fi
    port_set http "$port"
}

stack_start_store() {
    local port
    port=$(port_of store)
    cluster_make store
    cluster_start store "$port" postgres.log <"$PROJECT/dev/store.conf"
    store_make "$port"
}

# The key in the files of settings, if they have it: `potto keys` rotates keys there, and without them sealed values are
# lost.
stack_key() { # NAME SECRET BYTES
    local kept
    kept=$(cat "$STATE/fcgi.env" "$STATE/potto.env" 2>/dev/null | sed -n "s/^$1=//p" | tail -n 1)
    if [ -n "$kept" ]; then say "$kept"; else secret "$2" "$3"; fi
}

# NAME.env: the settings of one program (lib/base/config.c says which it reads), which that program alone may read and
# nobody but the caller may change. Lines of potto.env.local win over the others, but for the secrets of other programs.
stack_settings() { # NAME GROUP FOREIGN, lines on stdin
    local mode=600
    ! is_root || [ "$2" = root ] || mode=640
    {
        cat
        [ ! -f "$STATE/potto.env.local" ] || grep -vE "^($3)=" "$STATE/potto.env.local" || true
    } | write_file $mode "$STATE/$1.env" "root:$2"
}

stack_environment() {
    local port jwt encryption owner
    port=$(port_get store)
    jwt=$(stack_key JWT_SECRET jwt 32)
    encryption=$(stack_key ENCRYPTION_KEY encryption 32)
    owner=$(store_url potto "$(secret store-owner 24)" "$port")
    stack_settings fcgi potto-fcgi 'POTTO_OWNER_DATABASE_URL|ANTHROPIC_API_KEY' <<ENV
DATABASE_URL=$(store_url potto_api "$(secret store-api 24)" "$port")
JWT_SECRET=$jwt
ENCRYPTION_KEY=$encryption
POTTO_SOCKET=$STATE/run/fcgi/fcgi.sock
POTTO_TEMPLATES=$PROJECT/templates
POTTO_STATIC=$PROJECT/static
POTTO_PUBLIC_URL=$(stack_url)
ENV
    stack_settings collector potto-collector 'DATABASE_URL|JWT_SECRET' <<ENV
POTTO_OWNER_DATABASE_URL=$owner
ENCRYPTION_KEY=$encryption
ENV
    stack_settings potto root 'DATABASE_URL|JWT_SECRET' <<ENV
POTTO_OWNER_DATABASE_URL=$owner
ENCRYPTION_KEY=$encryption
POTTO_MIGRATIONS=$PROJECT/migrations
ENV
}

stack_potto() { # the command line, with its own settings
    POTTO_ENV_FILE=$STATE/potto.env "$(stack_program potto)" "$@"
}

stack_program() { # potto, potto-fcgi, potto-collector or potto-target: its path
    local file
    for file in "$BUILD/cli/$1" "$BUILD/fcgi/$1" "$BUILD/collector/$1"; do
        [ ! -x "$file" ] || { say "$file" && return 0; }
    done
    die "$1 is not built in $BUILD"
}

stack_migrate() {
    stack_potto migrate >"$STATE/logs/migrate.log" 2>&1 || {
        cat "$STATE/logs/migrate.log" >&2
        die 'the migrations failed'
    }
    # Make the password first, so that an interrupted run cannot leave an admin whose password nobody knows.
    [ -s "$STATE/secrets/admin-password" ] || secret admin-password 12 >/dev/null
    # Each time, since the store may be another one than the last time.
    stack_potto bootstrap --email "$ADMIN_EMAIL" --password-file "$STATE/secrets/admin-password" \
        >"$STATE/logs/bootstrap.log" 2>&1 || {
        cat "$STATE/logs/bootstrap.log" >&2
        die 'the first admin could not be made'
    }
    printf '{"url": "%s", "email": "%s", "password": "%s"}\n' "$(stack_url)" "$ADMIN_EMAIL" \
        "$(cat "$STATE/secrets/admin-password")" | write_file 600 "$STATE/admin.json"
}

# How to sign in. The password that dev/up made is no help if somebody changed it, or if the store is another one.
stack_say_account() {
    if grep -q '"signs_in":false' "$STATE/logs/bootstrap.log"; then
        say "Sign in as     somebody whom this store knows: the password that dev/up made for $ADMIN_EMAIL is not"
        say "               right in it. A new account:"
        say "               POTTO_ENV_FILE=$STATE/potto.env $(stack_program potto) user create \\"
        say "               --role admin --email ADDRESS --password-file FILE"
    else
        say "Sign in as     $ADMIN_EMAIL"
        say "Password       $(cat "$STATE/secrets/admin-password")"
    fi
}

stack_nginx_configure() {
    local template
    template=$(cat "$PROJECT/nginx/nginx.conf.template")
    template=${template//@SOCKET@/$STATE/run/fcgi/fcgi.sock}
    template=${template//@STATIC@/$PROJECT/static}
    template=${template//@PORT@/$(port_get http)}
    say "$template" | write_file 640 "$STATE/nginx.conf" root:potto-web
    rm -f "$STATE/nginx/nginx.conf" # where an older dev/up put it, within reach of nginx itself
}

# Start potto-fcgi or potto-collector with POTTO_ENV_FILE alone: the secrets are in that file, not in its environment.
stack_start_one() { # NAME PROGRAM DEATH FILE…
    local name=$1 program variables variable
    program=$(stack_program "$2")
    variables=POTTO_ENV_FILE=$STATE/$name.env
    for variable in ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS; do # of a build with sanitizers
        [ -z "${!variable:-}" ] || variables+=$'\n'$variable=${!variable}
    done
    service_define "$name" "$name.log" "$3" : "$variables" "$program"
    service_start "$name" "$(stamp_of "$program" "$STATE/$name.env" "${@:4}")" 15
}

stack_start_nginx() {
    stack_nginx_configure
    service_define nginx nginx-error.log TERM "leftovers_of_session $STATE/run/nginx /usr/sbin/nginx" '' \
        /usr/sbin/nginx -p "$STATE/" -c nginx.conf -e logs/nginx-error.log
    service_stops_by nginx QUIT
    service_start nginx "$(stamp_of /usr/sbin/nginx "$STATE/nginx.conf")" 5
    service_wait 10 3 nginx nginx nginx-error.log port_busy "$(port_get http)"
}

stack_start_programs() {
    # Workers of a killed manager finish their requests; a collector whose supervisor is killed finishes its cycles.
    stack_start_one fcgi potto-fcgi KILL
    stack_start_one collector potto-collector TERM "$(stack_program potto-target)"
    stack_start_nginx
    service_wait 60 2 'the answer of /health' fcgi fcgi.log curl -fsS -m 5 -o "$STATE/run/health" "$(stack_url)/health"
    stack_collector_stays
}

stack_collector_stays() { service_stays collector "$STATE/logs/collector.log" 1; }

stack_stop() {
    service_stop nginx 5
    service_stop fcgi 15 &
    service_stop collector 15 &
    wait
    service_stop store 60
}
