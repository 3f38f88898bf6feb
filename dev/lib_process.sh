# Long-running processes of a state directory: starts, recognizes and stops them. Sourced.
# shellcheck shell=bash
#
# STATE/run/NAME.pid holds the process id. NAME.started holds the kernel's start time of the process,
# because process ids are used again. NAME.stamp identifies the files it was started from, so that a
# changed binary or setting leads to a restart.

# As root, servers run as this unprivileged user (PostgreSQL refuses to be root).
SERVICE_USER=postgres
SERVICE_PREFIX=()

# Find a way to run servers as that user. Other users cannot enter a clone below /root, and modes outside the clone
# must not be changed. There the servers get the one capability that lets them pass directories.
service_user_find() {
    local base capability
    SERVICE_PREFIX=()
    [ "$(id -u)" = 0 ] || return 0
    id "$SERVICE_USER" >/dev/null 2>&1 || die "the user $SERVICE_USER is missing; Debian's postgresql-common makes it"
    chown "$SERVICE_USER:" "$STATE/logs" "$STATE/run"
    base=(setpriv "--reuid=$SERVICE_USER" "--regid=$SERVICE_USER" --init-groups --no-new-privs)
    SERVICE_PREFIX=("${base[@]}" --inh-caps=-all --bounding-set=-all)
    if service_user_reaches; then return 0; fi
    for capability in dac_read_search dac_override; do
        SERVICE_PREFIX=("${base[@]}" "--inh-caps=-all,+$capability" "--ambient-caps=-all,+$capability"
            "--bounding-set=-all,+$capability")
        if service_user_reaches; then return 0; fi
    done
    die "the user $SERVICE_USER can't enter $STATE or $PROJECT, and this machine gives no capability to pass. Put the
clone and --state where others may enter, or run dev/up as an unprivileged user with sudo"
}

service_user_reaches() {
    # Try it instead of asking access(), which ignores capabilities.
    # shellcheck disable=SC2016
    "${SERVICE_PREFIX[@]}" sh -c ': <"$1" && : >"$2" && : >"$3"' - \
        "$PROJECT/dev/lib.sh" "$STATE/run/reach" "$STATE/logs/reach" 2>/dev/null &&
        rm -f "$STATE/run/reach" "$STATE/logs/reach"
}

as_service() { "${SERVICE_PREFIX[@]}" "$@"; }

# Make the servers' user the owner of these files.
service_owns() {
    [ "$(id -u)" != 0 ] || chown -R "$SERVICE_USER:" "$@"
}

process_born() { # PID: start time in the kernel's clock ticks, empty if it is gone or a zombie
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    stat=${stat##*) } # cut off the command's name, which may hold any character
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" = Z ] || say "${20}"
}

boot_id() {
    local id
    read -r id </proc/sys/kernel/random/boot_id
    say "$id"
}

process_pid() { # NAME: the id if it runs, else nothing
    local pid born
    pid=$(cat "$STATE/run/$1.pid" 2>/dev/null) || return 0
    [[ $pid =~ ^[0-9]+$ ]] || return 0
    born=$(process_born "$pid")
    [ -n "$born" ] || return 0
    [ "$(cat "$STATE/run/$1.started" 2>/dev/null)" = "$born $(boot_id)" ] || return 0
    say "$pid"
}

process_running() { [ -n "$(process_pid "$1")" ]; }

# A hash that identifies the files a process is started from.
stamp_of() { # FILE…
    stat -L -c '%n %i %s %Y' "$@" | sha256sum | cut -c1-16
}

process_current() { # NAME STAMP: it runs, and was started from these files
    process_running "$1" && [ "$(cat "$STATE/run/$1.stamp" 2>/dev/null)" = "$2" ]
}

# process_start NAME STAMP LOG COMMAND…: start it in a session of its own, with output to STATE/logs/LOG.
process_start() {
    local name=$1 stamp=$2 log=$STATE/logs/$3 pid
    shift 3
    process_stop_session "$name"
    touch "$log"
    service_owns "$log"
    # The new process writes its own files and then becomes COMMAND, so that they exist even if this shell is killed
    # now.
    setsid bash -c '
        set -euo pipefail
        source "$1/dev/lib.sh" && source "$1/dev/lib_process.sh"
        STATE=$2
        say "$(process_born $$) $(boot_id)" | write_file 644 "$2/run/$3.started"
        say "$4" | write_file 644 "$2/run/$3.stamp"
        say $$ | write_file 644 "$2/run/$3.pid"
        exec "${@:5}"' - "$PROJECT" "$STATE" "$name" "$stamp" "${SERVICE_PREFIX[@]}" "$@" \
        >>"$log" 2>&1 </dev/null 9>&- &
    pid=$!
    disown
    until [ "$(cat "$STATE/run/$name.pid" 2>/dev/null)" = "$pid" ]; do
        [ -n "$(process_born "$pid")" ] || die "$name did not start; see $log"
        sleep 0.01
    done
}

# Processes of the session that PID led, such as workers whose manager was killed.
session_members() { # PID
    local file stat
    for file in /proc/[0-9]*/stat; do
        { read -r stat <"$file"; } 2>/dev/null || continue
        stat=${stat##*) }
        # shellcheck disable=SC2086
        set -- "$1" $stat
        if [ "$5" = "$1" ] && [ "$2" != Z ]; then
            file=${file#/proc/}
            say "${file%/stat}"
        fi
    done
}

process_stop_session() { # NAME: kill the processes that a killed leader left
    local pid member
    pid=$(cat "$STATE/run/$1.pid" 2>/dev/null) || return 0
    [ "${pid:-0}" -gt 1 ] || return 0
    # Only if the leader is gone or still the same process: else its id may belong to another session now.
    if [ -n "$(process_born "$pid")" ] && ! process_running "$1"; then return 0; fi
    [ "$(cut -d' ' -f2 "$STATE/run/$1.started" 2>/dev/null)" = "$(boot_id)" ] || return 0
    for member in $(session_members "$pid"); do kill -9 "$member" 2>/dev/null || true; done
}

# process_stop NAME SIGNAL TIMEOUT_S: send SIGNAL, wait, then kill it.
process_stop() {
    local pid deadline=$((SECONDS + $3))
    pid=$(process_pid "$1")
    if [ -n "$pid" ]; then
        kill "-$2" "$pid" 2>/dev/null || true
        while [ -n "$(process_pid "$1")" ]; do
            if [ "$SECONDS" -ge "$deadline" ]; then
                warn "$1 (process $pid) did not stop within $3 s; ending it"
                process_stop_session "$1"
                break
            fi
            sleep 0.05
        done
    fi
    process_stop_session "$1"
    rm -f "$STATE/run/$1.pid" "$STATE/run/$1.started" "$STATE/run/$1.stamp"
}

# wait_for TIMEOUT_S TEXT NAME LOG COMMAND…: wait until COMMAND succeeds; fails at once if NAME dies.
wait_for() {
    local timeout=$1 text=$2 name=$3 log=$STATE/logs/$4 deadline=$((SECONDS + $1))
    shift 4
    until "$@" >/dev/null 2>&1; do
        if ! process_running "$name"; then
            tail -n 20 "$log" >&2
            die "$name ended while starting; its log: $log"
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then
            tail -n 20 "$log" >&2
            die "$text took longer than $timeout s; log: $log"
        fi
        sleep 0.1
    done
}
