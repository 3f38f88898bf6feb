"""The commands of docs/operations.md make a backup and restore it, without an error."""

import os
import re
import subprocess

import pytest
import servers
from accounts import Account, unique
from ingest_client import PATH, query
from restored import RestoredStack
from test_upgrade import schema_of
from upgrade_dump import row_counts

CONNECTIONS = "/api/v1/database-connections"


def documented():
    """The two blocks of commands: to back up, to restore."""
    text = (servers.PROJECT / "docs/operations.md").read_text()
    section = text.split("## Backup and restore")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.S)
    assert len(blocks) == 2
    return blocks


def run(stack, commands, directory):
    """Run them as they stand there, in a directory where var is the state and build the build under test."""
    for name, target in (("var", stack.state), ("build", stack.program("potto").parents[1])):
        if not (directory / name).exists():
            (directory / name).symlink_to(target)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "POTTO_"))}
    environment |= {"ASAN_OPTIONS": "detect_leaks=0", "POTTO_MIGRATIONS": str(servers.PROJECT / "migrations")}
    return subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", commands], cwd=directory, env=environment,
                          capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def filled(stack):
    """A Potto of its own with a connection, its secrets and a sample."""
    own = servers.Stack(stack.state.name + "-backup", stack.build_dir)
    with servers.running(own):
        own.member = Account(own, "member", unique("team"))
        body = {"name": "kept", "engine": "postgresql", "password": "s3cret", "monitoring_enabled": False}
        own.made = own.member.client.post(CONNECTIONS, json=body).json()
        agent = servers.Agent(own.url, own.made, own.made["agent_token"])
        assert agent.post(PATH, {"queries": [query()]}).status_code == 200
        servers.wait_until(lambda: own.sql("SELECT count(*) FROM rollup_deltas")[0][0] == 0, 30, what="the rollup")
        yield own


def test_a_backup_is_restored_as_documented(filled, tmp_path):
    back_up, restore = documented()
    restored = RestoredStack(filled)
    restored.stop_programs()
    counts, schema = row_counts(filled), schema_of(filled)
    done = run(filled, back_up, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    # What happens after the backup is gone after the restore.
    filled.sql("DELETE FROM slow_queries_raw")
    filled.sql("UPDATE database_connections SET name = 'changed', agent_token_ciphertext = NULL")
    filled.sql("CREATE TABLE made_later ()")
    filled.sql("DROP FUNCTION sign_in_admit")
    filled.leave()
    done = run(filled, restore, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"0 applied, \d+ in all\n", done.stdout)
    found = row_counts(filled)
    del found["schema_functions"], counts["schema_functions"]
    assert found == counts
    assert schema_of(filled) == schema
    filled.up()
    answer = filled.member.client.get(f"{CONNECTIONS}/{filled.made['id']}/agent-token")
    assert answer.json()["agent_token"] == filled.made["agent_token"]
    listed = filled.member.client.get("/api/v1/slow-queries", params={"connection_id": filled.made["id"]}).json()
    assert len(listed["items"]) == 1
