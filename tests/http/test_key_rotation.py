"""Keys are replaced while everything runs: nothing fails, and nothing stays sealed with the old key."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import jwt as pyjwt
import pytest
import servers
from accounts import Account, login, unique
from conftest import _build_dir

ME = "/api/v1/auth/me"
CONNECTIONS = "/api/v1/database-connections"


@pytest.fixture(scope="module")
def stack():
    """A Potto of its own, because other tests read the keys of the shared one."""
    with servers.running(servers.Stack(f"keys-{os.getpid()}", _build_dir(), {"POTTO_WORKERS": "3"})) as stack:
        yield stack


@pytest.fixture(scope="module")
def member(stack):
    return Account(stack, "member", unique("team"))


@pytest.fixture(scope="module")
def connections(member):
    made = []
    for number in range(230):
        body = {"name": unique("c"), "engine": "mysql", "password": f"password {number}", "monitoring_enabled": False}
        made.append(member.client.post(CONNECTIONS, json=body).json())
    return made


def env_path(stack, program="potto"):
    return stack.state / f"{program}.env"


def keys(stack, *arguments, wait_s=3, check=True):
    pids, files = [], []
    for name in ("fcgi", "collector"):
        pids += ["--pid-file", stack.state / "run" / f"{name}.pid"]
    for name in ("potto", "collector", "fcgi"):
        files += ["--state-file", env_path(stack, name)]
    if arguments[0] == "status":
        pids = []
    wait = ["--wait-s", wait_s] if arguments[0] != "status" and "--retire" not in arguments else []
    done = stack.cli("keys", *arguments, *files, *wait, *pids, check=check)
    return json.loads(done.stdout) if check else done


def sealed(stack):
    return keys(stack, "status")["sealed"]


class Load:
    """Sends requests all the time, from several threads; .failures lists those that failed."""

    def __init__(self, stack, member, connections):
        self.failures, self.count = [], 0
        self._stop = threading.Event()
        self._member, self._connections, self._stack = member, connections, stack
        member.client.get(ME)
        self._token = member.client.token
        self._threads = [
            threading.Thread(target=work) for work in (self._reveal, self._reveal, self._make, self._sign_in)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, step):
        client = servers.Client(self._stack.url, {"Authorization": f"Bearer {self._token}"})
        number = 0
        while not self._stop.is_set():
            problem = step(client, number)
            number += 1
            self.count += 1
            if problem:
                self.failures.append(problem)

    def _reveal(self):
        def step(client, number):
            connection = self._connections[number % len(self._connections)]
            answer = client.get(f"{CONNECTIONS}/{connection['id']}/agent-token")
            if answer.status_code != 200 or answer.json()["agent_token"] != connection["agent_token"]:
                return f"reveal: {answer.status_code} {answer.text}"

        self._loop(step)

    def _make(self):
        def step(client, _):
            body = {"name": unique("c"), "engine": "mysql", "password": "made meanwhile", "monitoring_enabled": False}
            answer = client.post(CONNECTIONS, json=body)
            if answer.status_code != 201:
                return f"make: {answer.status_code} {answer.text}"
            shown = client.get(f"{CONNECTIONS}/{answer.json()['id']}/agent-token")
            if shown.status_code != 200 or shown.json()["agent_token"] != answer.json()["agent_token"]:
                return f"reveal what was made: {shown.status_code} {shown.text}"
            time.sleep(0.05)

        self._loop(step)

    def _sign_in(self):
        def step(client, _):
            session = login(self._stack, self._member.email)
            if session.status_code != 200:
                return f"sign-in: {session.status_code} {session.text}"
            for _ in range(5):  # every worker accepts a token that another one made
                bearer = {"Authorization": f"Bearer {session.json()['access_token']}"}
                answer = servers.Client(self._stack.url, bearer).get(ME)
                if answer.status_code != 200:
                    return f"me: {answer.status_code} {answer.text}"
            time.sleep(0.1)

        self._loop(step)


def ciphertexts(stack):
    return {
        row.id: (bytes(row.password_ciphertext), bytes(row.agent_token_ciphertext))
        for row in stack.sql(
            "SELECT id, password_ciphertext, agent_token_ciphertext FROM database_connections "
            "WHERE password_ciphertext IS NOT NULL"
        )
    }


def test_encryption_key_is_rotated_under_load(stack, member, connections):
    before, old_key = ciphertexts(stack), stack.env["ENCRYPTION_KEY"]
    env_files = [env_path(stack, program) for program in ("potto", "collector", "fcgi")]
    owners = [(file, file.stat().st_mode, file.stat().st_uid, file.stat().st_gid) for file in env_files]
    with Load(stack, member, connections) as load:
        time.sleep(0.5)
        done = keys(stack, "rotate")
        time.sleep(1)
    assert load.failures == [] and load.count > 100
    assert done["resumed"] is False and done["unreadable"] == 0
    assert done["resealed"] >= 2 * len(connections)
    assert set(sealed(stack)) == {done["key_id"]}
    after = ciphertexts(stack)
    for connection in connections:
        for was, now in zip(before[connection["id"]], after[connection["id"]]):
            assert was[1:5] != now[1:5] == bytes.fromhex(done["key_id"])
    for program in ("potto", "collector", "fcgi"):
        assert stack.env["ENCRYPTION_KEY"] in env_path(stack, program).read_text()
    assert stack.env["ENCRYPTION_KEY"].endswith("," + old_key)
    assert [(file, file.stat().st_mode, file.stat().st_uid, file.stat().st_gid) for file in env_files] == owners
    # The collector opens the values that were sealed again: its log does not mention another key.
    assert "another key" not in (stack.state / "logs/collector.log").read_text()
    row = stack.sql(
        "SELECT detail FROM audit_log WHERE action = 'encryption_key_rotated' AND organization_id = %s",
        member.organization_id,
    )
    assert row[-1].detail["key_id"] == done["key_id"]


def test_old_key_is_retired_when_nothing_is_sealed_with_it(stack, member, connections):
    done = keys(stack, "rotate", "--retire")
    assert done["retired"] >= 1
    assert "," not in stack.env["ENCRYPTION_KEY"] and "@" not in stack.env["ENCRYPTION_KEY"]
    servers.wait_until(
        lambda: all(
            member.client.get(f"{CONNECTIONS}/{connections[0]['id']}/agent-token").status_code == 200 for _ in range(5)
        ),
        what="workers with the new key alone",
    )
    stack.restart_fcgi()
    stack.restart_collector()
    answer = member.client.get(f"{CONNECTIONS}/{connections[1]['id']}/agent-token")
    assert answer.json()["agent_token"] == connections[1]["agent_token"]
    assert keys(stack, "rotate", "--retire")["retired"] == 0


def test_key_that_sealed_something_is_not_retired(stack, member, connections):
    value = ciphertexts(stack)[connections[5]["id"]][0]
    keys(stack, "rotate", wait_s=1)
    stack.sql("UPDATE database_connections SET password_ciphertext = %s WHERE id = %s", value, connections[5]["id"])
    refused = keys(stack, "rotate", "--retire", check=False)
    assert refused.returncode == 1 and "older keys" in refused.stderr
    again = keys(stack, "rotate")
    assert again["resumed"] is True and again["resealed"] == 1
    assert keys(stack, "rotate", "--retire")["retired"] == 1


def test_killed_rotation_goes_on_where_it_was(stack, member, connections):
    """Killed while it waits and while it seals: each time the next run continues with the same key."""
    count = stack.env["ENCRYPTION_KEY"].count(",")
    command = [str(stack.program("potto")), "keys", "rotate", "--wait-s", "2"]
    for name in ("potto", "collector", "fcgi"):
        command += ["--state-file", str(env_path(stack, name))]
    for name in ("fcgi", "collector"):
        command += ["--pid-file", str(stack.state / "run" / f"{name}.pid")]
    environment = {**os.environ, **stack.env, "ASAN_OPTIONS": "detect_leaks=0"}
    before = sealed(stack)
    for delay in (0.8, 2.9, 3.1, 3.2):
        run = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert stack.env["ENCRYPTION_KEY"].count(",") <= count + 1
        answer = member.client.get(f"{CONNECTIONS}/{connections[7]['id']}/agent-token")
        assert answer.json()["agent_token"] == connections[7]["agent_token"]
        if set(sealed(stack)) != set(before):
            break
    if set(sealed(stack)) & set(before):
        assert keys(stack, "rotate")["resumed"] is True
    assert len(sealed(stack)) == 1 and set(sealed(stack)) != set(before)
    for connection in connections[::40]:
        shown = member.client.get(f"{CONNECTIONS}/{connection['id']}/agent-token")
        assert shown.json()["agent_token"] == connection["agent_token"]
    keys(stack, "rotate", "--retire")


def newest_first(stack):
    """A list with a new key, as a rotation puts it into each file, that is used since a minute."""
    old = stack.env["ENCRYPTION_KEY"].split(",")[-1].split("@")[0]
    return f"{os.urandom(32).hex()}@{int(time.time()) - 60},{old}"


def set_keys(path, keys):
    text = path.read_text()
    path.write_text(re.sub(r"(?m)^ENCRYPTION_KEY=.*", f"ENCRYPTION_KEY={keys}", text))


def test_rotation_that_ended_between_two_files_gives_programs_time_for_the_new_key(stack, member, connections):
    """The first file has the new key, the programs have never read it: nothing is sealed with it before they have."""
    set_keys(env_path(stack), newest_first(stack))
    done = keys(stack, "rotate")
    assert done["resumed"] is True and done["resealed"] > 0
    assert len({env_path(stack, name).read_text().split("ENCRYPTION_KEY=")[1].split()[0]
                for name in ("potto", "collector", "fcgi")}) == 1  # fmt: skip
    for connection in connections[::40]:
        shown = member.client.get(f"{CONNECTIONS}/{connection['id']}/agent-token")
        assert shown.status_code == 200 and shown.json()["agent_token"] == connection["agent_token"]
    keys(stack, "rotate", "--retire")


def test_keys_that_only_a_later_file_has_are_not_lost(stack, member, connections):
    path, whole = env_path(stack), env_path(stack).read_text()
    set_keys(path, os.urandom(32).hex())
    refused = keys(stack, "rotate", check=False)
    assert refused.returncode == 1 and "name the file that has all keys first" in refused.stderr
    path.write_text(re.sub(r"(?m)^ENCRYPTION_KEY=.*\n", "", whole))
    lacking = keys(stack, "rotate", check=False)
    assert lacking.returncode == 1 and "has no ENCRYPTION_KEY" in lacking.stderr
    path.write_text(whole)
    before = env_path(stack, "fcgi").read_text()
    assert before.split("ENCRYPTION_KEY=")[1].split()[0] == whole.split("ENCRYPTION_KEY=")[1].split()[0]
    assert member.client.get(f"{CONNECTIONS}/{connections[0]['id']}/agent-token").status_code == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a file of another user")
def test_file_that_leaves_its_group_is_not_opened_to_another(stack):
    """Who may not give the new file to the old one's group would open it to a group of his own."""
    owner, own_group, group = 65534, 65534, 1
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        program, path = directory / "potto", directory / "fcgi.env"
        shutil.copy(stack.program("potto"), program)
        port = stack.ports["store"]
        url = re.sub(r"@[^/]*/", f"@127.0.0.1:{port}/", stack.env["POTTO_OWNER_DATABASE_URL"])
        path.write_text(f"POTTO_OWNER_DATABASE_URL={url}\nJWT_SECRET={'ab' * 32}\n")
        for one, mode in ((directory, 0o755), (path, 0o640)):
            os.chown(one, owner, group)
            one.chmod(mode)
        command = ["setpriv", f"--reuid={owner}", f"--regid={own_group}", "--clear-groups", str(program), "keys"]
        options = ["rotate-jwt", "--wait-s", "0", "--state-file", str(path)]
        environment = {"PATH": os.environ["PATH"], "ASAN_OPTIONS": "detect_leaks=0"}
        done = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert path.stat().st_gid == own_group and path.stat().st_mode & 0o777 == 0o600


