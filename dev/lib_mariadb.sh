# A private MariaDB server in a state directory: the demo's shop, the tests' target. Sourced.
# shellcheck shell=bash

# mariadb_make NAME: make the system tables in a temporary directory, and rename it to STATE/NAME.
mariadb_make() {
    local dir=$STATE/$1
    [ ! -f "$dir/made" ] || return 0
    rm -rf "$dir" "$dir.part"
    mkdir -m 700 "$dir.part"
    owned_by potto-demo: "$dir.part"
    step "Making a MariaDB server ($1)" "$STATE/logs/$1-install.log" as_user potto-demo \
        mariadb-install-db --no-defaults "--datadir=$dir.part" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve
    as_user potto-demo touch "$dir.part/made"
    mv "$dir.part" "$dir"
}

# mariadb_start NAME PORT LOG, further options of mariadbd (one a line, --name=value) on stdin.
mariadb_start() {
    local name=$1 port=$2 log=$3 stamp options=() option
    while read -r option; do options+=("$option"); done
    options+=("--datadir=$STATE/$name" "--socket=$STATE/run/shop/$name.sock" "--port=$port" --bind-address=127.0.0.1
        "--pid-file=$STATE/run/shop/$name.pid" "--tmpdir=$STATE/$name" --skip-name-resolve)
    stamp=$(stamp_of "$(command -v mariadbd)")-$(printf '%s\n' "${options[@]}" | sha256sum | cut -c1-16)
    service_define "$name" "$log" KILL : '' "$(command -v mariadbd)" --no-defaults "${options[@]}"
    process_running "$name" || port_free_soon "$port" || die "port $port of $STATE ($name) is taken by another program"
    service_start "$name" "$stamp" 60
    service_wait 120 3 "MariaDB ($name)" "$name" "$log" mariadb_ready "$name"
    mariadb_secure "$name"
}

mariadb_ready() {
    mariadb --no-defaults -S "$STATE/run/shop/$1.sock" -u root "-p$(secret "$1-superuser" 24)" -e 'SELECT 1' ||
        mariadb --no-defaults -S "$STATE/run/shop/$1.sock" -u root -e 'SELECT 1'
}

# Set the superuser's password at the first start.
mariadb_secure() {
    if mariadb --no-defaults -S "$STATE/run/shop/$1.sock" -u root -e 'SELECT 1' >/dev/null 2>&1; then
        mariadb --no-defaults -S "$STATE/run/shop/$1.sock" -u root <<SQL
SET sql_log_bin = 0;
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '127.0.0.1'));
FLUSH PRIVILEGES;
CREATE USER IF NOT EXISTS root@'127.0.0.1';
GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
ALTER USER root@'127.0.0.1' IDENTIFIED BY '$(secret "$1-superuser" 24)';
ALTER USER root@localhost IDENTIFIED BY '$(secret "$1-superuser" 24)';
SQL
    fi
}

# mariadb_sql NAME [DATABASE], SQL on stdin; as the superuser.
mariadb_sql() {
    mariadb --no-defaults -S "$STATE/run/shop/$1.sock" -u root "-p$(secret "$1-superuser" 24)" -B -N "${@:2}"
}
