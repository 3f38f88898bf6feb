# A password that a container makes once and keeps, as a file of the volume on $PASSWORDS. Sourced.
# shellcheck shell=bash

password() { # NAME
    local file=$PASSWORDS/$1
    if [ ! -s "$file" ]; then
        od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n' >"$file.part"
        sync "$file.part"
        mv "$file.part" "$file"
    fi
    cat "$file"
}