def test_dev_up_keeps_rotated_keys(stack, member, connections):
    before = stack.env
    stack.up()
    assert (stack.env["ENCRYPTION_KEY"], stack.env["JWT_SECRET"]) == (before["ENCRYPTION_KEY"], before["JWT_SECRET"])
    assert member.client.get(f"{CONNECTIONS}/{connections[0]['id']}/agent-token").status_code == 200


def test_jwt_key_is_rotated_under_load_and_names_itself(stack, member, connections, tmp_path):
    old = login(stack, member.email).json()["access_token"]
    old_kid = pyjwt.get_unverified_header(old)["kid"]
    with Load(stack, member, connections) as load:
        done = keys(stack, "rotate-jwt")
        time.sleep(1)
    assert load.failures == []
    fresh = login(stack, member.email).json()["access_token"]
    assert pyjwt.get_unverified_header(fresh) == {"alg": "HS256", "typ": "JWT", "kid": done["kid"]}
    assert old_kid != done["kid"]

    def status_of(token):
        return servers.Client(stack.url, {"Authorization": f"Bearer {token}"}).get(ME).status_code

    assert status_of(old) == status_of(fresh) == 200
    refused = keys(stack, "rotate-jwt", "--retire", check=False)
    assert refused.returncode == 1 and "--force" in refused.stderr
    keys(stack, "rotate-jwt", "--retire", "--force")
    servers.wait_until(lambda: [status_of(old) for _ in range(6)] == [401] * 6, what="the end of the old key")
    assert status_of(fresh) == 200


