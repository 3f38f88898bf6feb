"""MongoDB metrics: rows/s of POST /api/v1/metrics beside binary COPY of the same rows into the same table; thirty days
of three nodes, whose sums must be those of their reports after late and repeated arrivals; and p95 of reads at 10
million reports.

Ingest: four clients each, batches of 1,000 reports with all fields. Every batch is a transaction of its own,
synchronous_commit on, on both sides. The two take turns; medians. Ours also reads JSON, looks for duplicates, and
writes batch ids and sums. Reads: nodes at one minute for 30 days, a thirty-day series of one node (hours), a day of one
(five minutes), and the status of clusters. --state DIR: a running Potto, as dev/up makes it.
"""

import argparse
import http.client
import io
import json
import random
import statistics
import struct
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "http"))
from bench_ingest import call, settings  # noqa: E402
from mongodb_reports import DIFFERENCES, NEWEST, NUMBERS, newest_differences, series  # noqa: E402

# Read by dev/bench:
# setting: POTTO_RETENTION_SAMPLES_DAYS=0
ROUNDS, CLIENTS, BATCHES, ROWS = 5, 4, 20, 1000
NODES = 12
REPEATS, WARM_UP = 300, 60
P95_MAX_MS, RATIO_MIN = 20, 0.5
UTC = timezone.utc
FRACTIONS = {"replLagSeconds", "oplogWindowHours"}
POSTGRES_EPOCH_S = 946684800
COPY = ("COPY metrics_mongodb (organization_id, database_connection_id, time, node_id, role, "
        + ", ".join(NUMBERS.values()) + ") FROM STDIN (FORMAT binary)")


class Potto:
    def __init__(self, state):
        self.env = settings(state)
        admin = json.loads((state / "admin.json").read_text())
        self.url, self.admin = admin["url"].rstrip("/"), admin
        self.address = self.url.split("//")[1]
        self.token = call(self.url + "/api/v1/auth/login",
                          {"email": admin["email"], "password": admin["password"]})["access_token"]
        self.store = self.connect()

    def connect(self):
        store = psycopg2.connect(self.env["POTTO_OWNER_DATABASE_URL"])
        store.autocommit = True
        return store

    def sql(self, statement, *arguments):
        with self.store.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def make_connection(self, name):
        body = {"name": f"{name} {time.time_ns()}", "engine": "mongodb", "visibility_scope": "ORG_WIDE"}
        return call(self.url + "/api/v1/database-connections", body, self.token)

    def wait_until_folded(self):
        while self.sql("SELECT 1 FROM mongodb_deltas LIMIT 1"):
            time.sleep(0.1)


def told(**result):
    print(json.dumps({"bench": "metrics", **result}), flush=True)


# ---- ingest ----


def make_row(base_s, index):
    """The index-th report after base_s: (node, seconds since 1970, numbers)."""
    seed = (base_s * 2654435761 + index * 40503) & 0xFFFFFFFF
    numbers = [(seed >> (i % 13)) % 100000 / (1000 if name in FRACTIONS else 1) for i, name in enumerate(NUMBERS)]
    return f"rs{index % NODES // 3}-{'abc'[index % 3]}.example.org:27017", base_s + index // NODES, numbers


def make_body(base_s, first):
    reports = []
    for index in range(first, first + ROWS):
        node, at_s, numbers = make_row(base_s, index)
        values = {name: value if name in FRACTIONS else int(value) for name, value in zip(NUMBERS, numbers)}
        at = datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")
        reports.append({"nodeId": node, "timestamp": at, "role": "secondary", **values})
    return json.dumps({"type": "mongodb", "batch_id": f"bench-{base_s}-{first}", "data": reports}).encode()


def field(value):
    return struct.pack("!i", len(value)) + value


def make_copy(base_s, first, organization_id, connection_id):
    rows = [b"PGCOPY\n\377\r\n\0" + bytes(8)]
    for index in range(first, first + ROWS):
        node, at_s, numbers = make_row(base_s, index)
        fields = [field(struct.pack("!q", value)) for value in
                  (organization_id, connection_id, (at_s - POSTGRES_EPOCH_S) * 10**6)]
        fields += [field(node.encode()), field(b"secondary")]
        fields += [field(struct.pack("!d", value) if name in FRACTIONS else struct.pack("!q", int(value)))
                   for name, value in zip(NUMBERS, numbers)]
        rows.append(struct.pack("!h", len(fields)) + b"".join(fields))
    return b"".join(rows) + b"\377\377"


