"""Databases whose facts tests write themselves, and what Potto says about its rollups."""

import uuid
from datetime import datetime, timedelta, timezone

import servers
from accounts import Account, unique

UTC = timezone.utc


class Fed:
    """A database that an agent feeds, in an organization of its own unless `admin` is given."""

    def __init__(self, stack, admin=None, **fields):
        self.stack = stack
        self.admin = admin or Account(stack, role="admin", organization=unique("organization"))
        self.client = self.admin.client
        self.browser = servers.Client(stack.url)
        signed_in = {"email": self.admin.email, "password": self.admin.password, "next": "/"}
        assert self.browser.request("POST", "/login", data=signed_in, allow_redirects=False).status_code == 303
        self.agent = servers.AgentFactory(self.client)(name=unique("fed"), **fields)
        self.id = self.agent.connection_id
        self.organization_id = self.admin.organization_id
        self.hash = uuid.uuid4().hex
        self.stack.sql(
            """INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind, tables)
               VALUES (%s, %s, 'SELECT 1 FROM extremes', 'select', '{extremes}')""",
            self.organization_id, self.hash,
        )
        self.stack.sql(
            """INSERT INTO query_fingerprint_connections (organization_id, database_connection_id, sql_hash,
                                                          first_seen_at, last_seen_at)
               VALUES (%s, %s, %s, now() - interval '2 hours', now())""",
            self.organization_id, self.id, self.hash,
        )

    def add_delta(self, ago, **columns):
        """A delta of `ago` (a timedelta), as a writer of facts would leave it."""
        names = ["organization_id", "database_connection_id", "sql_hash", "bucket_at", *columns]
        bucket = datetime.fromtimestamp((datetime.now(UTC) - ago).timestamp() // 300 * 300, UTC)
        self.stack.sql(
            f"INSERT INTO rollup_deltas ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
            self.organization_id, self.id, self.hash, bucket, *columns.values(),
        )

    def add_calls(self, calls, ago=timedelta()):
        self.add_delta(ago, sample_calls=calls, sample_ms=calls * 2.0, max_ms=2.0, histogram=[100 << 40 | calls])

    def waiting(self):
        return self.stack.sql("SELECT count(*) FROM rollup_deltas WHERE database_connection_id = %s", self.id)[0][0]

    def calls(self):
        return self.stack.sql(
            """SELECT coalesce(sum(calls), 0) FROM query_fingerprint_metrics
               WHERE database_connection_id = %s AND resolution_s = 300""", self.id)[0][0]

    def total_calls(self):
        """As /stats/overview has them: from segments where there are some."""
        now = datetime.now(UTC)
        answer = self.client.get("/api/v1/stats/overview", params={
            "connection_id": self.id, "from": (now - timedelta(days=14)).isoformat(),
            "to": (now + timedelta(minutes=5)).isoformat()})
        assert answer.status_code == 200, answer.text
        return answer.json()["calls"]

    def settle(self, timeout_s=30):
        servers.wait_until(lambda: self.waiting() == 0, timeout_s, what="the fold")

    def aside(self):
        rows = self.stack.sql("SELECT * FROM rollup_set_aside WHERE database_connection_id = %s", self.id)
        return rows[0] if rows else None

    def shown(self):
        return self.client.get(f"/api/v1/database-connections/{self.id}").json()["collection"]


def health(stack):
    return servers.Client(stack.url).get("/health").json()


def metric(stack, name):
    lines = servers.Client(stack.url).get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(name + " ")).split()[1])
