"""A session that waits for a row that another one holds, and what a Potto that looks on says of it."""

import contextlib
import threading
import time
import uuid

import servers

SUMS = """
    SELECT coalesce(sum(watched_ms), 0)::bigint AS watched, coalesce(sum(look_count), 0)::bigint AS looks,
           coalesce(sum((SELECT sum(ms) FROM unnest(wait_classes, wait_events, wait_ms) AS seen (class, event, ms)
                         WHERE class = 2 AND event = %s)), 0)::bigint AS waited
    FROM session_waits WHERE database_connection_id = %s AND resolution_s = 300"""
BLOCKS = """
    SELECT state, root.fingerprint AS root, sum(ms)::bigint AS ms
    FROM session_waits, unnest(block_states, block_roots, block_ms) AS seen (state, root_hash, ms)
    LEFT JOIN query_fingerprints AS root ON root.sql_hash = root_hash
    WHERE database_connection_id = %s AND resolution_s = 300 GROUP BY 1, 2"""
IDLE_IN_TRANSACTION = 2


class Looked:
    def __init__(self, stack, server):
        self.stack = stack
        api = servers.SignedInClient(stack.url, stack.admin_email, stack.admin_password)
        body = server.connection_body(f"looked {uuid.uuid4().hex[:8]}", interval_s=86400)
        answer = api.post("/api/v1/database-connections", json={**body, "tls_mode": "disable"})
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]

    def ended_at(self):
        rows = self.stack.sql("SELECT * FROM session_watches WHERE database_connection_id = %s", self.id)
        assert not rows or rows[0].state in (None, "ok"), rows
        return rows[0].ended_at if rows else None

    def wait_for_stretches(self, count):
        for _ in range(count):
            before = self.ended_at()
            servers.wait_until(lambda before=before: self.ended_at() not in (None, before), 60, what="a stretch")

    def sums(self, event):
        return self.stack.sql(SUMS, event, self.id)[0]

    def end(self):
        self.stack.sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", self.id)


def run(connection, *statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextlib.contextmanager
def one_waits(server, table):
    """A session waits for a row of another one, which is idle in its transaction."""
    with contextlib.closing(server.connect()) as root, contextlib.closing(server.connect()) as waiter:
        run(root, "BEGIN", f"UPDATE {table} SET price = price + 1 WHERE id = 1")
        thread = threading.Thread(target=run, args=(waiter, f"UPDATE {table} SET price = 0 WHERE id = 1"))
        thread.start()
        time.sleep(0.3)  # a look in this time would not see it wait, and belongs to the first stretch
        try:
            yield
        finally:
            run(root, "ROLLBACK")
            thread.join()


def check_waits(stack, server, table, event):
    """Every look in a time in which one session waits says so, and behind whom. Words for the table."""
    looked = Looked(stack, server)
    try:
        looked.wait_for_stretches(1)
        with one_waits(server, table):
            looked.wait_for_stretches(2)  # one of them may have begun before
            before, blocked_before = looked.sums(event), blocked(looked)
            looked.wait_for_stretches(2)
            after, blocked_after = looked.sums(event), blocked(looked)
    finally:
        looked.end()
    watched, waited = after.watched - before.watched, after.waited - before.waited
    assert after.looks - before.looks >= 2 and watched > 1000
    assert waited == watched, (before, after)
    behind = {key: ms - blocked_before.get(key, 0) for key, ms in blocked_after.items()}
    roots = {(state, "price +" in (root or "")): ms for (state, root), ms in behind.items() if ms > 0}
    assert roots == {(IDLE_IN_TRANSACTION, True): watched}, behind
    return f"= {waited} ms of lock, root right"


def blocked(looked):
    return {(row.state, row.root): row.ms for row in looked.stack.sql(BLOCKS, looked.id)}
