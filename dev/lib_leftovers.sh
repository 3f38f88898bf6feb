# What a killed program left behind. Sourced by the `run` of services, before the program starts, and by dev/up.
# shellcheck shell=bash

process_boot() { cat /proc/sys/kernel/random/boot_id; }

# Write PATH.pid, and PATH.boot with the boot that the process id belongs to.
process_note() { # PATH
    process_boot >"$1.boot"
    printf '%s\n' $$ >"$1.pid.part"
    mv -f "$1.pid.part" "$1.pid"
}

# End the processes of PROGRAM in the session that the earlier process led, such as the workers of a killed nginx: they
# would keep its port.
leftovers_of_session() { # PATH PROGRAM
    local leader file stat
    leader=$(cat "$1.pid" 2>/dev/null) || return 0
    [ "$(cat "$1.boot" 2>/dev/null)" = "$(process_boot)" ] || return 0
    for file in /proc/[0-9]*/stat; do
        { read -r stat <"$file"; } 2>/dev/null || continue
        # shellcheck disable=SC2086 # the fields after the command's name: state, parent, group, session
        set -- "$1" "$2" ${stat##*) }
        file=${file%/stat}
        if [ "$6" = "$leader" ] && [ "$(readlink "$file/exe")" = "$2" ]; then kill -9 "${file#/proc/}"; fi
    done
}

cluster_processes() { # DIR PROGRAM
    local process
    # One find instead of a readlink for each process of the machine: PostgreSQL must be back soon.
    find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1" -printf '%h\n' 2>/dev/null | while read -r process; do
        [ "$(readlink "$process/exe")" != "$2" ] || printf '%s\n' "${process#/proc/}"
    done
}

# End the processes of a PostgreSQL that was killed or whose runsv was: they would keep its shared memory. What it had
# committed is in its WAL. postmaster.pid of a killed server may name another program's process by now.
leftovers_of_cluster() { # DIR PROGRAM
    local _ pids
    for _ in {1..100}; do
        pids=$(cluster_processes "$1" "$2")
        [ -n "$pids" ] || break
        # shellcheck disable=SC2086 # several
        kill -9 $pids 2>/dev/null
        sleep 0.05
    done
    rm -f "$1/postmaster.pid"
}
