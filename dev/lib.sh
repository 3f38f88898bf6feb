# Shared by the commands in dev/: messages, packages, state, ports. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PATH=$PATH:/usr/sbin:/sbin
readonly PROJECT
unset "${!PG@}" # else libpq would use settings from the caller's environment

# --- messages -----------------------------------------------------------------

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
    warn "${0##*/}: $*"
    exit 1
}

# step TEXT LOG COMMAND…: run a long command with its output in LOG; show that it is running, and on
# failure show the end of the log.
step() {
    local text=$1 log=$2 pid from=$SECONDS status=0 shown=0
    shift 2
    mkdir -p "${log%/*}"
    printf '%s …' "$text"
    # The command inherits the state's lock: if this shell is killed, the next one waits until the command ends.
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    # shellcheck disable=SC2064 # expand $pid now
    [[ $* == *apt-get* ]] || trap "kill $pid 2>/dev/null; exit 130" INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
        if [ $((SECONDS - from)) -ge $((shown + 5)) ]; then
            shown=$((SECONDS - from))
            printf ' %s s' "$shown"
        fi
    done
    wait "$pid" || status=$?
    trap - INT TERM
    if [ "$status" = 0 ]; then
        printf ' done (%s s)\n' "$((SECONDS - from))"
        return 0
    fi
    printf ' failed\n'
    tail -n 40 "$log" >&2
    die "$text failed with status $status; the whole output: $log"
}

# --- packages -----------------------------------------------------------------

# The packages of these sections that are missing: not installed, and their command is not there either.
packages_missing() {
    local package command section wanted=" $* "
    while read -r package command section; do
        case $package in '' | '#'*) continue ;; esac
        [[ $wanted == *" $section "* ]] || continue
        if [ "$command" != - ] && command -v "$command" >/dev/null; then continue; fi
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || say "$package"
    done <"$PROJECT/dev/packages.txt"
}

apt_install() { # LOG PACKAGE…
    local log=$1 sudo=()
    shift
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "these packages are missing, and there is no sudo to install them with: $*"
        sudo -v || die "sudo was refused; these packages are missing: $*"
        sudo=(sudo)
    fi
    step 'Reading the package lists' "$log.update" "${sudo[@]}" apt-get update -q
    # RUNLEVEL=1 tells init scripts not to start services; Potto starts its own.
    step "Installing $# packages" "$log" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

packages_need() { # SECTION…
    local missing
    command -v dpkg-query >/dev/null || die 'Debian 12 is needed: there is no dpkg here'
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} = 0 ] || apt_install "$PROJECT/var/logs/apt.log" "${missing[@]}"
}

# --- state --------------------------------------------------------------------

# Paths of a state directory. Everything that dev/up makes lies below it.
state_set() { # DIR
    mkdir -p "$1"
    STATE=$(cd "$1" && pwd -P)
    # A unix socket's path holds 107 bytes; the longest here is STATE/run/store/.s.PGSQL.65535
    [ ${#STATE} -le 80 ] ||
        die "the state directory's path is too long for unix sockets (${#STATE} of at most 80 characters): $STATE"
    case $STATE in
    *[!A-Za-z0-9/._+-]*) die "the state directory's path may hold letters, digits and / . _ + - only: $STATE" ;;
    esac
    mkdir -p "$STATE/logs" "$STATE/run" "$STATE/secrets" "$STATE/service"
    chmod 700 "$STATE/secrets"
}

# Only one dev/up or dev/down runs at a time for a state. The lock ends with this shell.
state_lock() {
    (umask 077 && : >>"$STATE/run/lock")
    exec 9>"$STATE/run/lock"
    flock -w 600 9 || die "another dev/up or dev/down has been busy with $STATE for ten minutes"
}

# write_file MODE FILE [OWNER:GROUP], content on stdin; FILE is complete or absent, and keeps its inode if the content
# would not change. The owner counts when root runs this.
write_file() {
    local part="$2.part"
    (umask 077 && cat >"$part")
    if [ -f "$2" ] && cmp -s "$part" "$2"; then
        rm -f "$part"
        part=$2
    fi
    if [ -n "${3:-}" ] && [ "$EUID" = 0 ]; then chown "$3" "$part"; fi
    chmod "$1" "$part"
    [ "$part" = "$2" ] || mv -f "$part" "$2"
}

secret() { # NAME BYTES: a secret in hexadecimal, made once and kept
    local file=$STATE/secrets/$1
    [ -s "$file" ] || od -An -v -tx1 -N "$2" /dev/urandom | tr -d ' \n' | write_file 600 "$file"
    cat "$file"
}

# --- ports --------------------------------------------------------------------

port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

port_free_soon() { # wait up to a second: a server that just ended may still hold the port
    local _
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        port_busy "$1" || return 0
        sleep 0.1
    done
    return 1
}

port_get() { # NAME: the remembered port, or nothing
    [ ! -f "$STATE/ports.json" ] || sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" "$STATE/ports.json"
}

port_set() { # NAME PORT
    local names name first=1
    declare -A ports=()
    for name in http store shop_postgresql shop_mariadb; do ports[$name]=$(port_get "$name"); done
    ports[$1]=$2
    names=(http store shop_postgresql shop_mariadb)
    {
        printf '{'
        for name in "${names[@]}"; do
            [ -n "${ports[$name]}" ] || continue
            [ "$first" = 1 ] || printf ','
            printf '\n  "%s": %s' "$name" "${ports[$name]}"
            first=0
        done
        printf '\n}\n'
    } | write_file 640 "$STATE/ports.json"
}

# The remembered port of a server, or a free one below the range that the kernel assigns.
port_of() { # NAME
    local port
    port=$(port_get "$1")
    if [ -z "$port" ]; then
        for _ in $(seq 100); do
            port=$((20000 + RANDOM % 12000))
            port_busy "$port" || break
        done
        port_set "$1" "$port"
    fi
    say "$port"
}
