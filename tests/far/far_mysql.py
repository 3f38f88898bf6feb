"""A MySQL that Debian lacks, and Debian's MariaDB, in which docs/operations.md was followed."""

import secrets
import shutil
import subprocess

import far_servers
import parts
import servers

GRANTS = "mysql.slow_log"  # the mark of their block
SETTINGS = (
    "SET GLOBAL long_query_time = 0",
    "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/lock/metadata/sql/mdl'",
    "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_statements_current'",
)


def grant(server):
    """What the documentation asks for, and nothing else."""
    for statement in far_servers.documented_grants(GRANTS):
        words = statement.replace("BY '…'", f"BY '{server.password}'").replace("@'…'", "@'127.0.0.1'")
        server.execute(words.replace("potto_monitor", server.user), database="mysql")


class FarMysql(servers.MariadbTarget):
    """MySQL 8.0.15 with a database `shop`. execute() runs as root."""

    title = "MySQL 8.0.15"
    OPTIONS = (
        "--skip-name-resolve", "--bind-address=127.0.0.1", "--mysqlx=OFF", "--skip-log-bin",
        "--default-authentication-plugin=mysql_native_password",
        "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
        "--slow-query-log=ON", "--log-output=TABLE",
    )  # fmt: skip

    def __init__(self, name):
        self.home = parts.mysql()
        self.directory = servers.STATES / name
        self.host, self.port = "127.0.0.1", servers.free_port()
        self.database, self.user, self.password = "shop", "potto_monitor", secrets.token_hex(12)
        self.admin_user, self.admin_password = "root", secrets.token_hex(12)
        self._os_user = far_servers.User()

    def _command(self, *options):
        return (
            self.home / "bin/mysqld", "--no-defaults", f"--basedir={self.home}", f"--datadir={self.directory}/data",
            f"--lc-messages-dir={self.home}/share", f"--log-error={self.directory}/log", *options,
        )  # fmt: skip

    def start(self):
        self.directory.mkdir(parents=True)
        self._os_user.owns(self.directory)
        admin = self.directory / "admin.sql"
        admin.write_text(
            f"CREATE USER root@'127.0.0.1' IDENTIFIED BY '{self.admin_password}';\n"
            "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\nCREATE DATABASE shop;\n"
        )
        self._os_user.owns(admin)
        self._os_user.run(*self._command("--initialize-insecure", f"--init-file={admin}", *self.OPTIONS))
        address = f"--port={self.port}", f"--socket={self.directory}/s", f"--pid-file={self.directory}/pid"
        self._os_user.run(*self._command("--daemonize", *address, *self.OPTIONS))
        return self

    def stop(self):
        file = self.directory / "pid"
        if file.exists():
            subprocess.run(["kill", file.read_text().strip()], check=True)
            servers.wait_until(lambda: not file.exists(), far_servers.START_S, what="the end of MySQL")


class FarMariadb(servers.MariadbTarget):
    """Debian's, with another user, who has the documented grants alone."""

    title = "MariaDB 10.11"

    def __init__(self, name):
        super().__init__(name, "mariadb")

    def start(self):
        super().start()
        self.user, self.password = "documented", secrets.token_hex(12)
        return self


def remove(server):
    server.stop()
    shutil.rmtree(server.directory, ignore_errors=True)
