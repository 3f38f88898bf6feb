"""Supervision: what is killed runs again, what keeps ending is started ever less often, what is stopped stays so."""

import os
import signal
import subprocess
import time

import pytest
import servers
from conftest import _build_dir

PROGRAMS = ("store", "fcgi", "collector", "nginx")
BACK_S = 20  # an idle machine needs less than 5 s


@pytest.fixture(scope="module")
def stack():
    """A Potto of its own: its programs are killed and its supervisor too."""
    with servers.running(servers.Stack(f"supervision-{os.getpid()}", _build_dir())) as stack:
        yield stack


@pytest.fixture()
def healthy(stack):
    yield
    if "supervisor" not in stack.pids() or not all(running(stack, name) for name in PROGRAMS):
        stack.up()
    servers.wait_until(lambda: answer_of_store(stack, "SELECT 1"), 60, what="an answer of the store")
    wait_for_health(stack, 60)


def is_healthy(stack):
    try:
        return servers.requests.get(stack.url + "/health", timeout=5).status_code == 200
    except servers.requests.RequestException:
        return False


def wait_for_health(stack, timeout_s):
    servers.wait_until(lambda: is_healthy(stack), timeout_s, what="health")


def runsv_of(stack, name):
    """The process id of the runsv that supervises NAME."""
    return int(stat_fields(servers.wait_until(lambda: running(stack, name), what=name))[1])


