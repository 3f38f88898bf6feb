"""docker-compose.yml on a real engine: what an operator does with it, in order. Run by `dev/test docker`."""

import gzip
import itertools
import os
import re
import signal
import subprocess
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import engine
import pytest
import requests

MISSING = engine.missing()
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

IMAGE_BYTES_MAX = 120 * 10**6
BACK_S_MAX = 10
# Those that run all the time; `setup` and `shop-setup` end when they have done their work.
SERVICES = ("store", "fcgi", "collector", "nginx")
SHOP = ("shop-postgresql", "shop-mariadb", "shop-programs")
# A store of Potto's 12th schema with rows in each table, and who is an admin there (tests/http/upgrade_dump.py).
OLD_STORE = Path(__file__).parents[1] / "http/schema_012.sql.gz"
OLD_ADMIN = ("user-7a4aef0766@example.com", "a long enough password")
# The first commit that had a docker-compose.yml; its schema is the 21st.
OLDER_COMMIT = "5213833cadfe86635d7605e8a7c33f089037ae2a"
OLDER_VIEWER = ("viewer@example.com", "a long enough password")
INGEST = "/api/v1/collectors/ingest/slow-queries"


class Potto:
    """Potto over HTTP, as its admin and as an agent."""

    def __init__(self, url):
        self.url = url
        self.password = self.agent_token = self.access_token = None
        self.numbers = itertools.count(1)

    def is_healthy(self):
        try:
            answer = requests.get(self.url + "/health", timeout=5)
        except requests.RequestException:
            return False
        return answer.status_code == 200 and answer.json()["status"] == "healthy"

    def sign_in(self, email="admin@localhost", password=None):
        answer = requests.post(self.url + "/api/v1/auth/login", timeout=10,
                               json={"email": email, "password": password or self.password})
        assert answer.status_code == 200, answer.text
        self.access_token = answer.json()["access_token"]

    def call(self, method, path, **more):
        return requests.request(method, self.url + path, timeout=10,
                                headers={"Authorization": f"Bearer {self.access_token}"}, **more)

    def get(self, path, **more):
        answer = self.call("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, kind, **body):
        answer = self.call("POST", f"/api/v1/{kind}", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def samples(self, table):
        """The numbers that the samples of this table's statements ask for."""
        items, cursor = [], None
        while True:
            page = self.get("/api/v1/slow-queries", params={"table": table, "limit": 500, "cursor": cursor})
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return [int(re.search(r"= (\d+)", item["full_sql"])[1]) for item in items]

    def send(self, batch_id, table, number):
        """Whether the batch of one query was accepted, now or before."""
        query = {"full_sql": f"SELECT * FROM {table} WHERE id = {number}", "duration_ms": 100.0 + number,
                 "captured_at": datetime.now(timezone.utc).isoformat()}
        try:
            answer = requests.post(self.url + INGEST, timeout=10, json={
                "agent_token": self.agent_token, "batch_id": batch_id, "queries": [query]})
        except requests.RequestException:
            return False
        assert answer.status_code in (200, 429, 502, 503, 504), answer.text
        return answer.status_code == 200


@pytest.fixture(scope="module")
def compose(tmp_path_factory):
    made = engine.Engine(tmp_path_factory.mktemp("clone"))
    made.clone()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def potto(compose):
    return Potto(compose.url)


@pytest.fixture
def tell(capsys):
    def line(text):
        with capsys.disabled():
            print(f"\n    {text}", end="", flush=True)

    return line


def test_up_builds_and_ends_with_a_page_to_sign_in_to(compose, potto, tell):
    built_s = compose.up()
    potto_s = engine.wait_until(potto.is_healthy, 30, "/health is healthy")[1]
    tell(f"docker compose up from a clean clone: {built_s + potto_s:.0f} s")
    page = requests.get(compose.url + "/", timeout=10)
    assert page.status_code == 200 and 'type="password"' in page.text
    script = re.search(r'src="(/static/app/[^"]+\.js)"', page.text)[1]
    assert requests.get(compose.url + script, timeout=10).status_code == 200


def test_the_image_has_no_tests_and_no_compilers_and_is_small(compose, tell):
    size = compose.image_bytes(compose.images["POTTO_IMAGE"])
    tell(f"image of Potto: {size / 10**6:.0f} MB; of the store: "
         f"{compose.image_bytes(compose.images['POTTO_STORE_IMAGE']) / 10**6:.0f} MB")
    assert size <= IMAGE_BYTES_MAX
    found = compose.run("fcgi", "bash", "-c", "command -v gcc cmake npm python3; ls -d /src /out /usr/share/*/tests")
    assert found[0] != 0 and not re.search(r"^/", found[1], re.M), found[1]


def test_the_log_of_the_setup_tells_how_to_sign_in(compose, potto):
    log = compose.compose("logs", "setup")
    potto.password = re.search(r"Password +([0-9a-f]+)", log)[1]
    assert compose.url in log
    potto.sign_in()
    assert potto.get("/api/v1/auth/me")["email"] == "admin@localhost"


def confined(compose, services):
    """Check that the containers have no rights, read-only roots and limits, and that they are healthy."""
    for service in services:
        found = compose.inspect(service)
        host = found["HostConfig"]
        assert host["ReadonlyRootfs"] and not host["Privileged"] and host["CapDrop"] == ["ALL"], service
        assert host["Memory"] and host["PidsLimit"] and host["NanoCpus"], service
        assert not any("seccomp" in option for option in host["SecurityOpt"]), "a profile of its own"
        assert not re.search(r"SECRET|PASSWORD|_KEY|DATABASE_URL", " ".join(found["Config"]["Env"])), service
        if service.endswith("setup"):
            assert found["State"]["ExitCode"] == 0 and found["Config"]["User"] == "potto-setup"
            continue
        status = compose.run(service, "cat", "/proc/1/status")[1]
        assert re.search(r"^CapEff:\t0+$", status, re.M) and re.search(r"^NoNewPrivs:\t1$", status, re.M), service
        assert re.search(r"^Seccomp:\t2$", status, re.M), service
        assert not re.search(r"^Uid:\t0\t", status, re.M), service
        for place in ("/probe", "/usr/share/probe", "/etc/probe", "/var/lib/probe"):
            touched = compose.run(service, "touch", place)
            assert touched[0] != 0 and "Read-only file system" in touched[1], f"{service} writes {place}"

        def is_healthy(service=service):
            return compose.inspect(service)["State"]["Health"]["Status"] == "healthy"

        engine.wait_until(is_healthy, 120, f"{service} is healthy")


def test_containers_have_no_rights_and_read_only_roots_and_are_healthy(compose):
    assert set(compose.containers()) == {*SERVICES, "setup"}
    confined(compose, compose.containers())


def test_a_program_has_its_own_settings_and_no_others(compose):
    names = {"fcgi": "fcgi/fcgi.env", "collector": "collector/collector.env"}
    secrets = {}
    for service, name in names.items():
        status, text = compose.run(service, "cat", f"/var/lib/potto/{name}")
        assert status == 0, text
        secrets[service] = set(re.findall(r"^(\w+)=", text, re.M))
        found = compose.run(service, "sh", "-c", "find / -xdev -name '*.env' 2>/dev/null; ls /var/lib/potto/*")[1]
        for other in ("setup", *names):
            assert other == service or f"/{other}/" not in found and f"{other}.env" not in found, found
        assert compose.run(service, "touch", f"/var/lib/potto/{name}")[0] != 0, "it can change its own settings"
    assert "JWT_SECRET" not in secrets["collector"] and "POTTO_OWNER_DATABASE_URL" not in secrets["fcgi"]
    assert compose.run("nginx", "sh", "-c", "cat /var/lib/potto/*/*")[0] != 0
    settings = compose.run("fcgi", "cat", "/var/lib/potto/fcgi/fcgi.env")[1]
    told = compose.compose("logs")
    for secret in re.findall(r"[0-9a-f]{48,}", settings):
        assert secret not in told, "a log tells a key or a password"


def test_a_slow_query_of_the_readme_is_seen(compose, potto):
    made = potto.call("POST", "/api/v1/database-connections", json={"name": "from an agent", "engine": "postgresql"})
    assert made.status_code == 201, made.text
    potto.agent_token = made.json()["agent_token"]
    readme = (compose.directory / "README.md").read_text()
    line = re.search(r"^curl -X POST .*?\}'$", readme, re.M | re.S)[0]
    line = line.replace("http://127.0.0.1:8080", compose.url).replace("agt_YOUR_TOKEN_HERE", potto.agent_token)
    sent = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert '"accepted":1' in sent.stdout.replace(" ", ""), sent.stdout + sent.stderr
    assert potto.samples("users") == [123]


def test_the_collector_answers_for_a_database_that_is_not_there(compose, potto):
    made = potto.call("POST", "/api/v1/database-connections", json={
        "name": "nobody there", "engine": "postgresql", "host": "127.0.0.1", "port": 9, "database": "d",
        "username": "u", "password": "p", "tls_mode": "disable"})
    assert made.status_code == 201, made.text
    path = f"/api/v1/database-connections/{made.json()['id']}"

    def problem():
        return potto.get(path)["collection"]["problem"]

    assert "refuses" in engine.wait_until(problem, 60, "the collector's answer")[0]
    assert potto.call("DELETE", path).status_code == 204
    assert "sandbox" not in compose.compose("logs", "collector")


def collector_starts(compose):
    return compose.compose("logs", "collector").count('"collector_started"')


def kill(compose, service, answers):
    """Kill the service's main process; the seconds until another one runs and answers() is true."""
    before = compose.inspect(service)["State"]["Pid"]
    os.kill(before, signal.SIGKILL)

    def is_back():
        state = compose.inspect(service)["State"]
        return state["Running"] and state["Pid"] not in (0, before) and answers()

    return engine.wait_until(is_back, 60, f"{service} is back")[1]


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may kill a container's process")


@only_root
@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_container_is_back_and_nothing_is_lost(compose, potto, service, tell):
    stop = threading.Event()
    table, accepted = f"killed_{service}", []

    def send_all():
        for number in itertools.count(1):
            while not potto.send(f"{table}-{number}", table, number):
                time.sleep(0.05)
            accepted.append(number)
            time.sleep(0.02)
            if stop.is_set():
                return

    sender = threading.Thread(target=send_all, daemon=True)
    sender.start()
    engine.wait_until(lambda: len(accepted) >= 20, 60, "batches before the kill")
    starts = collector_starts(compose)
    back_s = kill(compose, service, lambda: potto.is_healthy() and (
        service != "collector" or collector_starts(compose) > starts))
    count = len(accepted)
    engine.wait_until(lambda: len(accepted) >= count + 20, 60, "batches after the kill")
    stop.set()
    sender.join(60)
    tell(f"{service} killed: back after {back_s:.1f} s, {len(accepted)} batches")
    assert back_s <= BACK_S_MAX
    assert sorted(potto.samples(table)) == accepted


def test_down_and_up_again_keeps_everything(compose, potto, tell):
    compose.compose("down", "--timeout", "20")
    seconds = compose.up() + engine.wait_until(potto.is_healthy, 60, "/health is healthy")[1]
    tell(f"up again: {seconds:.0f} s")
    told = compose.compose("logs", "setup")
    assert potto.password not in told and "There are accounts already" in told
    words = re.search(r"run --rm (setup cat \S+)", told)[1].split()
    assert potto.password in compose.compose("run", "--rm", "-T", *words)
    assert potto.samples("users") == [123], "the old session goes on"
    potto.sign_in()
    assert potto.send("after-down", "after_down", 1)
    assert potto.samples("after_down") == [1]


def rows_of(compose):
    """Rows of each table by its name; partitions count as their parent."""
    names = sql(compose, "potto", "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                                  "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1").split("\n")
    counts = sql(compose, "potto", " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names))
    return {name: int(count) for name, count in (line.split("|") for line in counts.split("\n"))}


def fill(compose, potto):
    """Sign in as the first admin, and store rows of every kind that people and agents make."""
    potto.password = re.search(r"Password +([0-9a-f]+)", compose.compose("logs", "setup"))[1]
    potto.sign_in()
    potto.make("users", email=OLDER_VIEWER[0], password=OLDER_VIEWER[1], role="viewer")
    potto.make("teams", name="of the shop")
    mongodb = potto.make("database-connections", name="mongodb", engine="mongodb")
    sent = requests.post(potto.url + "/api/v1/metrics", timeout=10, json={
        "agent_token": mongodb["agent_token"], "type": "mongodb",
        "data": {"nodeId": "rs0-a", "role": "primary", "opsInsert": 7}})
    assert sent.status_code == 200, sent.text
    potto.agent_token = potto.make("database-connections", name="shop", engine="postgresql")["agent_token"]
    now = datetime.now(timezone.utc)
    for batch in range(20):
        queries = [{"full_sql": f"SELECT * FROM t{batch} WHERE id = {i}", "duration_ms": 10.0 + i,
                    "captured_at": (now - timedelta(seconds=batch * 1000 + i)).isoformat()} for i in range(1000)]
        sent = requests.post(potto.url + INGEST, timeout=60,
                             json={"agent_token": potto.agent_token, "queries": queries})
        assert sent.status_code == 200 and sent.json()["accepted"] == 1000, sent.text


def test_an_image_of_an_older_commit_is_replaced_and_keeps_every_row(compose, tmp_path, tell):
    older = engine.Engine(tmp_path, "potto-older")
    if not older.checkout(OLDER_COMMIT):
        pytest.skip("this clone has no history")
    potto = Potto(older.url)
    try:
        older.up()
        engine.wait_until(potto.is_healthy, 60, "/health is healthy")
        fill(older, potto)
        engine.wait_until(lambda: sql(older, "potto", "SELECT count(*) FROM rollup_deltas") == "0", 60, "all rolled up")
        before, samples = rows_of(older), sorted(potto.samples("t7"))
        older.clone()
        older.use_images(compose)
        seconds = older.up() + engine.wait_until(potto.is_healthy, 60, "/health is healthy")[1]
        tell(f"an older image is replaced: {seconds:.0f} s, {sum(before.values())} rows")
        newest = max(int(file.name[:3]) for file in (tmp_path / "migrations").glob("[0-9]*.sql"))
        schema = requests.get(potto.url + "/health", timeout=10).json()["schema"]
        assert schema["version"] == newest > 21
        told = older.compose("logs", "setup")
        assert "applied 022_" in told and potto.password not in told
        after = rows_of(older)
        lost = {name: (count, after.get(name)) for name, count in before.items() if after.get(name, 0) < count}
        assert not lost and before["slow_queries_raw"] == after["slow_queries_raw"] == 20000
        assert sorted(potto.samples("t7")) == samples and len(samples) == 1000, "the old session goes on"
        potto.sign_in(*OLDER_VIEWER)
        potto.sign_in()
        assert potto.send("after-upgrade", "after_upgrade", 1), "the agent's token holds"
        assert potto.samples("after_upgrade") == [1]
        older.compose("down", "--timeout", "20")
        older.up()
        engine.wait_until(potto.is_healthy, 60, "/health is healthy")
        assert potto.samples("after_upgrade") == [1] and len(potto.samples("t7")) == 1000
    finally:
        older.remove()


def test_the_demo_adds_two_databases_that_are_collected_from(compose, potto, tell):
    seconds = compose.up("--profile", "demo")
    tell(f"the demo's shop: {seconds:.0f} s")

    def collected():
        rows = {row["name"]: row["id"] for row in potto.get("/api/v1/database-connections")["items"]}
        return all(name in rows and potto.get("/api/v1/slow-queries/fingerprints",
                                              params={"connection_id": rows[name]})["items"]
                   for name in ("Shop (PostgreSQL)", "Shop (MariaDB)"))

    engine.wait_until(collected, 120, "statements of both databases")
    tell(f"image of the shop: {compose.image_bytes(compose.images['POTTO_SHOP_IMAGE']) / 10**6:.0f} MB")
    assert set(compose.containers()) == {*SERVICES, *SHOP, "setup", "shop-setup"}
    confined(compose, compose.containers())


@only_root
@pytest.mark.parametrize("service", SHOP)
def test_a_killed_part_of_the_demo_is_back(compose, service, tell):
    check = compose.inspect(service)["Config"]["Healthcheck"]["Test"]
    words = check[1:] if check[0] == "CMD" else ["sh", "-c", check[1]]
    back_s = kill(compose, service, lambda: compose.run(service, *words)[0] == 0)
    tell(f"{service} killed: back after {back_s:.1f} s")
    assert back_s <= BACK_S_MAX


def sql(compose, database, statement):
    """What psql answers as the store's superuser."""
    status, told = compose.run("store", "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, stdin=statement)
    assert status == 0, told[-2000:]
    return told.strip()


def load_old_store(compose):
    """Replace Potto's database by one of the 12th schema. Its sealed values are removed, since their key is lost."""
    compose.compose("--profile", "demo", "stop", "fcgi", "collector", *SHOP)
    sql(compose, "postgres", "DROP DATABASE potto WITH (FORCE)")
    # Roles and the database are made at a start for which this file is missing.
    assert compose.run("store", "rm", "/var/lib/potto-store/15.roles")[0] == 0
    compose.compose("restart", "store")
    engine.wait_until(lambda: compose.run("store", "pg_isready", "-q", "-d", "potto")[0] == 0, 60, "the store")
    sql(compose, "potto", gzip.decompress(OLD_STORE.read_bytes()).decode())
    sql(compose, "potto", "UPDATE database_connections SET password_ciphertext = NULL, agent_token_ciphertext = NULL")


@only_root
def test_a_store_of_an_older_schema_is_migrated_though_the_first_try_is_killed(compose, potto, tell):
    load_old_store(compose)
    count = "SELECT (SELECT count(*) FROM slow_queries_raw), (SELECT count(*) FROM users)"
    counts = sql(compose, "potto", count)
    before = compose.inspect("setup")["State"]["StartedAt"]
    first = threading.Thread(target=compose.compose, args=("up", "--detach"), kwargs={"check": False})
    first.start()

    def pid_of_setup():
        state = compose.inspect("setup")["State"]
        return state["StartedAt"] != before and state["Pid"]

    os.kill(engine.wait_until(pid_of_setup, 60, "the setup's start")[0], signal.SIGKILL)
    first.join(120)
    assert compose.inspect("setup")["State"]["ExitCode"] == 128 + signal.SIGKILL
    # By itself first: the collector would delete samples that are older than retention.
    told = compose.compose("run", "--rm", "-T", "setup") + compose.compose("logs", "setup")
    assert "applied 013_lanes" in told
    assert sql(compose, "potto", count) == counts and int(counts.split("|")[0]) > 100
    seconds = compose.up() + engine.wait_until(potto.is_healthy, 60, "/health is healthy")[1]
    tell(f"up with a store of the 12th schema that is migrated: {seconds:.0f} s")
    potto.sign_in(*OLD_ADMIN)
    assert OLD_ADMIN[0] in {user["email"] for user in potto.get("/api/v1/users")["items"]}


def test_a_new_image_migrates(compose, potto):
    """The image of tomorrow is today's with one migration more, so its programs find the schema newer than they are."""
    image = compose.images["POTTO_IMAGE"]
    dockerfile = (f"FROM {image}\nUSER root\n"
                  "RUN echo 'CREATE TABLE of_tomorrow (id int);' >/usr/share/potto/migrations/998_tomorrow.sql\n"
                  "USER potto-fcgi\n")
    subprocess.run(["docker", "build", "--quiet", "--tag", image, "-"], input=dockerfile, text=True, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    compose.up()
    assert "applied 998_tomorrow" in compose.compose("logs", "setup")

    def schema():
        answer = requests.get(compose.url + "/health", timeout=5)
        return answer.status_code == 200 and answer.json()["schema"]["version"] == 998

    engine.wait_until(schema, 30, "the schema of the new image")
    assert OLD_ADMIN[0] in {user["email"] for user in potto.get("/api/v1/users")["items"]}
