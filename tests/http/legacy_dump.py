#!/usr/bin/python3
"""A dump of a predecessor's database: the tables of seed 001 with samples of eight type/host/database triples, some of
them odd. Written like pg_dump, for psql:

    tests/http/legacy_dump.py [--samples 100000] [--seed 1] | psql …
"""

import argparse
import hashlib
import json
import random
import sys
from datetime import datetime, timedelta

LONG_HOST = "replica-" + "0123456789" * 150 + ".example.com"
TRIPLES = [
    ("mysql", "db1.example.com", "shop"),
    ("mysql", "db1.example.com", "crm"),  # the same host, another database
    ("mysql", "db1.example.com shop", None),  # the words of the first triple, split at another place
    ("postgres", "10.0.0.7", "labdb"),
    ("mysql", None, "labdb"),
    ("postgres", None, None),
    ("mysql", LONG_HOST + "a", "labdb"),  # the same as the next one within the length of a name
    ("mysql", LONG_HOST + "b", "labdb"),
]

# The columns as SQLAlchemy made them: types other than in 001_legacy_samples.sql, and times without a zone.
LAYOUT = """
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
CREATE TABLE slow_queries_raw (
    id integer NOT NULL,
    source_db_type character varying(50) NOT NULL,
    source_db_host character varying(2000),
    source_db_name character varying(255),
    fingerprint text,
    sql_hash character varying(64),
    full_sql text,
    duration_ms numeric(14,3),
    rows_examined integer,
    rows_returned integer,
    user_host character varying(255),
    plan_json json,
    captured_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT now() NOT NULL
);
CREATE SEQUENCE slow_queries_raw_id_seq AS integer OWNED BY slow_queries_raw.id;
ALTER TABLE ONLY slow_queries_raw ALTER COLUMN id SET DEFAULT nextval('slow_queries_raw_id_seq'::regclass);
CREATE TABLE analysis_result (
    id integer PRIMARY KEY,
    slow_query_id integer,
    problem text,
    root_cause text,
    suggestions json,
    improvement_level character varying(20),
    confidence_score numeric(4,3),
    metadata json,
    analyzed_at timestamp without time zone DEFAULT now() NOT NULL
);
CREATE TABLE query_metrics_daily (
    id integer PRIMARY KEY,
    metric_date date NOT NULL,
    source_db_type character varying(50) NOT NULL,
    source_db_host character varying(2000),
    total_queries integer,
    unique_queries integer,
    avg_duration_ms numeric(14,3),
    max_duration_ms numeric(14,3)
);
CREATE TABLE query_fingerprint_metrics (
    id integer PRIMARY KEY,
    source_db_type character varying(50) NOT NULL,
    source_db_host character varying(2000),
    sql_hash character varying(64),
    fingerprint text,
    execution_count integer,
    total_ms numeric(16,3),
    avg_duration_ms numeric(14,3),
    max_duration_ms numeric(14,3),
    last_seen timestamp without time zone
);
"""

CONSTRAINTS = """
ALTER TABLE ONLY slow_queries_raw ADD CONSTRAINT slow_queries_raw_pkey PRIMARY KEY (id);
ALTER TABLE ONLY slow_queries_raw
    ADD CONSTRAINT uq_query UNIQUE (source_db_type, source_db_host, sql_hash, captured_at);
CREATE INDEX idx_slow_queries_captured ON slow_queries_raw (captured_at);
ALTER TABLE ONLY analysis_result
    ADD CONSTRAINT analysis_result_slow_query_id_fkey FOREIGN KEY (slow_query_id) REFERENCES slow_queries_raw(id);
"""

# (fingerprint, full_sql) of statements; {n} is a literal.
STATEMENTS = [
    ("SELECT * FROM users WHERE id = ? AND name = ?", "SELECT * FROM users WHERE id = {n} AND name = 'John {n}'"),
    (
        "SELECT o.id, sum(i.price) FROM orders o JOIN items i ON i.order_id = o.id WHERE o.day > ? GROUP BY o.id",
        "SELECT o.id, sum(i.price) FROM orders o JOIN items i ON i.order_id = o.id "
        "WHERE o.day > '2025-01-{n}' GROUP BY o.id",
    ),
    ("INSERT INTO orders (id, total) VALUES (?, ?)", "INSERT INTO orders (id, total) VALUES ({n}, {n}.5)"),
    ("UPDATE carts SET state = ? WHERE id IN (?, ?, ?)", "UPDATE carts SET state = 'open' WHERE id IN ({n}, 2, 3)"),
    ("DELETE FROM sessions WHERE seen < ?", "DELETE FROM sessions WHERE seen < {n}"),
]