def stat_fields(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()


def running(stack, name):
    """The process id of NAME if its supervisor says that it runs."""
    line = subprocess.run(["sv", "status", stack.service(name)], capture_output=True, text=True).stdout
    return int(line.split("(pid ")[1].split(")")[0]) if line.startswith("run: ") else None


def store_backends(stack):
    return [row.pid for row in stack.sql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'potto-%'")]


def answer_of_store(stack, statement):
    """The rows, None while the store does not answer."""
    try:
        return stack.sql(statement)
    except servers.psycopg2.OperationalError:
        return None


# Process ids; the first is killed.
VICTIMS = {
    "store": lambda stack: [stack.pids()["store"]],
    "a backend of the store": store_backends,
    "manager": lambda stack: [stack.pids()["fcgi"]],
    "worker": lambda stack: stack.children("fcgi"),
    "collector": lambda stack: [stack.pids()["collector"]],
    "potto-target": lambda stack: stack.children("collector"),
    "nginx": lambda stack: [stack.pids()["nginx"]],
    "worker of nginx": lambda stack: stack.children("nginx"),
    **{f"supervisor of {name}": lambda stack, name=name: [runsv_of(stack, name)] for name in PROGRAMS},
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_what_is_killed_runs_again(stack, healthy, victim):
    pid = servers.wait_until(lambda: VICTIMS[victim](stack), what=victim)[0]
    os.kill(pid, signal.SIGKILL)
    servers.wait_until(lambda: not servers.is_alive(pid), what="the end")
    # A supervisor takes a moment to notice that its program is dead, and says until then that it runs.
    servers.wait_until(
        lambda: not {None, pid} & {running(stack, name) for name in PROGRAMS}
        and stack.children("collector")
        and is_healthy(stack),
        BACK_S,
        what="everything again",
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_supervisor_leaves_no_second_program(stack, healthy, name):
    old, supervisor = running(stack, name), runsv_of(stack, name)
    os.kill(supervisor, signal.SIGKILL)
    servers.wait_until(lambda: not servers.is_alive(old), 15, what="the end of the program without supervisor")
    fresh = servers.wait_until(lambda: running(stack, name), 15, what="another")
    assert fresh != old
    assert runsv_of(stack, name) != supervisor


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_is_killed_again_and_again_is_not_taken_for_one_that_cannot_start(stack, healthy, name):
    began = time.monotonic()
    for _ in range(5):
        pid = servers.wait_until(lambda: running(stack, name), 30, 0.02, what=name)
        os.kill(pid, signal.SIGKILL)
        servers.wait_until(lambda pid=pid: running(stack, name) not in (None, pid), 30, 0.02, what="another")
    wait_for_health(stack, 30)
    assert time.monotonic() - began < 30  # the pauses of one that cannot start would take 1 + 2 + 4 + 8 + 16 s


def test_what_the_store_confirmed_outlives_its_supervisor(stack, healthy):
    stack.sql("CREATE TABLE confirmed (id int)")
    for number in range(3):
        stack.sql("INSERT INTO confirmed VALUES (%s)", number)
        pid, supervisor = running(stack, "store"), runsv_of(stack, "store")
        os.kill(supervisor, signal.SIGKILL)
        servers.wait_until(lambda pid=pid: running(stack, "store") not in (None, pid), BACK_S, what="another store")
        rows = servers.wait_until(lambda: answer_of_store(stack, "SELECT id FROM confirmed ORDER BY id"), BACK_S,
                                  what="an answer of the store")
        assert [row.id for row in rows] == list(range(number + 1))
    stack.sql("DROP TABLE confirmed")


def test_the_next_dev_up_repairs_a_killed_supervision(stack, healthy):
    supervisor = stack.pids()["supervisor"]
    os.kill(supervisor, signal.SIGKILL)
    servers.wait_until(lambda: not servers.is_alive(supervisor), what="the end of the supervisor")
    assert is_healthy(stack)
    stack.kill_supervised("collector")  # each program still has its runsv
    servers.wait_until(lambda: running(stack, "collector"), BACK_S, what="the collector")
    stack.up()
    assert servers.is_alive(stack.pids()["supervisor"]) and stack.pids()["supervisor"] != supervisor
    pid = runsv_of(stack, "collector")
    os.kill(pid, signal.SIGKILL)
    servers.wait_until(lambda: not servers.is_alive(pid), what="the end")
    servers.wait_until(lambda: running(stack, "collector"), BACK_S, what="the collector again")


def test_a_stopped_program_stays_stopped_until_dev_up(stack, healthy):
    stack.kill("collector", signal.SIGTERM)
    subprocess.run(["sv", "down", stack.service("nginx")], check=True, stdout=subprocess.DEVNULL)
    servers.wait_until(lambda: "nginx" not in stack.pids(), what="the end of nginx")
    time.sleep(3)
    assert running(stack, "collector") is None and running(stack, "nginx") is None
    stack.up()
    assert running(stack, "collector") and is_healthy(stack)


def test_a_program_that_keeps_ending_is_started_less_and_less_often(stack, healthy):
    service = stack.service("collector")
    subprocess.run(["sv", "-w", "30", "down", service], check=True, stdout=subprocess.DEVNULL)  # and `finish` is over
    run = service / "run"
    text = run.read_text()
    run.write_text(text.replace("exec env -i", "exec false\nexec env -i"))
    ended = stack.state / "run/collector.ended"
    ended.unlink(missing_ok=True)
    try:
        started = time.monotonic()
        subprocess.run(["sv", "up", service], check=True, stdout=subprocess.DEVNULL)
        times = []
        while len(times) < 4:
            servers.wait_until(
                lambda: ended.exists() and len(ended.read_text().splitlines()) > len(times), 60, 0.02, "an end"
            )
            times.append(time.monotonic() - started)
        pauses = [after - before for before, after in zip(times, times[1:])]
        assert pauses[0] > 0.9 and pauses[1] > 1.9 and pauses[2] > 3.9
        assert "exit status 1" in ended.read_text()
    finally:
        run.write_text(text)


def test_a_setting_that_is_refused_leaves_running_programs_alone(stack, healthy):
    right, before = stack.settings["POTTO_WORKERS"], {name: running(stack, name) for name in PROGRAMS}
    try:
        with pytest.raises(RuntimeError, match="POTTO_WORKERS must be a whole number"):
            stack.set(POTTO_WORKERS="many")
        assert {name: running(stack, name) for name in PROGRAMS} == before
    finally:
        stack.set(POTTO_WORKERS=right)


def test_a_program_that_cannot_start_is_said_and_not_tried_for_ever(stack, healthy):
    try:
        with pytest.raises(RuntimeError, match="Cannot open the lock of /nowhere/fcgi.sock"):
            stack.set(POTTO_SOCKET="/nowhere/fcgi.sock")
        assert running(stack, "fcgi") is None
        time.sleep(2)
        assert running(stack, "fcgi") is None
        assert (stack.service("fcgi") / "down").exists()
    finally:
        del stack.settings["POTTO_SOCKET"]
        stack.set()
    assert is_healthy(stack)


def test_what_runs_and_has_not_changed_is_left_alone(stack, healthy):
    before = {name: running(stack, name) for name in PROGRAMS}
    stack.up()
    assert {name: running(stack, name) for name in PROGRAMS} == before
    assert set(map(bool, before.values())) == {True}
