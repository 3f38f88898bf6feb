# The long-running programs of a state directory: who runs them, and how they are supervised. Sourced.
# shellcheck shell=bash
#
# Each program is a service of runit. dev/supervise.sh runs a runsv for each directory in STATE/service; runsv starts
# the program and starts it again when it ends. STATE/service/NAME holds `run` (starts the program), `finish`
# (dev/service_finish.sh, slows down a program that keeps ending), and `down` if the program is to stay stopped.
# STATE/run/NAME.pid has its process id, NAME.stamp identifies what it was started from, so that a changed binary or
# setting leads to a restart, and NAME.ended has a line for each of its ends since dev/up started it.

source "$PROJECT/dev/lib_leftovers.sh"

# --- users --------------------------------------------------------------------

# As root, each program runs as a user of its own, which owns nothing else. The group `potto` may enter the state
# directory; the group potto-store may connect to the store's socket.
USERS=(potto-fcgi potto-collector potto-web potto-store potto-demo)
CAPABILITIES=()

is_root() { [ "$EUID" = 0 ]; }

user_of() { # NAME of a service: its user
    case $1 in
    fcgi | collector | store) say "potto-$1" ;;
    nginx) say potto-web ;;
    *) say potto-demo ;;
    esac
}

users_are_there() {
    local user
    for user in "${USERS[@]}"; do
        [[ " $(id -nG "$user" 2>/dev/null) " == *' potto '* ]] || return 1
    done
    [[ " $(id -nG potto-fcgi) " == *' potto-store '* && " $(id -nG potto-collector) " == *' potto-store '* ]]
}

users_make() {
    local user
    if ! is_root || users_are_there; then return 0; fi
    exec 7</etc # useradd fails while another one runs
    flock 7
    getent group potto >/dev/null || groupadd --system potto
    for user in "${USERS[@]}"; do
        id "$user" >/dev/null 2>&1 ||
            useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
        usermod -a -G potto "$user"
    done
    usermod -a -G potto-store potto-fcgi
    usermod -a -G potto-store potto-collector
    exec 7<&-
}

# Find a way to run programs as these users. Other users cannot enter a clone below /root, but the group potto may be
# let through by an entry in the directory's access control list. Where that does not help, the programs get the one
# capability that lets them pass directories.
users_find() {
    local capability
    CAPABILITIES=()
    umask 027 # from here on; what was built before is for all users
    users_make
    directories_make
    is_root || return 0
    CAPABILITIES=(--inh-caps=-all --bounding-set=-all)
    if user_reaches; then return 0; fi
    users_let_through "$PROJECT"
    users_let_through "$STATE"
    if user_reaches; then return 0; fi
    for capability in dac_read_search dac_override; do
        CAPABILITIES=("--inh-caps=-all,+$capability" "--ambient-caps=-all,+$capability"
            "--bounding-set=-all,+$capability")
        if user_reaches; then
            warn "Other users may not enter $PROJECT: the programs get CAP_${capability^^}, with which each could read
the others' files. Put the clone and --state where others may enter to keep the programs apart."
            return 0
        fi
    done
    die "the user potto-web can't enter $STATE or $PROJECT, and this machine gives no capability to pass. Put the
clone and --state where others may enter, or run dev/up as an unprivileged user with sudo"
}

