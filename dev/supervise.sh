#!/bin/bash
# supervise.sh DIR: keep a runsv of runit running for each service in DIR. runit's own runsvdir looks only every five
# seconds whether one has died. When this ends, every runsv goes on.
declare -A pids=()

main() {
    local directory name never
    cd "$1" || exit 1
    exec {never}<> <(:) || exit 1 # nothing is ever written there
    while :; do
        for directory in */; do
            name=${directory%/}
            # The shell reaps a child as soon as it ends.
            if [ ! -d "/proc/${pids[$name]:-none}" ] && [ -x "$name/run" ]; then
                setsid runsv "$name" &
                pids[$name]=$!
            fi
        done
        read -r -t 0.5 -u "$never"
    done
}

main "$@"; exit # on one line: bash reads a script while it runs, and the file may change meanwhile