def in_parallel(work):
    """Run work(client) for each client; returns the seconds from the common start to the last end."""
    barrier, failures = threading.Barrier(CLIENTS + 1), []

    def run(client):
        try:
            send = work(client)
            barrier.wait()
            send()
        except Exception as failure:
            failures.append(failure)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        barrier.wait()
    except threading.BrokenBarrierError:
        pass
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return seconds


def firsts_of(client):
    return [(batch * CLIENTS + client) * ROWS for batch in range(BATCHES)]


def post_rate(potto, token, base_s):
    bodies = {client: [make_body(base_s, first) for first in firsts_of(client)] for client in range(CLIENTS)}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def work(client):
        connection = http.client.HTTPConnection(potto.address)
        connection.connect()

        def send():
            for body in bodies[client]:
                connection.request("POST", "/api/v1/metrics", body, headers)
                answer = connection.getresponse().read()
                if json.loads(answer).get("accepted") != ROWS:
                    raise RuntimeError(answer)

        return send

    return CLIENTS * BATCHES * ROWS / in_parallel(work)


def copy_rate(potto, organization_id, connection_id, base_s):
    data = {client: [make_copy(base_s, first, organization_id, connection_id) for first in firsts_of(client)]
            for client in range(CLIENTS)}

    def work(client):
        store = potto.connect()

        def send():
            with store.cursor() as cursor:
                for batch in data[client]:
                    cursor.copy_expert(COPY, io.BytesIO(batch), 1 << 20)

        return send

    return CLIENTS * BATCHES * ROWS / in_parallel(work)


def measure_ingest(potto, rounds):
    ours, peer = potto.make_connection("bench metrics"), potto.make_connection("bench copy")
    ((organization_id,),) = potto.sql("SELECT organization_id FROM database_connections WHERE id = %s", peer["id"])
    span_s = CLIENTS * BATCHES * ROWS // NODES + 1
    base_s = int(time.time()) - 3600 - (rounds + 1) * span_s
    values, peers = [], []
    for number in range(rounds + 1):
        value = post_rate(potto, ours["agent_token"], base_s + number * span_s)
        peer_value = copy_rate(potto, organization_id, peer["id"], base_s + number * span_s)
        print(f"round {number}: POST {value:.0f}, COPY {peer_value:.0f}", file=sys.stderr, flush=True)
        if number > 0:  # connections, prepared statements, the first pages
            values.append(value)
            peers.append(peer_value)
    value, peer_value = statistics.median(values), statistics.median(peers)
    began = time.perf_counter()
    potto.wait_until_folded()
    told(what="ingest", value=round(value), unit="rows/s", peer="COPY (binary)", peer_value=round(peer_value),
         ratio=round(value / peer_value, 3), ratio_min=RATIO_MIN, fold_behind_s=round(time.perf_counter() - began, 1))


# ---- thirty days ----


def check_thirty_days(potto):
    """Three nodes at one minute: in batches whose order is mixed, of which some come twice."""
    made = potto.make_connection("bench thirty days")
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=31)
    reports = series(30, ("rs0-a", "rs0-b", "rs0-c"), start, 30 * 1440)
    batches = [reports[i : i + 5000] for i in range(0, len(reports), 5000)]
    order = random.Random(1)
    order.shuffle(batches)
    batches += [order.sample(reports, 5000) for _ in range(4)]
    accepted = 0
    for batch in batches:
        body = {"type": "mongodb", "agent_token": made["agent_token"], "data": batch}
        accepted += call(potto.url + "/api/v1/metrics", body)["accepted"]
    potto.wait_until_folded()
    different = potto.sql(DIFFERENCES, made["id"], made["id"])
    ((sums,),) = potto.sql("SELECT count(*) FROM mongodb_stats WHERE database_connection_id = %s", made["id"])
    told(what="thirty days of three nodes", reports=accepted, sums=sums, sums_that_differ=len(different))
    assert accepted == len(reports) and different == [], different[:3]
    assert newest_differences(potto.sql, made["id"]) == []


# ---- reads ----

