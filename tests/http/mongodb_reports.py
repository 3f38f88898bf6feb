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


# What mongodb_newest must hold: the newest report of each node, and times and operations of the newest 16.
NEWEST = """
SELECT organization_id, database_connection_id, node_id, max(role) FILTER (WHERE place = 1) AS role,
       ARRAY[{numbers}]::bigint[] AS numbers, array_agg(time ORDER BY time DESC) AS times,
       array_agg(CASE WHEN coalesce({ops}) IS NULL THEN -1 ELSE {total} END ORDER BY time DESC) AS operations
FROM (SELECT *, row_number() OVER (PARTITION BY node_id ORDER BY time DESC) AS place
      FROM metrics_mongodb WHERE database_connection_id = %s) AS report
WHERE place <= 16
GROUP BY organization_id, database_connection_id, node_id
""".format(
    numbers=", ".join(
        "coalesce(max({}) FILTER (WHERE place = 1), -1)".format(
            f"round({column} * 1e6)" if name in FRACTIONS else column) for name, column in NUMBERS.items()),
    ops=", ".join(SUMS),
    total=" + ".join(f"coalesce({column}, 0)" for column in SUMS),
)


def newest_differences(sql, connection_id):
    """Rows of mongodb_newest that differ from what the reports themselves give, in either direction."""
    kept = "SELECT * FROM mongodb_newest WHERE database_connection_id = %s"
    return [
        row
        for wanted, found in ((NEWEST, kept), (kept, NEWEST))
        for row in sql(f"({wanted}) EXCEPT ({found})", connection_id, connection_id)
    ]
