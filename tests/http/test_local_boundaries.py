"""What a local user can reach: modes and owners of everything in a state, the users and environments of its processes,
and what a stranger on the machine may open."""

import contextlib
import os
import pwd
import re
import socket
import stat
import subprocess
from pathlib import Path

import pytest
import servers

IS_ROOT = os.getuid() == 0
USERS = {"store": "potto-store", "fcgi": "potto-fcgi", "collector": "potto-collector", "nginx": "potto-web"}
SECRET_FILES = ("fcgi.env", "collector.env", "potto.env", "admin.json", "secrets/jwt", "secrets/store-owner")
# What a process may have in its environment.
VARIABLES = {"PATH", "PWD", "LANG", "POTTO_ENV_FILE", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}


def as_stranger(*command, user="nobody"):
    """Run a command as another user, without any group of Potto's."""
    return subprocess.run(["setpriv", f"--reuid={user}", f"--regid={user if user != 'nobody' else 'nogroup'}",
                           "--init-groups", *map(str, command)], capture_output=True, text=True, timeout=20)


@pytest.fixture()
def separated(stack):
    status = Path(f"/proc/{stack.pids()['nginx']}/status").read_text()
    if not IS_ROOT or re.search(r"CapEff:\s*0*[1-9a-f]", status):
        pytest.skip("programs are kept apart when root runs them where its users may be let through")


separated_only = pytest.mark.usefixtures("separated")


def processes(stack, file):
    """(name, content of that file below /proc/PID) of all programs and their children."""
    for name in USERS:
        pid = servers.wait_until(lambda: stack.pids().get(name), what=name)
        for process in (pid, *stack.children(name)):
            try:
                yield name, Path(f"/proc/{process}/{file}").read_bytes().decode(errors="replace")
            except OSError:
                assert process != pid  # a child may have ended


def secrets_of(stack):
    """Every secret that a process could hold, by name."""
    urls = {name: re.search(r":([0-9a-f]{48})@", stack.env[name]).group(1)
            for name in ("DATABASE_URL", "POTTO_OWNER_DATABASE_URL")}
    keys = {name: stack.env[name] for name in ("JWT_SECRET", "ENCRYPTION_KEY")}
    files = {file.name: file.read_text().strip() for file in (stack.state / "secrets").iterdir()}
    return {**files, **urls, **keys}


def test_nothing_in_the_state_is_open_to_others(stack):
    open_to_others = [
        (str(path.relative_to(stack.state)), stat.filemode(path.lstat().st_mode))
        for path in [stack.state, *stack.state.rglob("*")]
        # Below the store's directory, which only its user may enter, PostgreSQL chooses the modes.
        if not path.is_symlink() and path.lstat().st_mode & 0o007 and (stack.state / "store") not in path.parents
    ]
    # The tests' own files of settings are made by the tests.
    own = ("potto.env.local", "ports.json", stack.log_list.name)
    open_to_others = [found for found in open_to_others if found[0] not in own]
    assert open_to_others == []


def test_group_may_write_to_sockets_only(stack):
    assert [
        str(path)
        for path in stack.state.rglob("*")
        if path.lstat().st_mode & 0o020 and not stat.S_ISSOCK(path.lstat().st_mode) and not path.is_symlink()
    ] == []


def test_sockets_and_secret_files_have_their_modes(stack):
    modes = {name: stat.S_IMODE((stack.state / name).stat().st_mode) for name in SECRET_FILES}
    env = 0o640 if IS_ROOT else 0o600
    assert modes == {**dict.fromkeys(SECRET_FILES, 0o600), "fcgi.env": env, "collector.env": env}
    sockets = [path for path in (stack.state / "run").rglob("*") if stat.S_ISSOCK(path.stat().st_mode)]
    assert {path.parent.name for path in sockets} == {"fcgi", "store"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in sockets} == {0o660}
    assert stat.S_IMODE((stack.state / "secrets").stat().st_mode) == 0o700


@separated_only
def test_each_program_runs_as_its_own_user_without_capabilities(stack):
    for name, status in processes(stack, "status"):
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert pwd.getpwuid(int(fields["Uid"].split()[0])).pw_name == USERS[name]
        assert len(set(fields["Uid"].split())) == 1
        assert fields["NoNewPrivs"] == "1"
        assert fields["CapEff"] == fields["CapBnd"] == fields["CapAmb"] == "0" * 16


@separated_only
def test_no_file_of_root_lies_where_a_program_could_replace_it(stack):
    within_reach = []
    for path in stack.state.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # the store removes files of its own meanwhile
            if path.lstat().st_uid == 0 != path.parent.stat().st_uid:
                within_reach.append(str(path.relative_to(stack.state)))
    assert within_reach == []
    assert (stack.state / "nginx.conf").stat().st_uid == 0


@separated_only
def test_no_program_may_change_its_own_settings(stack):
    for name in ("fcgi", "collector"):
        file = (stack.state / f"{name}.env").stat()
        assert file.st_uid == 0 and file.st_gid == pwd.getpwnam(USERS[name]).pw_gid


