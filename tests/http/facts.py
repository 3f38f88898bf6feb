"""An organization with three connections that different people see, and with samples whose sums are known exactly."""

import datetime
from collections import defaultdict

import servers
from accounts import Account, team_id, unique

STATS = "/api/v1/stats"
INGEST = "/api/v1/collectors/ingest/slow-queries"
UTC = datetime.timezone.utc


def iso(time):
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def floor_hour(time):
    return time.replace(minute=0, second=0, microsecond=0)


class Facts:
    """People: .admin and .outsider see the connection `wide`; .member (of the team) sees `wide`, `team` and `own`;
    .stranger, of another organization, sees nothing. .sent has every sample: connection, statement, table names, ms,
    time."""

    def __init__(self, stack):
        self.stack = stack
        self.organization = unique("organization")
        team = unique("team")
        self.admin = Account(stack, role="admin", organization=self.organization)
        self.member = Account(stack, team=team, organization=self.organization)
        self.outsider = Account(stack, team=unique("team"), organization=self.organization)
        self.viewer = Account(stack, role="viewer", organization=self.organization)
        self.stranger = Account(stack, role="admin", organization=unique("organization"))
        self.team_id = team_id(stack, team)
        self.word = unique("t").replace("-", "_")
        # Two complete hours that have passed: `now` and the hour before it.
        self.to = floor_hour(datetime.datetime.now(UTC)) - datetime.timedelta(hours=1)
        self.start = self.to - datetime.timedelta(hours=1)
        self.before = self.start - datetime.timedelta(hours=1)
        make = servers.AgentFactory(self.member.client)
        self.agents = {
            "wide": make(name=unique("wide"), visibility_scope="ORG_WIDE"),
            "team": make("mysql", name=unique("team"), visibility_scope="TEAM_ONLY", team_id=self.team_id),
            "own": make(name=unique("own"), visibility_scope="USER_ONLY"),
        }
        self.ids = {name: agent.connection_id for name, agent in self.agents.items()}
        self.sent = []
        for number, name in enumerate(self.agents):
            self._send(name, number + 1)
        self.wait()

    def _send(self, name, weight):
        orders, users = f"{self.word}_orders", f"{self.word}_users"
        if name == "team":
            orders, users = orders + "_team", users + "_team"
        plan = [
            # (statement, tables, from, calls, ms): reads get faster, the update slower, the join is new
            ("SELECT * FROM {o} WHERE id = {i}", [orders], self.before, 20 * weight, 300),
            ("SELECT * FROM {o} WHERE id = {i}", [orders], self.start, 10 * weight, 100),
            ("UPDATE {u} SET n = {i} WHERE id > n", [users], self.before, 12 * weight, 10),
            ("UPDATE {u} SET n = {i} WHERE id > n", [users], self.start, 12 * weight, 50),
            ("SELECT * FROM {o} JOIN {u} USING (id) WHERE x = {i}", [orders, users], self.start, 4 * weight, 700),
        ]
        queries = []
        for statement, tables, start, calls, ms in plan:
            for i in range(calls):
                at = start + datetime.timedelta(seconds=7 + 60 * (i % 50), milliseconds=i)
                text = statement.format(o=orders, u=users, i=i)
                queries.append(
                    {
                        "full_sql": text,
                        "duration_ms": ms + i,
                        "captured_at": iso(at),
                        "rows_examined": 10 + i,
                        "rows_returned": 2,
                    }
                )
                self.sent.append({"connection": name, "statement": statement.format(o=orders, u=users, i="?"),
                                  "tables": tables, "ms": ms + i, "at": at, "examined": 10 + i})
        agent = self.agents[name]
        answer = agent.post(INGEST, json={"queries": queries})
        assert answer.status_code == 200 and answer.json()["accepted"] == len(queries), answer.text

    def wait(self):
        everything = {"from": iso(self.before), "to": iso(self.to)}

        def is_there():
            answer = self.member.client.get(f"{STATS}/overview", params=everything)
            assert answer.status_code == 200, answer.text
            return answer.json()["calls"] == len(self.sent)

        servers.wait_until(is_there, 60, what="the rollup of what was sent")

    @property
    def period(self):
        return {"from": iso(self.start), "to": iso(self.to)}

    def visible(self, who):
        return {"admin": ["wide"], "outsider": ["wide"], "viewer": ["wide"], "member": ["wide", "team", "own"],
                "stranger": []}[who]

    def client(self, who):
        return getattr(self, who).client

    def samples(self, connections, start=None, to=None):
        start, to = start or self.start, to or self.to
        return [s for s in self.sent if s["connection"] in connections and start <= s["at"] < to]


def sums(samples):
    """calls, slow_calls, total_ms, mean_ms of samples, as the API reports them."""
    total = float(sum(s["ms"] for s in samples))
    return {"calls": len(samples), "slow_calls": len(samples), "total_ms": total,
            "mean_ms": round(total / len(samples), 3) if samples else None}


def grouped(samples, key):
    """{group: samples}; key(sample) returns a group or a list of groups."""
    groups = defaultdict(list)
    for sample in samples:
        found = key(sample)
        for group in found if isinstance(found, list) else [found]:
            groups[group].append(sample)
    return groups


def short(item):
    return {name: item[name] for name in ("calls", "slow_calls", "total_ms", "mean_ms")}


def items(client, path, **params):
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def all_pages(client, path, **params):
    found, cursor = [], None
    for _ in range(100):
        answer = client.get(path, params={**params, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["items"]) <= params["limit"]
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("no end of pages")


# Parameters that every report over a period refuses, and the names in its answer.
BAD_PERIODS = [
    ({"from": "2025-02-30T00:00:00Z"}, {"from"}),
    ({"from": "2025-11-02T10:00:00Z", "to": "2025-11-02T09:00:00Z"}, {"from"}),
    ({"from": "1900-01-01T00:00:00Z", "to": "2000-01-01T00:00:00Z"}, {"from"}),
    ({"to": "soon"}, {"to"}),
]
BAD_FILTERS = [
    ({"engine": "access"}, {"engine"}),
    ({"team_id": "0", "connection_id": "x"}, {"team_id", "connection_id"}),
    ({"colour": "red", "from": "x"}, {"colour", "from"}),
]
BAD_PAGES = [({"limit": "0"}, {"limit"}), ({"limit": "501"}, {"limit"}), ({"limit": "ten"}, {"limit"})]
FORGED_CURSORS = ["x", "AAAA", "....", "A" * 3000, "🙂"]
