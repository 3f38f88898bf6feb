"""One caller's slow requests leave workers to the others: bounds of requests at once.

A lock on the audit log makes requests slow that read or write it, and no others.
"""

import contextlib
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import fastcgi
import psycopg2
import pytest
import servers
from accounts import Account, unique
from test_throttle import Place

SLOW, QUICK, REFRESH = "/api/v1/audit-log", "/api/v1/auth/me", "/api/v1/auth/refresh"
INGEST, REPORTS = "/api/v1/collectors/ingest/slow-queries", "/api/v1/metrics"
BOUND = 2  # of three workers, for a caller and for an organization
BUSY = {"POTTO_REQUESTS_PER_CALLER": "0", "POTTO_REQUESTS_PER_ORGANIZATION": "0"}


@pytest.fixture(scope="module", autouse=True)
def usual_bounds(stack):
    before = {name: stack.settings[name] for name in BUSY}
    stack.set(**BUSY)
    yield
    stack.set(**before)


@pytest.fixture(scope="module")
def people(stack):
    """Three admins of one organization, and one of another. All are signed in, and the workers know of both."""
    organization = unique("organization")
    found = [Account(stack, "admin", None, organization) for _ in range(3)]
    found.append(Account(stack, "admin", None, unique("organization")))
    for one in found:
        assert one.client.get(QUICK).status_code == 200
    return found


@contextlib.contextmanager
def slow_audit_log(stack):
    holder = psycopg2.connect(stack.owner_dsn)
    try:
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE audit_log IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        holder.close()


class Slow:
    """Requests that wait for the audit log, each in a thread of its own."""

    def __init__(self):
        self.pool, self.answers = ThreadPoolExecutor(32), []

    def send(self, ask, times=1):
        self.answers += [self.pool.submit(ask) for _ in range(times)]

    def statuses(self):
        return sorted(answer.result().status_code for answer in self.answers)

    def ended(self):
        return [answer.result() for answer in self.answers if answer.done()]


def ask(account, path=SLOW):
    """With a connection of its own."""
    return servers.Client(account.client.url, {"Authorization": f"Bearer {account.client.token}"}).get(path)


def waiting(stack):
    rows = stack.sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'audit_log'::regclass")
    return rows[0].count


def assert_refused(answer, subject):
    assert answer.status_code == 429, answer.text
    assert answer.headers["Retry-After"] == "1"
    said = re.fullmatch(r"(.*) has? .*; this one .*\. Try again in a second\.|(You) have .*", answer.json()["detail"])
    assert said and subject in said.groups(), answer.text
    return answer.json()["detail"]


def is_not_begun(answer):
    return answer.status_code == 429 and "was not begun" in answer.json()["detail"]


def crowded(stack):
    text = servers.Client(stack.url).get("/metrics").text
    return int(re.search(r"^potto_crowded_requests_total (\d+)$", text, re.M).group(1))


def test_slow_requests_of_one_user_leave_a_worker_to_the_others(stack, people):
    user, other = people[0], people[3]
    before, slow = crowded(stack), Slow()
    with slow_audit_log(stack):
        slow.send(lambda: ask(user), 24)
        servers.wait_until(lambda: len(slow.ended()) == 24 - BOUND and waiting(stack) == BOUND)
        for answer in slow.ended():
            assert_refused(answer, "You")
        # Nothing more of this user, and everything of others, at once.
        assert "You have 2 requests running" in assert_refused(ask(user, QUICK), "You")
        for _ in range(10):
            assert ask(other, QUICK).status_code == 200
        assert waiting(stack) == BOUND
        page = servers.Client(stack.url).get("/queries", headers={"Cookie": f"potto_access={user.client.token}"})
        assert (page.status_code, page.headers["Refresh"]) == (429, "1")
        assert "You have 2 requests running" in page.text
        assert crowded(stack) == before + 24 - BOUND + 2
    assert slow.statuses() == [200] * BOUND + [429] * (24 - BOUND)
    assert ask(user, QUICK).status_code == 200