def test_no_environment_holds_a_secret(stack):
    secrets = secrets_of(stack)
    seen = 0
    for name, environment in processes(stack, "environ"):
        variables = {line.split("=", 1)[0] for line in environment.split("\0") if "=" in line}
        seen += "PATH" in variables
        if name != "store":  # a backend of PostgreSQL writes its title over the environment
            assert variables <= VARIABLES, name
        assert [secret for secret, value in secrets.items() if value in environment] == []
    assert seen >= 3


def test_no_command_line_holds_a_secret(stack):
    secrets = secrets_of(stack)
    for _, line in processes(stack, "cmdline"):
        assert [secret for secret, value in secrets.items() if value in line] == []


def test_each_file_of_settings_has_its_programs_secrets_only(stack):
    names = {program: {line.split("=", 1)[0] for line in (stack.state / f"{program}.env").read_text().splitlines()}
             for program in ("fcgi", "collector", "potto")}
    secrets = {"DATABASE_URL", "POTTO_OWNER_DATABASE_URL", "JWT_SECRET", "ENCRYPTION_KEY"}
    assert names["fcgi"] & secrets == {"DATABASE_URL", "JWT_SECRET", "ENCRYPTION_KEY"}
    assert names["collector"] & secrets == {"POTTO_OWNER_DATABASE_URL", "ENCRYPTION_KEY"}
    assert names["potto"] & secrets == {"POTTO_OWNER_DATABASE_URL", "ENCRYPTION_KEY"}


def test_a_secret_in_the_local_settings_reaches_only_its_program(stack):
    local = stack.state / "potto.env.local"
    before = local.read_text()
    owner, secret = stack.env["POTTO_OWNER_DATABASE_URL"], stack.env["JWT_SECRET"]
    local.write_text(f"{before}POTTO_OWNER_DATABASE_URL={owner}\nJWT_SECRET={secret}\n")
    try:
        stack.up()
        assert owner not in (stack.state / "fcgi.env").read_text()
        assert secret not in (stack.state / "collector.env").read_text()
        assert secret in (stack.state / "fcgi.env").read_text()
    finally:
        local.write_text(before)
        stack.up()


def test_a_secret_of_another_program_is_ignored_with_a_warning(stack):
    done = subprocess.run(
        [stack.program("potto-fcgi")],
        env={"PATH": os.environ["PATH"], **stack.env, "POTTO_SOCKET": "/nowhere/to/be/found/fcgi.sock"},
        capture_output=True, text=True, timeout=20,
    )
    assert '"event":"setting_ignored"' in done.stderr and "POTTO_OWNER_DATABASE_URL" in done.stderr
    assert stack.env["POTTO_OWNER_DATABASE_URL"] not in done.stderr


@separated_only
@pytest.mark.parametrize("user", ["nobody", "potto-web", "potto-demo", "potto-fcgi", "potto-collector"])
def test_a_stranger_reads_no_secret(stack, user):
    own = {"potto-fcgi": "fcgi.env", "potto-collector": "collector.env"}.get(user)
    for name in (*SECRET_FILES, "store/PG_VERSION"):
        done = as_stranger("cat", stack.state / name, user=user)
        assert (done.returncode == 0) == (name == own), (user, name)


CONNECT = """
import socket, sys
with socket.socket(socket.AF_UNIX) as one:
    try:
        one.connect(sys.argv[1])
        print("connected")
    except PermissionError:
        print("refused")
"""


def connects(path, user):
    return as_stranger("/usr/bin/python3", "-c", CONNECT, path, user=user).stdout.strip()


@separated_only
def test_only_nginx_connects_to_the_workers(stack):
    path = stack.state / "run/fcgi/fcgi.sock"
    callers = ("nobody", "potto-demo", "potto-collector", "potto-store", "potto-web")
    assert {user: connects(path, user) for user in callers} == {
        **dict.fromkeys(callers, "refused"), "potto-web": "connected"}


@separated_only
def test_only_the_programs_connect_to_the_stores_socket(stack):
    path = stack.state / f"run/store/.s.PGSQL.{stack.ports['store']}"
    callers = ("nobody", "potto-demo", "potto-web", "potto-fcgi", "potto-collector")
    assert {user: connects(path, user) for user in callers} == {
        **dict.fromkeys(callers, "refused"), "potto-fcgi": "connected", "potto-collector": "connected"}


@separated_only
def test_a_process_of_the_same_user_reads_no_memory(plain_stack):
    """LeakSanitizer needs to read its own process, so a build with sanitizers stays readable."""
    for name in ("fcgi", "collector"):
        for pid in (plain_stack.pids()[name], *plain_stack.children(name)):
            done = as_stranger("head", "-c", "1", f"/proc/{pid}/environ", user=USERS[name])
            assert done.returncode != 0 and "Permission denied" in done.stderr, name
            core = re.search(r"Max core file size +(\S+) +(\S+)", Path(f"/proc/{pid}/limits").read_text())
            assert core.groups() == ("0", "0")


def test_the_store_answers_on_loopback_with_a_password_only(stack):
    with socket.socket() as probe:
        probe.connect(("127.0.0.1", stack.ports["store"]))
    rules = stack.sql(
        "SELECT DISTINCT auth_method FROM pg_hba_file_rules",
        dsn=f"postgresql://postgres:{(stack.state / 'secrets/store-superuser').read_text().strip()}"
            f"@127.0.0.1:{stack.ports['store']}/potto")
    assert [rule.auth_method for rule in rules] == ["scram-sha-256"]
