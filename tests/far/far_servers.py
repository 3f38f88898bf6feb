"""Servers of versions that Debian lacks, run as an unprivileged user, and an address that moves between them."""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading

import parts
import servers

START_S = 60


def documented_grants(mark="pg_monitor"):
    """The statements of docs/operations.md that a monitored server is asked for, as they stand there: those of the
    block that has the mark."""
    text = (servers.PROJECT / "docs/operations.md").read_text()
    chapter = text.split("## What a monitored database must grant", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sql\n(.*?)```", chapter, re.S)
    (block,) = [block for block in blocks if mark in block]
    lines = [line.split("--", 1)[0].strip() for line in block.splitlines()]
    return [statement.strip() for statement in " ".join(lines).split(";") if statement.strip()]


class User:
    """Servers refuse to run as root. The demo's user is there, because a Potto was started before."""

    def __init__(self):
        self.options, self.name = {}, None
        if os.geteuid() == 0:
            user = pwd.getpwnam("potto-demo")
            groups = os.getgrouplist(user.pw_name, user.pw_gid)
            self.name = user.pw_name
            self.options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": groups}

    def owns(self, directory):
        if self.name:
            shutil.chown(directory, self.name, self.name)

    def run(self, *command):
        # A server keeps the standard output of the command that starts it, so that goes to no pipe.
        done = subprocess.run(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, timeout=START_S, **self.options,
        )  # fmt: skip
        assert done.returncode == 0, f"{command[0]}: status {done.returncode}"


class FarPostgres(servers.PostgresTarget):
    """A PostgreSQL of parts.POSTGRESQL with a database `shop` in which docs/operations.md was followed."""

    SETTINGS = {
        "shared_preload_libraries": "'pg_stat_statements'",
        "listen_addresses": "'127.0.0.1'",
        "shared_buffers": "'1MB'",  # so that blocks are read from outside it
        "max_connections": "20",
        "fsync": "off",
        "autovacuum": "off",
        "jit": "off",
        "wal_level": "replica",
        "hot_standby": "on",
    }

    def __init__(self, major, name, port=None):
        self.major, self.home = major, parts.postgresql(major)
        self.directory = servers.STATES / name
        self.data = self.directory / "data"
        self.host, self.port = "127.0.0.1", port or servers.free_port()
        self.database, self.user, self.password = "shop", "potto_monitor", secrets.token_hex(12)
        self.admin_user, self.admin_password = "postgres", secrets.token_hex(12)
        self._user = User()

    def make(self):
        self.directory.mkdir(parents=True)
        self._user.owns(self.directory)
        word = self.directory / "password"
        word.write_text(self.admin_password)
        self._user.owns(word)
        self._user.run(
            self.home / "bin/initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8",
            "--locale=C", "--no-sync", f"--pwfile={word}",
        )  # fmt: skip
        self.configure(**self.SETTINGS, unix_socket_directories=f"'{self.directory}'")
        return self

    def configure(self, **settings):
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def start(self):
        self._control("start", "-l", self.directory / "log", "-o", f"-p {self.port}")
        return self

    def stop(self, mode="fast"):
        if (self.data / "postmaster.pid").exists():
            self._control("stop", "-m", mode)

    def kill(self):
        """As a crash does; the other modes of stopping save the statistics, "immediate" too."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        children = [int(each) for each in open(f"/proc/{pid}/task/{pid}/children").read().split()]
        for each in (pid, *children):
            os.kill(each, signal.SIGKILL)
        servers.wait_until(lambda: not any(map(servers.is_alive, (pid, *children))), what="the end of PostgreSQL")
        # Such a file is valid as long as nobody has waited for the dead process.
        for lock in (self.data / "postmaster.pid", self.directory / f".s.PGSQL.{self.port}.lock"):
            lock.unlink()

    def promote(self):
        self._control("promote")

    def _control(self, *command):
        self._user.run(self.home / "bin/pg_ctl", "-D", self.data, "-w", "-t", START_S, "-s", *command)

    def grant(self):
        """What the documentation asks for, and nothing else."""
        for statement in documented_grants():
            self.execute(statement.replace("'…'", f"'{self.password}'"))

    def standby(self, name):
        """A standby of this server, which must be stopped; neither runs then. Statistics are a server's own: a base
        backup of a running server has none."""
        copy = FarPostgres(self.major, name)
        copy.password, copy.admin_password = self.password, self.admin_password
        copy.directory.mkdir(parents=True)
        self._user.owns(copy.directory)
        self._user.run("cp", "-a", self.data, copy.data)
        (copy.data / "pg_stat/pg_stat_statements.stat").unlink()
        (copy.data / "standby.signal").touch()
        source = f"host=127.0.0.1 port={self.port} user=postgres password={self.admin_password}"
        copy.configure(primary_conninfo=f"'{source}'", unix_socket_directories=f"'{copy.directory}'")
        return copy


class Address:
    """An address behind which the server may change, as a virtual address or a name's record does at a failover."""

    def __init__(self, port):
        self.target, self._pairs = port, []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def move(self, port):
        self.target = port

    def close(self):
        self._listening.close()
        for each in self._pairs:
            each.close()

    def _serve(self):
        while True:
            try:
                client = self._listening.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.target), 10)
            except OSError:
                if self._listening.fileno() < 0:
                    return
                client.close()
                continue
            self._pairs += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _copy(source, sink):
        try:
            while chunk := source.recv(65536):
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            sink.close()