def test_request_over_the_bound_is_ended_when_it_is_slow_and_answered_when_it_is_quick(stack, people):
    user = people[0]

    def ended_in_a_round():
        """The third of three that begin together runs, as the others have not been slow yet."""
        slow = Slow()
        with slow_audit_log(stack):
            slow.send(lambda: ask(user), 3)
            servers.wait_until(lambda: len(slow.ended()) == 3 - BOUND and waiting(stack) == BOUND)
            details = [answer.json()["detail"] for answer in slow.ended()]
        slow.statuses()
        return any("takes long and was ended" in detail for detail in details)

    servers.wait_until(ended_in_a_round, 30)
    with ThreadPoolExecutor(8) as pool:
        servers.wait_until(lambda: all(pool.map(lambda _: ask(user, QUICK).status_code == 200, range(24))), 30)


def test_organization_leaves_a_worker_to_others(stack, people):
    one, two, three, other = people
    slow = Slow()
    with slow_audit_log(stack):
        slow.send(lambda: ask(one))
        slow.send(lambda: ask(two))
        servers.wait_until(lambda: waiting(stack) == BOUND)
        servers.wait_until(lambda: is_not_begun(ask(three, QUICK)))
        assert_refused(ask(three, QUICK), "Your organization")
        assert ask(other, QUICK).status_code == 200
    assert slow.statuses() == [200, 200]


def test_sign_ins_from_one_network_leave_a_worker_to_others(stack, people):
    here, elsewhere, slow = Place(stack), Place(stack), Slow()
    refresh = {"refresh_token": "rft_unknown"}
    with slow_audit_log(stack):
        slow.send(lambda: Place(stack, here.address).login(people[0].email), BOUND)
        servers.wait_until(lambda: waiting(stack) == BOUND)
        assert_refused(here.client.post(REFRESH, json=refresh), "Your network")
        assert elsewhere.client.post(REFRESH, json=refresh).status_code == 401
        assert here.client.get("/login").status_code == 200
        assert ask(people[0], QUICK).status_code == 200
    assert slow.statuses() == [401] * BOUND


@pytest.mark.parametrize("path", [INGEST, REPORTS])
def test_large_bodies_of_strangers_from_one_network_leave_a_worker_to_others(stack, people, path):
    """The token is sought in the body, which the workers receive for nobody: here it never ends."""
    here, elsewhere = Place(stack), Place(stack)
    large = {"spaces": " " * 300_000}
    whole = fastcgi.request(
        path, "POST", b" " * 400_000, REMOTE_ADDR=here.address, CONTENT_TYPE="application/json"
    )
    with contextlib.ExitStack() as open_peers:
        for _ in range(BOUND):
            peer = open_peers.enter_context(fastcgi.connect(stack.state / "run/fcgi/fcgi.sock"))
            peer.sendall(whole[:100_000])
        servers.wait_until(lambda: here.client.post(path, json=large).status_code == 429, 5)
        assert_refused(here.client.post(path, json=large), "Your network")
        assert elsewhere.client.post(path, json=large).status_code == 401
        assert here.client.post(path, json={"agent_token": "agt_unknown"}).status_code == 401
        unknown = {"Authorization": "Bearer agt_unknown"}
        assert here.client.post(path, json=large, headers=unknown).status_code == 401
        assert ask(people[0], QUICK).status_code == 200
    assert here.client.post(path, json=large).status_code == 401


def test_killed_worker_frees_its_place(stack, people):
    user, workers = people[0], stack.children("fcgi")
    slow = Slow()
    with slow_audit_log(stack):
        slow.send(lambda: ask(user), BOUND)
        servers.wait_until(lambda: waiting(stack) == BOUND and is_not_begun(ask(user, QUICK)))
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        servers.wait_until(lambda: len(set(stack.children("fcgi")) - set(workers)) == len(workers))
        assert ask(user, QUICK).status_code == 200
    assert slow.statuses() == [503] * BOUND