# The group may pass the directories on the way to DIR, the outermost first; it may not list them.
users_let_through() { # DIR
    local outer=${1%/*}
    [ -n "$outer" ] || return 0
    users_let_through "$outer"
    # shellcheck disable=SC2016
    if ! as_user potto-web sh -c 'cd "$1"' - "$outer" 2>/dev/null && setfacl -m g:potto:x "$outer" 2>/dev/null; then
        warn "The group potto may now pass $outer; setfacl -x g:potto $outer takes that back."
    fi
}

user_reaches() {
    # Try it instead of asking access(), which ignores capabilities.
    # shellcheck disable=SC2016
    as_user potto-web sh -c ': <"$1" && cd "$2"' - "$PROJECT/dev/lib.sh" "$STATE/run" 2>/dev/null
}

# The words of a command that becomes USER, followed by the capabilities that were found.
user_prefix() { # USER
    PREFIX=(setpriv --no-new-privs)
    ! is_root || PREFIX+=("--reuid=$1" "--regid=$1" --init-groups "${CAPABILITIES[@]}")
}

# Run a command as USER, with nothing of this shell's environment.
as_user() { # USER COMMAND…
    local PREFIX
    user_prefix "$1"
    env -i "PATH=$PATH" LANG=C.UTF-8 "${PREFIX[@]}" "${@:2}"
}

owned_by() { # OWNER[:GROUP] FILE…
    ! is_root || chown -R "$@"
}

# --- directories --------------------------------------------------------------

directory() { # MODE OWNER:GROUP DIR
    mkdir -p "$3"
    ! is_root || chown "$2" "$3"
    chmod "$1" "$3"
}

# Also takes over what an older dev/up made, when all servers ran as the user postgres.
directories_make() {
    local name
    legacy_stop_all # before its user may not enter any more
    directory 750 root:potto "$STATE"
    directory 750 root:potto "$STATE/logs"
    directory 750 root:potto "$STATE/run"
    directory 700 root:root "$STATE/service"
    # A socket gets its directory's group: nginx may connect to the workers, the workers and the collector to the store.
    directory 2750 potto-fcgi:potto-web "$STATE/run/fcgi"
    directory 750 potto-store:potto-store "$STATE/run/store"
    directory 750 potto-demo:potto-demo "$STATE/run/shop"
    # Root reads and writes nothing in a directory that a program's user owns.
    mkdir -p "$STATE/nginx"
    for name in nginx store shop_postgresql shop_mariadb; do
        if is_root && [ -d "$STATE/$name" ] && [ "$(stat -c %U "$STATE/$name")" != "$(user_of $name)" ]; then
            chown -R "$(user_of $name):" "$STATE/$name"
        fi
    done
    chmod 750 "$STATE/nginx"
    [ ! -f "$STATE/potto.env.local" ] || chmod go= "$STATE/potto.env.local"
    find "$STATE/logs" -maxdepth 1 -type f ! -name 'nginx-[ae]*' \( ! -uid "$(id -u)" -o -perm /137 \) \
        -exec chown "$(id -u):$(id -g)" {} + -exec chmod 640 {} +
    for name in nginx-error.log nginx-access.log; do
        touch "$STATE/logs/$name"
        owned_by potto-web: "$STATE/logs/$name"
        chmod 640 "$STATE/logs/$name"
    done
}

# Stop the programs that an older dev/up started without supervision.
legacy_stop_all() {
    local name
    for name in nginx fcgi collector workload_postgresql workload_mariadb shop_mariadb; do legacy_stop $name TERM; done
    for name in shop_postgresql store; do legacy_stop $name INT; done
}

# NAME.started has the kernel's start time of such a program.
legacy_stop() { # NAME SIGNAL
    local pid stat
    [ -f "$STATE/run/$1.started" ] || return 0
    pid=$(cat "$STATE/run/$1.pid" 2>/dev/null || true)
    stat=$(cat "/proc/${pid:-0}/stat" 2>/dev/null || true)
    # shellcheck disable=SC2086 # the fields after the command's name
    set -- "$1" "$2" ${stat##*) }
    if [ "${22:-} $(cat /proc/sys/kernel/random/boot_id)" = "$(cat "$STATE/run/$1.started")" ]; then
        kill "-$2" "$pid"
        for _ in $(seq 600); do
            [ -d "/proc/$pid" ] || break
            sleep 0.1
        done
    fi
    rm -f "$STATE/run/$1.started" "$STATE/run/$1.pid" "$STATE/run/$1.stamp" "$STATE"/run/{*.sock,*.own,.s.PGSQL.*}
}

# --- services -----------------------------------------------------------------

service_names() {
    local directory
    for directory in "$STATE"/service/*/; do
        [ ! -d "$directory" ] || basename "$directory"
    done
}

# Make services that stay stopped until service_start.
services_make() { # NAME…
    local name directory
    for name; do
        directory=$STATE/service/$name
        [ ! -x "$directory/run" ] || continue
        mkdir -p "$directory"
        chmod 700 "$directory"
        touch "$directory/down"
        printf '#!/bin/sh\nexit 1\n' | write_file 700 "$directory/run"
    done
}

# service_define NAME LOG DEATH LEFTOVERS VARIABLES COMMAND…: write its `run`. DEATH is the signal that the program gets
# if its runsv is killed, so that it never runs twice. LEFTOVERS is a command of lib_leftovers.sh. VARIABLES are lines
# NAME=value, the program's whole environment beside PATH.
service_define() {
    local name=$1 log=$2 death=$3 leftovers=$4 variables=() PREFIX directory=$STATE/service/$1
    mapfile -t variables <<<"$5"
    [ -n "$5" ] || variables=()
    shift 5
    services_make "$name"
    user_prefix "$(user_of "$name")"
    {
        printf '#!/bin/bash\n# Written by dev/up: starts %s.\numask 027\nulimit -c 0\n' "$name"
        printf 'exec </dev/null >>%q 2>&1\n' "$STATE/logs/$log"
        printf 'source %q\n%s\n' "$PROJECT/dev/lib_leftovers.sh" "$leftovers"
        printf 'process_note %q\n' "$STATE/run/$name"
        # If runsv is killed before its death would be noticed, the program must not start.
        printf 'exec env -i %s setsid %s sh -c %q $PPID %s\n' \
            "$(printf '%q ' PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${variables[@]}")" \
            "$(printf '%q ' "${PREFIX[@]}" --pdeathsig "$death")" \
            '[ "$PPID" = "$0" ] || exit 1; exec "$@"' "$(printf '%q ' "$@")"
    } | write_file 700 "$directory/run"
    write_file 700 "$directory/finish" <"$PROJECT/dev/service_finish.sh"
}

