"""A Potto whose database a dump replaces."""

import os
import signal
import subprocess


class RestoredStack:
    """A stack whose database can be emptied and filled with a dump, while no program of Potto runs on it."""

    def __init__(self, stack):
        self.stack = stack

    def psql(self, *arguments, timeout=300):
        done = subprocess.run(
            ["psql", "-qX", "-v", "ON_ERROR_STOP=1", self.stack.owner_dsn, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stderr

    def stop_programs(self, *names):
        for name in names or ("collector", "fcgi"):
            if name in self.stack.pids():
                self.stack.kill(name, signal.SIGTERM)

    def empty(self):
        self.stop_programs()
        # One table at a time: one transaction cannot hold the locks of hundreds of partitions.
        for row in self.stack.sql(
            "SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT relispartition"
        ):
            self.stack.sql(f"DROP TABLE IF EXISTS {row.name} CASCADE")
        self.psql(
            "-c",
            "DROP SCHEMA public CASCADE",
            "-c",
            "CREATE SCHEMA public",
            "-c",
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
        )

    def load(self, dump):
        self.empty()
        self.psql("-f", dump)

    def start_migrate(self):
        stack = self.stack
        return subprocess.Popen(
            [str(stack.program("potto")), "migrate"],
            env={**os.environ, **stack.env, "ASAN_OPTIONS": "detect_leaks=0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def migrate(self, check=True):
        process = self.start_migrate()
        output = process.communicate(timeout=300)[0]
        assert not check or process.returncode == 0, output
        return output
