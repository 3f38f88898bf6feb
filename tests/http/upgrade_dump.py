#!/usr/bin/python3
"""Makes a dump of the schema as it is now, with rows in each table, for test_upgrade.py to bring to later schemas:

    POTTO_BUILD_DIR=build-asan tests/http/upgrade_dump.py tests/http/schema_012.sql.gz

A predecessor's database is migrated, the world of visibility_world.py is made in it, and what these two leave empty is
added.
"""

import gzip
import os
import re
import socket
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import legacy_dump
import servers
import visibility_world
from ingest_client import PATH, query
from restored import RestoredStack

PREDECESSOR_SAMPLES = 80
# Nothing of the dump is too old, whenever it is restored.
KEEP_ALL = {f"POTTO_RETENTION_{kind}_DAYS": "0" for kind in ("SAMPLES", "5M", "1H", "1D", "PLANS")}
# Rows are in these only while something else runs.
MAY_BE_EMPTY = {"migration_tasks"}


def row_counts(stack):
    """Rows of each table by its name; partitions count as their parent."""
    tables = stack.sql(
        "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1"
    )
    return {table.name: stack.sql(f'SELECT count(*) FROM "{table.name}"')[0][0] for table in tables}


def fill(restored):
    stack = restored.stack
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as dump:
        legacy_dump.write(dump, PREDECESSOR_SAMPLES, 1)
        dump.flush()
        os.chmod(dump.name, 0o644)
        restored.load(dump.name)
    restored.migrate()
    (stack.state / "admin.json").unlink()  # the database has no admin yet
    stack.up()
    world = visibility_world.World(stack)
    expires_at = (datetime.now(timezone.utc) + timedelta(days=30)).isoformat()
    for caller, method, path, body in (
        ("member", "POST", "/api/v1/api-tokens", {"name": "a script", "scope": "read", "expires_at": expires_at}),
        ("admin", "POST", "/api/v1/collectors/scheduler/stop", None),
    ):
        answer = world.call(caller, None, method, path, json=body)
        assert answer.status_code in (200, 201), answer.text
    servers.Client(stack.url).post("/api/v1/auth/login", json={"email": "nobody@example.com", "password": "wrong"})
    restored.stop_programs("collector")
    # Not folded: the collector is away. And what it notes itself.
    marked = world.connections["ORG_WIDE"]
    batch = {"batch_id": "a-batch", "agent_token": marked.token, "queries": [query(full_sql="SELECT 'not folded'")]}
    assert servers.Client(stack.url).post(PATH, json=batch).status_code == 200
    for statement in (
        "INSERT INTO counter_baselines (organization_id, database_connection_id, counter_key, sql_hash, total_ms, "
        "counters, snapshot_at) SELECT organization_id, database_connection_id, 'key', sql_hash, 2.5, '{1,2,3,4,5}', "
        "now() FROM query_fingerprint_connections WHERE database_connection_id = %s LIMIT 1",
        "INSERT INTO query_segment_changes (organization_id, database_connection_id, resolution_s, bucket_at) "
        "SELECT organization_id, id, 300, '2026-01-01 00:00:00+00' FROM database_connections WHERE id = %s",
    ):
        stack.sql(statement, marked.id)
    stack.sql("INSERT INTO retention_marks (name, until) VALUES ('samples', '2000-01-01 00:00:00+00')")
    restored.stop_programs()
    # Neither the machine nor its databases are anybody's business.
    stack.sql("UPDATE database_connections SET monitoring_enabled = false")
    stack.sql("UPDATE collectors SET hostname = 'collector-1' WHERE kind = 'daemon'")
    stack.sql("UPDATE connection_collection SET lease_owner = NULL, lease_until = NULL")
    stack.sql("UPDATE jobs SET lease_owner = NULL, lease_until = NULL")


def dumped(stack):
    done = subprocess.run(["pg_dump", "--no-comments", stack.owner_dsn], capture_output=True, text=True, check=True)
    # psql of before August 2025 does not know \restrict, and only a superuser makes the extension.
    text = re.sub(r"^(\\(un)?restrict|CREATE EXTENSION) .*\n", "", done.stdout, flags=re.M)
    for word in (socket.gethostname(), str(servers.PROJECT), str(stack.state)):
        assert word not in text, word
    return text


def main():
    target = Path(sys.argv[1])
    build = os.environ.get("POTTO_BUILD_DIR")
    with servers.running(servers.Stack("upgrade-dump", Path(build) if build else None, KEEP_ALL)) as stack:
        fill(RestoredStack(stack))
        empty = {name for name, count in row_counts(stack).items() if count == 0}
        assert empty <= MAY_BE_EMPTY, f"no rows in {sorted(empty - MAY_BE_EMPTY)}"
        with gzip.GzipFile(target, "wb", 9, mtime=0) as out:
            out.write(dumped(stack).encode())
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