FILL = """
INSERT INTO metrics_mongodb
SELECT %(organization)s, %(connection)s, at, node, CASE node WHEN 'rs0-a' THEN 'primary' ELSE 'secondary' END,
       100 + number %% 50, 700, number %% 1000, number %% 5000, number %% 700, number %% 30, number %% 9000,
       number %% 40 / 10.0, 5e10 + number, 8e9 + number, 4e10 + number, 48, 6e9 + number, 1e10
FROM unnest(ARRAY['rs0-a', 'rs0-b', 'rs0-c']) AS node,
     generate_series(0, 30 * 1440 - 1) AS number,
     LATERAL (SELECT %(start)s::timestamptz + number * interval '1 minute' AS at) AS time;
INSERT INTO mongodb_nodes
SELECT %(organization)s, %(connection)s, node FROM unnest(ARRAY['rs0-a', 'rs0-b', 'rs0-c']) AS node;
"""
SUMS = """
INSERT INTO mongodb_stats (organization_id, database_connection_id, node_id, resolution_s, bucket_at, reports,
       {totals}, {others})
SELECT organization_id, database_connection_id, node_id, seconds,
       date_bin(make_interval(secs => seconds), time, '2000-01-01Z') AS at, count(*), {sums}, {made}
FROM metrics_mongodb CROSS JOIN (VALUES (300), (3600), (86400)) AS resolution (seconds)
WHERE organization_id = %(organization)s AND database_connection_id = %(connection)s
GROUP BY 1, 2, 3, 4, 5;
"""


def sums_statement():
    means = [c for c in NUMBERS.values() if c.startswith(("connections", "repl", "oplog", "wt_"))]
    others = [c for c in NUMBERS.values() if c not in means]
    return SUMS.format(
        totals=", ".join(f"{c}_total, {c}_count" for c in means), others=", ".join(others),
        sums=", ".join(f"sum({c}::numeric), count({c})" for c in means),
        made=", ".join(f"{'sum' if c.startswith('ops_') else 'max'}({c})" for c in others))


def fill(potto, reports):
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=30)
    for day in range(31):
        potto.sql("SELECT ensure_partitions('metrics_mongodb', 'time', 'day', %s, %s)",
                  (start + timedelta(days=day)).date(), (start + timedelta(days=day)).date())
    ids = []
    while len(ids) * 3 * 30 * 1440 < reports:
        made = potto.make_connection("bench reads")
        ids.append(made["id"])
    ((organization_id,),) = potto.sql("SELECT organization_id FROM database_connections WHERE id = %s", ids[0])

    def work(client):
        store = potto.connect()

        def send():
            with store.cursor() as cursor:
                cursor.execute("SET synchronous_commit = off")
                for connection_id in ids[client::CLIENTS]:
                    named = {"organization": organization_id, "connection": connection_id, "start": start}
                    cursor.execute(FILL, named)
                    cursor.execute(sums_statement(), named)
                    cursor.execute(f"INSERT INTO mongodb_newest {NEWEST}", [connection_id])

        return send

    print(f"{len(ids)} clusters are made in {in_parallel(work):.0f} s", file=sys.stderr, flush=True)
    potto.sql("VACUUM ANALYZE metrics_mongodb, mongodb_stats, mongodb_nodes, mongodb_newest")
    return ids


def p_of(times, share):
    return round(sorted(times)[int(len(times) * share)] * 1000, 1)


def measure_reads(potto, reports):
    ids = fill(potto, reports)
    ((count,),) = potto.sql("SELECT count(*) FROM metrics_mongodb")
    to = datetime.now(UTC)
    since = (to - timedelta(days=30)).isoformat().replace("+00:00", "Z")
    choose = random.Random(7)
    headers = {"Authorization": f"Bearer {potto.token}"}
    paths = {
        "30 days of a node": lambda: f"/api/v1/metrics/mongodb?from={since}&connection_id={choose.choice(ids)}"
                                     f"&nodeId=rs0-{choose.choice('abc')}",
        "a day of a node": lambda: f"/api/v1/metrics/mongodb?connection_id={choose.choice(ids)}&nodeId=rs0-b",
        "status of a cluster": lambda: f"/api/v1/mongodb/cluster-status?connection_id={choose.choice(ids)}",
        "status of 50 clusters": lambda: "/api/v1/mongodb/cluster-status",
    }
    for what, path in paths.items():
        times, size = [], 0
        connection = http.client.HTTPConnection(potto.address)
        for number in range(WARM_UP + REPEATS):
            began = time.perf_counter()
            connection.request("GET", path(), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            if number >= WARM_UP:
                times.append(time.perf_counter() - began)
            assert answer.status == 200, body
            size = len(body)
        told(what=what, value=p_of(times, 0.95), unit="ms (p95)", p50_ms=p_of(times, 0.5), bytes=size, reports=count,
             **({"p95_max_ms": P95_MAX_MS} if what.startswith("30") else {}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--reports", type=int, default=10_000_000)
    options = parser.parse_args()
    potto = Potto(options.state)
    measure_ingest(potto, options.rounds)
    check_thirty_days(potto)
    measure_reads(potto, options.reports)


if __name__ == "__main__":
    main()
