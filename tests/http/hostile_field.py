"""A Potto under attack: a connection to each of some hostile stand-ins, all at once, beside honest servers."""

import contextlib
import hashlib
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import servers
from accounts import unique

CONNECTIONS = "/api/v1/database-connections"
NEVER_S = 86400  # an interval in which nothing runs by itself
HONEST_INTERVAL_S = 5

RUN_MS_MAX = 35_000  # a run's deadline, and what it may take to end the run
PROBE_S_MAX = 60  # of a connection test, with the time that it waits for its turn
WAIT_S_MAX = 420  # until a connection has had its runs: all of them are attacked at once

# Growth that no server can have, in one bucket of five minutes.
CALLS_MAX = 10**9 * 600
MS_MAX = 10**9 * 600

SETTINGS = {"POTTO_COLLECTOR_THREADS": "64", "POTTO_ROLLUP_INTERVAL_MS": "500"}

CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f]")


def member(stack, prefix="attacked"):
    """Somebody with an organization of their own: a client with an API token. The command line, which is the usual way
    to make people, takes half a second for each."""
    name, token = unique(prefix), "pot_" + unique("x") + unique("y")
    made = stack.sql(
        "WITH organization AS (INSERT INTO organizations (name) VALUES (%s) RETURNING id), "
        "person AS (INSERT INTO users (organization_id, email, role, password_hash) "
        "SELECT id, %s, 'member', '-' FROM organization RETURNING organization_id, id) "
        "INSERT INTO api_tokens (organization_id, user_id, name, scope, token_hash, token_hint, expires_at) "
        "SELECT organization_id, id, 'test', 'write', %s, 'pot_…', now() + interval '1 day' FROM person "
        "RETURNING organization_id",
        name, f"{name}@example.com", hashlib.sha256(token.encode()).digest(),
    )
    client = servers.Client(stack.url, {"Authorization": f"Bearer {token}"})
    client.organization_id = made[0].organization_id
    return client


def descendants(pid):
    """PID and the processes below it."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def start_of(pid):
    """When a process started, in ticks since the machine did; 0 if it is gone."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    return 0