# The signal that asks the program to stop, if it is not TERM.
service_stops_by() { # NAME SIGNAL
    mkdir -p "$STATE/service/$1/control"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nexec kill -%s "$(cat supervise/pid)"\n' "$2" | write_file 700 "$STATE/service/$1/control/t"
}

# Start the supervisor unless it runs, and wait until each of these services has its runsv.
supervisor_start() { # NAME…
    local name
    services_make "$@"
    if ! supervisor_runs; then
        supervisor_stop # what a killed one left
        env -i "PATH=$PATH" setsid "$PROJECT/dev/supervise.sh" "$STATE/service" \
            >>"$STATE/logs/supervisor.log" 2>&1 </dev/null 9>&- 8>&- &
        say $! | write_file 640 "$STATE/run/supervisor.pid"
        disown
    fi
    for name; do
        for _ in $(seq 200); do
            if sv status "$STATE/service/$name" >/dev/null 2>&1; then continue 2; fi
            sleep 0.05
        done
        die "$name is not supervised; see $STATE/logs/supervisor.log"
    done
}

supervisor_runs() {
    local pid
    pid=$(cat "$STATE/run/supervisor.pid" 2>/dev/null) || return 1
    [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == *"/supervise.sh $STATE/service " ]]
}

# Stop the supervisor, then each runsv with its program.
supervisor_stop() {
    local name
    if supervisor_runs; then kill "$(cat "$STATE/run/supervisor.pid")"; fi
    while supervisor_runs; do sleep 0.02; done
    rm -f "$STATE/run/supervisor.pid"
    for name in $(service_names); do
        sv status "$STATE/service/$name" >/dev/null 2>&1 || continue
        sv -w 60 shutdown "$STATE/service/$name" >/dev/null || warn "the supervisor of $name did not stop"
    done
}

process_pid() { # NAME: the id if it runs, else nothing
    local line
    line=$(sv status "$STATE/service/$1" 2>/dev/null) || return 0
    [[ ! $line =~ ^run:\ .*\(pid\ ([0-9]+)\) ]] || say "${BASH_REMATCH[1]}"
}

process_running() { [ -n "$(process_pid "$1")" ]; }

# A hash that identifies the files a process is started from.
stamp_of() { # FILE…
    stat -L -c '%n %i %s %Y' "$@" | sha256sum | cut -c1-16
}

# Start a service, or start it again if it was started from other files or by another `run`.
service_start() { # NAME STAMP STOP_S
    local name=$1 stamp directory=$STATE/service/$1
    stamp=$2-$(sha256sum <"$directory/run" | cut -c1-16)
    rm -f "$STATE/run/$name.ended"
    if process_running "$name"; then
        if [ "$(cat "$STATE/run/$name.stamp" 2>/dev/null)" = "$stamp" ]; then
            sv -w 1 up "$directory" >/dev/null || true
            return 0
        fi
        service_stop "$name" "$3"
    fi
    rm -f "$STATE/run/$name.ended" "$directory/down" # it also ended because it was stopped
    say "$stamp" | write_file 640 "$STATE/run/$name.stamp"
    touch "$directory/hurry" # ends the wait of a service that kept ending
    sv -w 1 up "$directory" >/dev/null || true
    for _ in $(seq 200); do
        if process_running "$name" || [ -s "$STATE/run/$name.ended" ]; then break; fi
        sleep 0.05
    done
    rm -f "$directory/hurry"
}

service_stop() { # NAME STOP_S: ask it to stop, and kill it after that time
    local directory=$STATE/service/$1
    [ -d "$directory" ] || return 0
    touch "$directory/down"
    if sv status "$directory" >/dev/null 2>&1; then
        sv -w "$2" force-stop "$directory" >/dev/null || warn "$1 was killed: it did not stop within $2 s"
    fi
    rm -f "$STATE/run/$1.stamp" "$STATE/run/$1.pid"
}

# The service ended while starting: stop it, show the end of its log, and give up.
service_failed() { # NAME LOG TEXT
    service_stop "$1" 5
    tail -n 20 "$2" >&2
    die "$3; its log: $2"
}

# service_wait TIMEOUT_S ENDS_MAX TEXT NAME LOG COMMAND…: wait until COMMAND succeeds. Fails if NAME ends so many times.
service_wait() {
    local timeout=$1 ends_max=$2 text=$3 name=$4 log=$STATE/logs/$5 deadline=$((SECONDS + $1))
    shift 5
    until "$@" >/dev/null 2>&1; do
        service_stays "$name" "$log" "$ends_max"
        [ "$SECONDS" -lt "$deadline" ] || service_failed "$name" "$log" "$text took longer than $timeout s"
        sleep 0.1
    done
}

service_stays() { # NAME LOG ENDS_MAX
    local file=$STATE/run/$1.ended
    if [ -f "$file" ] && [ "$(wc -l <"$file")" -ge "$3" ]; then
        service_failed "$1" "$2" "$1 ended while starting ($(tail -n 1 "$file"))"
    fi
}