def test_unsound_settings_change_nothing_at_a_reload(stack, member):
    client = servers.SignedInClient(stack.url, member.email, member.password)
    path = env_path(stack, "fcgi")
    whole = path.read_text()
    lines = [line for line in whole.splitlines() if not line.startswith("JWT_SECRET=")]
    log = stack.state / "logs/fcgi.log"
    seen = log.read_text().count("not_reloaded")
    path.write_text("\n".join(lines + ["JWT_SECRET=short"]) + "\n")
    try:
        os.kill(stack.pids()["fcgi"], signal.SIGHUP)
        servers.wait_until(lambda: log.read_text().count("not_reloaded") > seen, what="a word in the log")
        assert "short" not in log.read_text()[-2000:].replace("shorter", "")
        assert all(client.get(ME).status_code == 200 for _ in range(10))
    finally:
        path.write_text(whole)
        os.kill(stack.pids()["fcgi"], signal.SIGHUP)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["status"],
        ["rotate"],
        ["turn", "--state-file", "x"],
        ["rotate", "--state-file", "x", "--wait-s", "-1"],
        ["rotate", "--state-file", "x", "--wait-s", "soon"],
        ["rotate", "--state-file", "x", "more"],
    ],
)
def test_wrong_calls_say_how(stack, arguments):
    done = stack.cli("keys", *arguments, check=False)
    assert done.returncode == 2 and "usage" in done.stderr


def test_file_that_cannot_be_read_is_left(stack, tmp_path):
    for name, text in (("absent", None), ("empty", ""), ("broken", "ENCRYPTION_KEY=zz\nJWT_SECRET=00\n")):
        path = tmp_path / name
        if text is not None:
            path.write_text(text)
        done = stack.cli("keys", "rotate", "--state-file", path, "--wait-s", "0", check=False)
        assert done.returncode == 1, done.stdout
        assert "zz" not in done.stderr
        assert (path.read_text() if text is not None else None) == text
