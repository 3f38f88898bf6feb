#!/bin/bash
# Runs before the programs: writes the settings of each, with the keys, brings the store's tables up to date, makes the
# first admin, and tells how to sign in. It may run as often as one likes: keys, passwords and accounts stay. With the
# argument `shop` it makes the connections to the demo's shop instead.
set -euo pipefail
umask 027
# A volume for each program: the files in it belong to this script's user and may be read by the program's group.
readonly SETTINGS=/var/lib/potto SHARE=/usr/share/potto EMAIL=${POTTO_ADMIN_EMAIL:-admin@localhost}

random_hex() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }

write_file() { # GROUP FILE, content on stdin; FILE is complete or as it was
    cat >"$2.part"
    chgrp "$1" "$2.part"
    chmod 640 "$2.part"
    sync "$2.part"
    mv "$2.part" "$2"
}

# The keys that a file has, which `potto keys` may have replaced, or a new one.
keys_of() { # FILE NAME
    local kept
    kept=$(sed -n "s/^$2=//p" "$1" 2>/dev/null | tail -n 1)
    if [ -n "$kept" ]; then echo "$kept"; else random_hex 32; fi
}

store_url() { # ROLE PASSWORD_NAME
    echo "postgresql://$1:$(cat "$SETTINGS/store/$2")@%2Frun%2Fpotto-store/potto"
}

settings_write() {
    local encryption jwt owner
    encryption=$(keys_of "$SETTINGS/setup/potto.env" ENCRYPTION_KEY)
    jwt=$(keys_of "$SETTINGS/fcgi/fcgi.env" JWT_SECRET)
    owner=$(store_url potto owner)
    write_file potto-setup "$SETTINGS/setup/potto.env" <<ENV
POTTO_OWNER_DATABASE_URL=$owner
ENCRYPTION_KEY=$encryption
POTTO_MIGRATIONS=$SHARE/migrations
ENV
    write_file potto-collector "$SETTINGS/collector/collector.env" <<ENV
POTTO_OWNER_DATABASE_URL=$owner
ENCRYPTION_KEY=$encryption
ENV
    write_file potto-fcgi "$SETTINGS/fcgi/fcgi.env" <<ENV
DATABASE_URL=$(store_url potto_api api)
JWT_SECRET=$jwt
ENCRYPTION_KEY=$encryption
POTTO_SOCKET=/run/potto-fcgi/fcgi.sock
POTTO_TEMPLATES=$SHARE/templates
POTTO_STATIC=$SHARE/static
ENV
}

connection() { # NAME ENGINE HOST PORT PASSWORD_NAME
    # Its output holds the agent token.
    potto connection create --if-absent --name "$1" --engine "$2" --host "$3" --port "$4" --database shop \
        --username potto_monitor --password-file "$SETTINGS/shop/$5" --tls-mode disable --visibility ORG_WIDE \
        --interval-s 10 --min-duration-ms 20 >/dev/null
}

first_admin() {
    local said password=$SETTINGS/setup/admin-password
    # The password first, so that an interrupted run leaves no admin whose password nobody knows.
    [ -s "$password" ] || random_hex 12 | write_file potto-setup "$password"
    said=$(potto bootstrap --email "$EMAIL" --password-file "$password")
    echo "$said"
    echo
    echo "Potto runs at  $POTTO_PUBLIC_URL"
    # It is told once, since logs are kept and read by others than those who start Potto.
    if [[ $said == *'"created":true'* ]]; then
        echo "Sign in as     $EMAIL"
        echo "Password       $(cat "$password") (until you change it)"
        return
    fi
    echo "Sign in as     somebody whom Potto knows. There are accounts already, so no password is told."
    # It is no help if somebody changed it, or if the store was another program's.
    if [[ $said == *'"signs_in":true'* ]]; then
        echo "               The first one of $EMAIL still holds: docker compose run --rm setup cat $password"
    fi
}

case ${1:-} in
shop)
    connection 'Shop (PostgreSQL)' postgresql shop-postgresql 5432 postgresql-monitor
    connection 'Shop (MariaDB)' mysql shop-mariadb 3306 mariadb-monitor
    ;;
*)
    settings_write
    potto migrate
    first_admin
    ;;
esac
