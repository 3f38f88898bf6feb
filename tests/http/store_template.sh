#!/usr/bin/env bash
# store_template.sh DIR: make a store with Potto's tables and its first admin in DIR, and stop it. The tests copy it
# into the states of their stacks (servers.py), since making one takes longer than many a test.
source "$(dirname "$0")/../../dev/lib.sh"
source "$PROJECT/dev/lib_process.sh"
source "$PROJECT/dev/lib_build.sh"
source "$PROJECT/dev/lib_store.sh"
source "$PROJECT/dev/lib_stack.sh"

state_set "$1"
state_lock
packages_need run
users_find
supervisor_start store
port_set http 1 # nothing will listen
stack_start_store
stack_environment
stack_migrate
service_stop store 60
supervisor_stop
# The tests kill programs, not the machine: what the kernel has is not lost.
printf 'fsync = off\n' >>"$STATE/store/postgresql.auto.conf"
