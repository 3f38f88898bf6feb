"""Secrets of the store open in their own row and column alone, and those of an older Potto are sealed again for it."""

import os
import signal
import subprocess
import time

import psycopg2
import pytest
from accounts import Account, unique
from sealed_values import COLUMNS, keys_of, open_sealed, place, seal, seal_old
from test_jobs import follow
from test_upgrade import Scratch

CONNECTIONS = "/api/v1/database-connections"


@pytest.fixture(scope="module")
def world(stack):
    """Two organizations with two connections each; .made: {name: body of the answer}."""
    made = {}
    accounts = {name: Account(stack, "member", unique("team")) for name in ("red", "blue")}
    for name, account in accounts.items():
        for number in (1, 2):
            body = {"name": unique("c"), "engine": "mysql", "password": f"{name} {number}", "monitoring_enabled": False}
            answer = account.client.post(CONNECTIONS, json=body)
            assert answer.status_code == 201, answer.text
            made[f"{name} {number}"] = {**answer.json(), "organization_id": account.organization_id}
    accounts["made"] = made
    return accounts


def values_of(stack, connection_id):
    (row,) = stack.sql(
        "SELECT organization_id, password_ciphertext AS password, agent_token_ciphertext AS agent_token "
        "FROM database_connections WHERE id = %s", connection_id)
    return row


def test_values_are_sealed_for_organization_connection_and_column(stack, world):
    keys = keys_of(stack.env["ENCRYPTION_KEY"])
    for name, connection in world["made"].items():
        row = values_of(stack, connection["id"])
        where = {column: place(row.organization_id, connection["id"], column) for column in COLUMNS}
        assert open_sealed(keys, row.password, where["password"]) == name
        assert open_sealed(keys, row.agent_token, where["agent_token"]) == connection["agent_token"]


@pytest.mark.parametrize("source, column", [
    ("red 2", "agent_token"), ("blue 1", "agent_token"), ("red 1", "password"), ("blue 1", "password"),
])
def test_a_moved_value_does_not_open(stack, world, source, column):
    """Another row, another organization, another column: the token is not revealed."""
    target = world["made"]["red 1"]
    kept = values_of(stack, target["id"]).agent_token
    moved = getattr(values_of(stack, world["made"][source]["id"]), column)
    change = "UPDATE database_connections SET agent_token_ciphertext = %s WHERE id = %s"
    stack.sql(change, moved, target["id"])
    try:
        answer = world["red"].client.get(f"{CONNECTIONS}/{target['id']}/agent-token")
        assert answer.status_code == 409 and "rotate it" in answer.json()["detail"]
    finally:
        stack.sql(change, kept, target["id"])
    answer = world["red"].client.get(f"{CONNECTIONS}/{target['id']}/agent-token")
    assert answer.json()["agent_token"] == target["agent_token"]


def test_a_moved_password_is_not_sent_to_the_server(stack, world):
    """The collector is asked to run on a connection whose password was put there from another row."""
    target = world["made"]["red 1"]
    kept = values_of(stack, target["id"]).password
    stack.sql(
        "UPDATE database_connections SET host = '127.0.0.1', port = 1, password_ciphertext = %s WHERE id = %s",
        values_of(stack, world["made"]["blue 1"]["id"]).password, target["id"],
    )
    try:
        client = world["red"].client
        job = follow(client, client.post(f"{CONNECTIONS}/{target['id']}/test").json()["job_url"])
        assert job["result"]["success"] is False and "password" in job["result"]["problem"], job
    finally:
        stack.sql("UPDATE database_connections SET host = NULL, port = NULL, password_ciphertext = %s WHERE id = %s",
                  kept, target["id"])


def test_the_store_refuses_values_without_a_place(stack, world):
    (key,) = keys_of(stack.env["ENCRYPTION_KEY"]).values()
    for column in COLUMNS.values():
        for value in (seal_old(key, "x"), b"", b"\x03" + bytes(40)):
            with pytest.raises(psycopg2.errors.CheckViolation):
                stack.sql(f"UPDATE database_connections SET {column} = %s WHERE id = %s", value,
                          world["made"]["red 1"]["id"])


# ---- a store of an older Potto ----


class Old(Scratch):
    """A database as before values had a place: without the migration that holds it, and with values of version 1."""

    def __init__(self, stack, directory):
        super().__init__(stack, directory)
        self.lines()
        self.keys = keys_of(stack.env["ENCRYPTION_KEY"])
        self.key = next(iter(self.keys.values()))
        self.ids = []

    def make_old(self, keys, count=3):
        self.sql("ALTER TABLE database_connections DROP CONSTRAINT IF EXISTS database_connections_sealed_places")
        self.sql("DELETE FROM schema_migrations WHERE name LIKE '%%sealed_places'")
        self.sql("DELETE FROM database_connections")
        self.sql("INSERT INTO organizations (name) VALUES ('first') ON CONFLICT DO NOTHING")
        self.ids = [
            self.sql(
                "INSERT INTO database_connections (organization_id, name, engine, visibility_scope, is_legacy, "
                "password_ciphertext, agent_token_ciphertext) SELECT min(id), %s, 'mysql', 'ORG_WIDE', true, %s, %s "
                "FROM organizations RETURNING id",
                f"c{number}", seal_old(keys[number % len(keys)], f"password {number}"),
                seal_old(keys[number % len(keys)], f"token {number}"),
            )[0].id
            for number in range(count)
        ]

    def rows(self):
        return self.sql("SELECT organization_id, id, password_ciphertext, agent_token_ciphertext "
                        "FROM database_connections ORDER BY id")

    def opened(self, keys):
        """(password, token) of each row by what stands in the store now; None: there is none."""
        return [
            tuple(
                value and open_sealed(keys, value, place(row.organization_id, row.id, column))
                for column, value in zip(COLUMNS, (row.password_ciphertext, row.agent_token_ciphertext))
            )
            for row in self.rows()
        ]


