"""Deltas in every resolution of the rollups, and the partitions that they lie in."""

import time
import uuid

import servers

from watched import (  # noqa: F401
    watch,
    within_five_minutes,
)


def test_deltas_are_folded_once_into_every_resolution(watch, store_sql, target_postgres):
    watched = watch(target_postgres)
    watched.wait_first_run()
    store_sql("UPDATE database_connections SET monitoring_enabled = false WHERE id = %s", watched.id)
    watched.settle()
    store_sql("DELETE FROM query_fingerprint_metrics WHERE database_connection_id = %s", watched.id)
    store_sql("DELETE FROM query_metrics WHERE database_connection_id = %s", watched.id)
    organization = store_sql("SELECT organization_id FROM database_connections WHERE id = %s", watched.id)[0][0]
    version = store_sql("SELECT data_version FROM organizations WHERE id = %s", organization)[0][0]
    hashes = [str(uuid.uuid4()) for _ in range(3)]
    for sql_hash in hashes:
        for _ in range(2):  # in two folds, so that the second one adds to the first
            store_sql(
                "INSERT INTO rollup_deltas (organization_id, database_connection_id, "
                "sql_hash, bucket_at, sample_calls, "
                "sample_ms, max_ms, rows_examined) SELECT %s, %s, %s, '2025-11-02 00:00:00+00'::timestamptz + bucket * "
                "interval '5 minutes', 2, 10.5, bucket, 9223372036854775807 FROM generate_series(0, 599) AS bucket",
                organization,
                watched.id,
                sql_hash,
            )
            watched.settle()
    rows = store_sql(
        "SELECT resolution_s, count(*)::int AS buckets, sum(calls)::int AS calls, "
        "sum(total_ms) AS ms, max(max_ms) AS max_ms, "
        "max(rows_examined) AS rows FROM query_fingerprint_metrics "
        "WHERE database_connection_id = %s GROUP BY 1 ORDER BY 1",
        watched.id,
    )
    assert [(row.resolution_s, row.buckets, row.calls, row.max_ms) for row in rows] == [
        (300, 1800, 7200, 599),
        (3600, 150, 7200, 599),
        (86400, 9, 7200, 599),
    ]
    assert all(abs(row.ms - 37800) < 1e-6 and row.rows <= 9223372036854775807 for row in rows)
    rows = store_sql(
        "SELECT resolution_s, count(*)::int AS buckets, sum(calls)::int AS calls, "
        "min(bucket_at AT TIME ZONE 'UTC')::text AS "
        "first FROM query_metrics WHERE database_connection_id = %s GROUP BY 1 ORDER BY 1",
        watched.id,
    )
    assert [tuple(row) for row in rows] == [
        (300, 600, 7200, "2025-11-02 00:00:00"),
        (3600, 50, 7200, "2025-11-02 00:00:00"),
        (86400, 3, 7200, "2025-11-02 00:00:00"),
    ]
    assert store_sql("SELECT data_version FROM organizations WHERE id = %s", organization)[0][0] > version


def test_nothing_is_written_when_there_is_nothing_to_fold(stack, store_sql):
    def versions():
        return store_sql("SELECT sum(data_version) AS versions FROM organizations")[0].versions

    servers.wait_until(lambda: not store_sql("SELECT 1 FROM rollup_deltas LIMIT 1"), what="the rollup")
    before = versions()
    time.sleep(1.5)  # several folds
    assert versions() == before


def test_partitions_for_the_week_are_there(store_sql):
    days = store_sql(
        "SELECT count(*)::int AS days FROM generate_series((now() AT TIME ZONE 'UTC')::date - 1, "
        "(now() AT TIME ZONE 'UTC')::date + 7, interval '1 day') AS day "
        "WHERE EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid "
        "WHERE inhparent = 'slow_queries_raw'::regclass AND relname LIKE '%%' || to_char(day, 'YYYYMMDD'))"
    )[0].days
    assert days == 9