def memory_bytes(pid):
    """What a process has for itself, and its part of what it shares."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class MemoryWatch(threading.Thread):
    """The most that the collector and its children had together, and the most that one of the children had."""

    def __init__(self, stack, interval_s=0.25):
        super().__init__(daemon=True)
        self._stack, self._interval_s, self._is_over = stack, interval_s, threading.Event()
        self.all_bytes = self.one_bytes = self.threads = self.children = 0
        self.start()

    def run(self):
        while not self._is_over.wait(self._interval_s):
            pid = self._stack.pids().get("collector")
            if pid is None:
                continue
            family = {member_pid: memory_bytes(member_pid) for member_pid in descendants(pid)}
            self.all_bytes = max(self.all_bytes, sum(family.values()))
            self.one_bytes = max(self.one_bytes, *(size for other, size in family.items() if other != pid), 0)
            self.children = max(self.children, len(family) - 1)
            with contextlib.suppress(OSError):
                self.threads = max(self.threads, len(list(Path(f"/proc/{pid}/task").iterdir())))

    def stop(self):
        self._is_over.set()
        self.join()


RUNS_IN_VAIN_MAX = 6  # where the machine is too busy to come to the attack's point in time


class Attacked:
    """A connection to a hostile stand-in, and what became of it."""

    def __init__(self, name, server, client, connection_id):
        self.name, self.server, self.client, self.id = name, server, client, connection_id
        self.attack = server.attack
        self.runs = []  # rows of connection_collection after each run, once the attack's point was reached
        self.last_run_at, self.in_vain = None, 0
        self.test_id = self.job = self.tested_s = None
        self.problem = None  # why it could not even be tried

    @property
    def is_over(self):
        """It had its runs, and its connection test."""
        enough = len(self.runs) >= self.attack.runs or any(row.state == "failed" for row in self.runs)
        return bool(self.problem) or (enough and (self.test_id is None or self.job is not None))

    def note(self, row):
        """After a run. True: one more is needed."""
        self.last_run_at = row.last_run_at
        is_in_vain = self.server.reached == 0 and not self.attack.probed
        is_in_vain |= row.state not in self.attack.ends and "in time" in (row.problem or "")
        if is_in_vain and self.in_vain < RUNS_IN_VAIN_MAX:
            self.in_vain += 1
            return True
        self.runs.append(row)
        return len(self.runs) < self.attack.runs and row.state != "failed"


class Field:
    """attacks: by name, the class of the stand-in and the attack. honest: servers to be collected from beside them."""

    def __init__(self, stack, attacks, honest):
        self.stack = stack
        self.began_at = stack.sql("SELECT now() AS at")[0].at
        self.collector_pid = stack.pids()["collector"]
        self.memory = MemoryWatch(stack)
        self.attacked, self.honest_ids = {}, []
        self._is_over = threading.Event()
        self._until_s = time.monotonic() + WAIT_S_MAX
        honest_client = member(stack, "honest")
        for target in honest:
            self.honest_ids.append(self._connect(honest_client, target.connection_body(
                f"honest {target.engine}", interval_s=HONEST_INTERVAL_S, min_duration_ms=0, tls_mode="disable")))
        with ThreadPoolExecutor(8) as pool:
            for attacked in pool.map(self._attack, *zip(*attacks.items())):
                self.attacked[attacked.name] = attacked
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()
        self._testing = threading.Thread(target=self._test_all, daemon=True)
        self._testing.start()

    @staticmethod
    def _connect(client, body):
        answer = client.post(CONNECTIONS, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def _attack(self, name, server_class_and_attack):
        password, (server_class, attack) = "secret-" + unique("of"), server_class_and_attack
        server, client = server_class(attack, password), member(self.stack)
        body = {"engine": server.engine, "host": server.host, "port": server.port, "database": "shop",
                "username": "potto_monitor", "password": password, "visibility_scope": "ORG_WIDE",
                "min_duration_ms": 0, "interval_s": NEVER_S, "tls_mode": "disable", **attack.fields}
        attacked = Attacked(name, server, client, self._connect(client, {**body, "name": name}))
        if attack.probed:
            attacked.test_id = self._connect(client, {**body, "name": f"{name} tested", "monitoring_enabled": False})
        return attacked

    def _watch(self):
        by_id = {attacked.id: attacked for attacked in self.attacked.values()}
        while by_id and not self._is_over.wait(0.3):
            with contextlib.suppress(Exception):  # the store may be away; the tests see what is missing
                self._look(by_id)

    def _look(self, by_id):
        again = []
        # A connection whose run left something to be read is leased again at once: then last_run_at is of the run that
        # is under way, and the begin of the one before stands in last_success_at, unless that one failed.
        for row in self.stack.sql(
            "SELECT database_connection_id, last_duration_ms, state, problem, remedy, server_version, "
            "CASE WHEN lease_owner IS NULL THEN last_run_at ELSE last_success_at END AS last_run_at "
            "FROM connection_collection WHERE database_connection_id = ANY (%s) AND last_run_at IS NOT NULL "
            "AND last_duration_ms IS NOT NULL AND state <> 'waiting' "
            "AND (lease_owner IS NULL OR (state <> 'failed' AND last_success_at IS NOT NULL))",
            list(by_id),
        ):
            attacked = by_id[row.database_connection_id]
            is_new = attacked.last_run_at is None or row.last_run_at > attacked.last_run_at
            if is_new and attacked.note(row):
                again.append(attacked.id)
        if again:
            self.stack.sql("UPDATE connection_collection SET next_run_at = now() WHERE database_connection_id = "
                           "ANY (%s)", again)

    def _test_all(self):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(self._test, [one for one in self.attacked.values() if one.test_id is not None]))

    def _test(self, attacked):
        began_s = time.monotonic()
        answer = attacked.client.post(f"{CONNECTIONS}/{attacked.test_id}/test")
        if answer.status_code != 202:
            attacked.problem = answer.text
            return
        while not self._is_over.wait(0.3) and time.monotonic() < began_s + WAIT_S_MAX:
            job = attacked.client.get(answer.json()["job_url"]).json()
            if job["state"] in ("done", "failed"):
                attacked.job, attacked.tested_s = job, time.monotonic() - began_s
                return

    def wait(self, name):
        """The attacked connection, once it has had its runs, or the time of all is over."""
        attacked = self.attacked[name]
        while not attacked.is_over and self.is_collector_alive and time.monotonic() < self._until_s:
            time.sleep(0.2)
        return attacked

    @property
    def is_collector_alive(self):
        return self.stack.pids().get("collector") == self.collector_pid

    def honest_rows(self):
        return self.stack.sql(
            "SELECT database_connection_id, state, problem, last_success_at, now() AS now FROM connection_collection "
            "WHERE database_connection_id = ANY (%s)", self.honest_ids)

    def stop(self):
        self._is_over.set()
        for attacked in self.attacked.values():
            attacked.server.is_stopped = True
        self._watching.join()
        self._testing.join()
        for attacked in self.attacked.values():
            attacked.server.stop()
        self.memory.stop()

    def secrets(self):
        """What no server may be sent: as it stands in the settings, and as bytes where it is hexadecimal."""
        env = self.stack.env
        texts = [env["ENCRYPTION_KEY"], env["JWT_SECRET"]]
        texts += [urlsplit(value).password for name, value in env.items() if name.endswith("DATABASE_URL")]
        values = [text.encode() for text in texts]
        return values + [bytes.fromhex(text) for text in texts if re.fullmatch(r"([0-9a-f]{2}){16,}", text)]


def check_sentence(text):
    """For people: a sentence, and nothing that a terminal or a page could take for something else."""
    assert text and text == text.strip() and not CONTROL.search(text), repr(text)
    assert text[-1] in ".;?…)'\"`" or len(text) > 250, repr(text)


def check_attacked(field, attacked):
    """What must hold after each attack."""
    attack, server = attacked.attack, attacked.server
    assert attacked.problem is None, attacked.problem
    assert field.is_collector_alive, "the collector died"
    assert not server.failures, server.failures
    assert not server.unknown, f"the stand-in does not know {server.unknown[0]!r}"
    assert server.reached > 0, f"the attack's point was not reached; the connection says {attacked.runs[-1:]}"
    assert attacked.is_over, f"after {len(attacked.runs)} of {attack.runs} runs nothing came any more"
    for row in attacked.runs:
        assert row.last_duration_ms < RUN_MS_MAX, f"a run took {row.last_duration_ms} ms"
        assert row.state in ("ok", "warning", "failed")
        for text in filter(None, (row.problem, row.remedy)):
            check_sentence(text)
        assert row.state == "ok" or row.problem, "it does not say why"
        assert "fault of Potto" not in (row.remedy or ""), row
        assert not CONTROL.search(row.server_version or "") and len(row.server_version or "") < 300
    assert attacked.runs[-1].state in attack.ends, attacked.runs[-1]
    assert re.search(attack.told, attacked.runs[-1].problem or ""), attacked.runs[-1]
    check_received(field, attacked)
    check_stored(field.stack, attacked.id)


def check_received(field, attacked):
    received = attacked.server.received
    for secret in [*field.secrets(), attacked.server.password]:
        assert secret not in received, f"the server was sent a secret that begins with {secret[:6]!r}"
    assert b"root:x:0:" not in received, "the server was sent a file"
    for other in field.attacked.values():
        assert other is attacked or other.server.password not in received, "the server was sent another one's password"


def check_stored(stack, connection_id):
    """Nothing is stored that no server can have had."""
    bad = stack.sql(
        "SELECT * FROM (SELECT 'sample' AS what, id::text, captured_at::text, duration_ms, rows_examined, "
        "rows_returned FROM slow_queries_raw WHERE database_connection_id = %s "
        "AND (NOT captured_at BETWEEN now() - interval '400 days' AND now() + interval '1 day' "
        "OR NOT duration_ms BETWEEN 0 AND 3e11 "
        "OR NOT coalesce(rows_examined, 0) BETWEEN 0 AND 1e15 OR NOT coalesce(rows_returned, 0) BETWEEN 0 AND 1e15) "
        "UNION ALL SELECT 'sum', resolution_s::text, bucket_at::text, total_ms, counter_calls, rows_returned "
        "FROM query_fingerprint_metrics WHERE database_connection_id = %s AND (NOT counter_calls BETWEEN 0 AND %s "
        "OR NOT total_ms BETWEEN 0 AND %s OR NOT rows_returned BETWEEN 0 AND 1e18 "
        "OR NOT greatest(rows_examined, counter_examined) BETWEEN 0 AND 1e18 OR lock_us < 0 OR counter_lock_us < 0 OR "
        "errors < 0 OR blocks_hit < 0 OR blocks_read < 0 OR bucket_at > now() "
        "OR EXISTS (SELECT FROM unnest(measures) AS entry WHERE entry < 0))) AS bad "
        "LIMIT 3",
        connection_id, connection_id, CALLS_MAX, MS_MAX,
    )
    assert not bad, bad


def check_test(attacked):
    """The connection test has ended, in time, and says what it found in sentences."""
    job = attacked.job
    assert job is not None, "the connection test did not end"
    assert attacked.tested_s < PROBE_S_MAX, f"the connection test took {attacked.tested_s:.0f} s"
    assert job["state"] == "done", job
    result = job["result"]
    assert result.keys() >= {"success", "problem", "remedy", "server_version", "checks"}, result
    for text in [result["problem"], result["remedy"], result["server_version"],
                 *(text for check in result["checks"] for text in (check["problem"], check["remedy"]))]:
        assert not CONTROL.search(text or ""), repr(text)
    assert result["success"] or result["problem"]
    assert result["is_fit"] or attacked.attack.ends != ("ok",), result
    if not result["success"]:
        check_sentence(result["problem"])


def check_logs(stack):
    for name in ("collector.log", "fcgi.log"):
        for line in (stack.state / "logs" / name).read_bytes().splitlines():
            try:
                json.loads(line)
            except ValueError:
                raise AssertionError(f"{name}: {line[:300]!r}") from None


def check_honest(field):
    """The honest servers were collected from all the time, and the collector is still the same process."""
    assert field.is_collector_alive
    for row in field.honest_rows():
        assert row.state == "ok", row
        assert (row.now - row.last_success_at).total_seconds() < 4 * HONEST_INTERVAL_S, row
