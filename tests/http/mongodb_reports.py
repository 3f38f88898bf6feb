"""Reports of MongoDB nodes, and whether their sums are right."""

import random
from datetime import datetime, timedelta, timezone

PATH = "/api/v1/metrics"
SERIES = "/api/v1/metrics/mongodb"
STATUS = "/api/v1/mongodb/cluster-status"
UTC = timezone.utc

NUMBERS = {
    "connectionsCurrent": "connections_current",
    "connectionsAvailable": "connections_available",
    "opsInsert": "ops_insert",
    "opsQuery": "ops_query",
    "opsUpdate": "ops_update",
    "opsDelete": "ops_delete",
    "opsCommand": "ops_command",
    "replLagSeconds": "repl_lag_seconds",
    "dataSizeBytes": "data_size_bytes",
    "indexSizeBytes": "index_size_bytes",
    "storageSizeBytes": "storage_size_bytes",
    "oplogWindowHours": "oplog_window_hours",
    "wtCacheUsedBytes": "wt_cache_used_bytes",
    "wtCacheMaxBytes": "wt_cache_max_bytes",
}  # field -> column
FRACTIONS = {"replLagSeconds", "oplogWindowHours"}


def report(node="rs0-a:27017", at=None, **fields):
    """A report with all fields; those that are None are left out."""
    body = {
        "nodeId": node,
        "timestamp": (at or datetime.now(UTC)).isoformat(),
        "role": "primary",
        "connectionsCurrent": 42,
        "connectionsAvailable": 758,
        "opsInsert": 1200,
        "opsQuery": 5400,
        "opsUpdate": 800,
        "opsDelete": 12,
        "opsCommand": 9100,
        "replLagSeconds": 0.25,
        "dataSizeBytes": 52428800,
        "indexSizeBytes": 8388608,
        "storageSizeBytes": 41943040,
        "oplogWindowHours": 48.5,
        "wtCacheUsedBytes": 268435456,
        "wtCacheMaxBytes": 536870912,
        **fields,
    }
    return {name: value for name, value in body.items() if value is not None}


def some_report(numbers, node, at):
    """A report with other numbers each time, of which some are not told."""
    fields = {}
    for name in NUMBERS:
        if numbers.random() < 0.1:
            fields[name] = None
        elif name in FRACTIONS:
            fields[name] = numbers.randrange(10**9) / 10**6
        else:
            fields[name] = numbers.randrange(10 ** numbers.randrange(1, 14))
    return report(node, at, role=numbers.choice(["primary", "secondary", None]), **fields)


def series(seed, nodes, start, minutes):
    """Reports of each minute, the same for the same seed."""
    numbers = random.Random(seed)
    return [
        some_report(numbers, node, start + timedelta(minutes=minute)) for minute in range(minutes) for node in nodes
    ]


def wait_until_folded(sql, connection_id, timeout_s=30):
    import servers  # the rest needs no server

    servers.wait_until(
        lambda: not sql("SELECT 1 FROM mongodb_deltas WHERE database_connection_id = %s LIMIT 1", connection_id),
        timeout_s,
        what="the fold of the reports",
    )


MEANS = [column for column in NUMBERS.values() if column.startswith(("connections", "repl", "oplog", "wt_"))]
SUMS = [column for column in NUMBERS.values() if column.startswith("ops_")]
LARGEST = [column for column in NUMBERS.values() if column.endswith("size_bytes")]

# Rows of mongodb_stats that differ from what the reports themselves give, in either direction.
DIFFERENCES = """
WITH made AS (
    SELECT node_id, seconds AS resolution_s, date_bin(make_interval(secs => seconds), time, '2000-01-01Z') AS bucket_at,
           count(*) AS reports, {means}, {sums}, {largest}
    FROM metrics_mongodb CROSS JOIN (VALUES (300), (3600), (86400)) AS resolution (seconds)
    WHERE database_connection_id = %s GROUP BY 1, 2, 3
), stored AS (
    SELECT node_id, resolution_s, bucket_at, reports, {names} FROM mongodb_stats WHERE database_connection_id = %s
)
SELECT 'missing' AS what, * FROM (SELECT * FROM made EXCEPT SELECT * FROM stored) AS rows
UNION ALL
SELECT 'wrong', * FROM (SELECT * FROM stored EXCEPT SELECT * FROM made) AS rows
""".format(
    means=", ".join(f"avg({column}::numeric)::float8 AS {column}" for column in MEANS),
    sums=", ".join(f"sum({column}) AS {column}" for column in SUMS),
    largest=", ".join(f"max({column}) AS {column}" for column in LARGEST),
    names=", ".join(MEANS + SUMS + LARGEST),
)


def differences(sql, connection_id):
    return sql(DIFFERENCES, connection_id, connection_id)