@pytest.fixture(scope="module")
def old(stack, tmp_path_factory):
    old = Old(stack, tmp_path_factory.mktemp("old"))
    yield old
    old.drop()


def test_migrate_seals_old_values_for_their_place(old):
    old.make_old([old.key], count=230)
    assert "secrets: 460 sealed again for their place, 0 that no key opens discarded" in old.lines()
    assert old.opened(old.keys) == [(f"password {number}", f"token {number}") for number in range(230)]
    assert not any(line.startswith("secrets:") for line in old.lines())


def test_migrate_without_keys_changes_nothing_and_says_what_it_needs(old):
    old.make_old([old.key])
    before = old.rows()
    done = old.migrate(ENCRYPTION_KEY=None, POTTO_ENV_FILE=None)
    assert done.returncode == 1 and "needs ENCRYPTION_KEY" in done.stderr, done.stderr
    assert "applied" not in done.stdout
    assert old.rows() == before
    old.lines()
    # With nothing to seal it needs no keys.
    assert old.migrate(ENCRYPTION_KEY=None, POTTO_ENV_FILE=None).returncode == 0


def test_a_value_that_no_key_opens_stops_migrate_until_it_is_discarded(old):
    lost = os.urandom(32)
    old.make_old([old.key, lost])
    before = old.rows()
    done = old.migrate()
    assert done.returncode == 1 and "applied" not in done.stdout
    assert f"opens 2 secrets, of the connections {old.ids[1]}, {old.ids[1]}." in done.stderr
    assert "--discard-unreadable" in done.stderr
    assert old.rows() == before
    done = old.migrate("--discard-unreadable")
    assert done.returncode == 0 and "4 sealed again for their place, 2 that no key opens discarded" in done.stdout
    assert old.opened(old.keys) == [("password 0", "token 0"), (None, None), ("password 2", "token 2")]


def test_a_rotation_that_was_half_done_before_the_upgrade_goes_on_after_it(old):
    """Half the values are of the old key, half of the new one, which is in front of the list."""
    fresh = os.urandom(32)
    setting = f"{fresh.hex()}@1,{old.key.hex()}"
    old.make_old([old.key, fresh])
    done = old.migrate(ENCRYPTION_KEY=setting, POTTO_ENV_FILE=None)
    assert done.returncode == 0, done.stderr
    assert {bytes(row.password_ciphertext)[1:5] for row in old.rows()} == set(keys_of(fresh.hex()))
    assert old.opened(keys_of(setting)) == [(f"password {n}", f"token {n}") for n in range(3)]


def test_keys_are_not_rotated_before_the_store_is_migrated(old, tmp_path):
    old.make_old([old.key])
    before = old.rows()
    file = tmp_path / "potto.env"
    file.write_text(
        f"ENCRYPTION_KEY={old.key.hex()}\nJWT_SECRET={'00' * 32}\nPOTTO_OWNER_DATABASE_URL={old.url}\n")
    done = old.stack.cli("keys", "rotate", "--state-file", file, "--wait-s", "0", check=False)
    assert done.returncode == 1 and "potto migrate" in done.stderr
    assert old.rows() == before and file.read_text().count(",") == 0
    old.lines()


def test_an_old_value_that_is_put_back_later_is_not_sealed_again(old):
    """From a backup, say: when the store holds values to their place, an old one cannot come in, wherever it is put."""
    old.make_old([old.key])
    (kept, *_) = old.rows()
    old.lines()
    with pytest.raises(psycopg2.errors.CheckViolation):
        old.sql("UPDATE database_connections SET password_ciphertext = %s WHERE id = %s",
                kept.password_ciphertext, old.ids[1])
    # Even where the owner takes the constraint away, the value is none that the programs open.
    with pytest.raises(AssertionError):
        open_sealed(old.keys, kept.password_ciphertext, place(kept.organization_id, old.ids[1], "password"))


def test_migrate_that_is_killed_leaves_old_values_or_new_ones(old):
    for delay_s in (0.05, 0.15, 0.3):
        old.make_old([old.key], count=60)
        process = subprocess.Popen(old.command(), env=old.environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        versions = {bytes(row.password_ciphertext)[0] for row in old.rows()}
        assert len(versions) == 1
        old.lines()
        assert old.opened(old.keys) == [(f"password {n}", f"token {n}") for n in range(60)]


def test_a_value_sealed_by_the_test_opens_in_potto(stack, world):
    """The helper that opens values here agrees with Potto in both directions."""
    target = world["made"]["red 2"]
    (key,) = keys_of(stack.env["ENCRYPTION_KEY"]).values()
    where = place(target["organization_id"], target["id"], "agent_token")
    stack.sql("UPDATE database_connections SET agent_token_ciphertext = %s WHERE id = %s",
              seal(key, "agt_made_here", where), target["id"])
    answer = world["red"].client.get(f"{CONNECTIONS}/{target['id']}/agent-token")
    assert answer.json()["agent_token"] == "agt_made_here"