# Texts that a collector may have stored: the migration must not change them.
ODD_TEXTS = [
    "SELECT 'tab\there', 'line\nbreak', 'return\rhere', 'bell\x07', 'escape\x1b[31m', 'unit\x1fseparator', 'del\x7f'",
    "SELECT '\ufffd\ufffd bytes that were no UTF-8 \ufffd'",
    "SELECT 'åäö € 😹 \u2028 \u202e' /* ☃ */ -- комментарий",
    "SELECT 'it''s', \"quoted\", `ticks`, 'back\\slash', '\\N', '\\.'",
    "SELECT 'never closed {n}",
    "SELECT /* never closed {n}",
    "<script>alert({n})</script>",
    "   \n\t ",
    "no sql at all {n}",
    "SELECT '" + "x" * 100_000 + "'",
]
HASHES = [None, "", "x", "not-an-md5", "A" * 32, "0" * 64, "zz" * 16]


def escaped(value):
    """A field of COPY."""
    if value is None:
        return "\\N"
    text = value if isinstance(value, str) else json.dumps(value) if isinstance(value, (dict, list)) else str(value)
    for raw, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(raw, written)
    return text


def samples(count, seed):
    """(source_db_type, …, created_at) of each sample; write() adds the ids. Every triple has odd samples."""
    dice = random.Random(seed)
    now = datetime.utcnow().replace(microsecond=0)
    for number in range(count):
        triple = TRIPLES[number % len(TRIPLES)]
        turn = number // len(TRIPLES)
        fingerprint, full_sql = STATEMENTS[dice.randrange(len(STATEMENTS))]
        full_sql = full_sql.replace("{n}", str(number))
        sql_hash = hashlib.md5(fingerprint.encode()).hexdigest()
        captured_at = now - timedelta(seconds=dice.random() ** 2 * 60 * 86400, microseconds=number)
        created_at = captured_at + timedelta(seconds=30)
        duration_ms = round(dice.lognormvariate(6, 1.5), 3)
        rows_examined, rows_returned = dice.randrange(10**6), dice.randrange(1000)
        plan = None
        if turn % 50 == 7:  # an odd one
            kind = turn // 50 % 12
            if kind < 3:
                full_sql = ODD_TEXTS[(turn // 50) % len(ODD_TEXTS)].replace("{n}", str(number))
                fingerprint = full_sql if kind else None
                sql_hash = HASHES[(turn // 600) % len(HASHES)]
            elif kind == 3:
                captured_at = None
            elif kind == 4:
                sql_hash = HASHES[(turn // 600) % len(HASHES)]
            elif kind == 5:
                fingerprint = None
            elif kind == 6:
                full_sql = None
            elif kind == 7:
                fingerprint = full_sql = None
            elif kind == 8:
                duration_ms = rows_examined = rows_returned = None
            elif kind == 9:
                captured_at = datetime(1999, 12, 31, 23, 59, 59) + timedelta(
                    seconds=number % 86400, microseconds=number
                )
            elif kind == 10:
                captured_at = now + timedelta(days=3, microseconds=number)
            else:
                captured_at = "infinity"
                sql_hash = f"{number:032x}"
        elif turn % 50 == 8:
            plan = {
                "Plan": {
                    "Node Type": "Seq Scan",
                    "Relation Name": "users",
                    "Total Cost": turn % 5,
                    "Filter": "(id = 1)",
                }
            }
        yield (*triple, fingerprint, sql_hash, full_sql, duration_ms, rows_examined, rows_returned,
               f"app@10.0.0.{number % 200}" if number % 3 else None, plan, captured_at, created_at)


def write(out, count, seed):
    out.write(LAYOUT)
    out.write(
        "COPY slow_queries_raw (id, source_db_type, source_db_host, source_db_name, fingerprint, "
        "sql_hash, full_sql, duration_ms, "
        "rows_examined, rows_returned, user_host, plan_json, captured_at, created_at) FROM stdin;\n"
    )
    for number, sample in enumerate(samples(count, seed), 1):
        out.write("\t".join([str(number), *map(escaped, sample)]) + "\n")
    out.write(
        "\\.\n\nCOPY analysis_result (id, slow_query_id, problem, suggestions, "
        "confidence_score, metadata) FROM stdin;\n"
    )
    for number in range(1, count + 1, 100):
        out.write(
            "\t".join(map(escaped, (number, number, "full scan", [{"type": "index"}], 0.9, {"by": "rules"}))) + "\n"
        )
    out.write(
        "\\.\n\nCOPY query_metrics_daily (id, metric_date, source_db_type, source_db_host, total_queries) FROM stdin;\n"
        "1\t2025-11-01\tmysql\tdb1.example.com\t5\n\\.\n\n"
        "COPY query_fingerprint_metrics (id, source_db_type, fingerprint, "
        "execution_count) FROM stdin;\n1\tmysql\tSELECT ?\t5\n\\.\n\n"
    )
    out.write(f"SELECT pg_catalog.setval('slow_queries_raw_id_seq', {max(count, 1)}, true);\n{CONSTRAINTS}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    write(sys.stdout, options.samples, options.seed)


if __name__ == "__main__":
    main()
