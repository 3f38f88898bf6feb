"""Rows/s of ingest through nginx, beside binary COPY of the same rows into the same table in the same run.

Four clients each; batches of 1,000 rows of about 200 bytes of SQL, of a hundred fingerprints, all distinct. Every batch
is a transaction of its own, synchronous_commit on, on both sides. The two take turns; medians are printed as one
JSON object on a line. Ours also reads JSON, fingerprints, and writes batch ids and rollups. --state DIR: a running
Potto, as dev/up makes it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIB = HERE.parents[1] / "lib"
ROUNDS = 7
CLIENTS = 4
BATCHES = 20  # of each client, in a round
ROWS = 1000  # in a batch
STEP_US = 1000  # between rows: ingest_load.c


def settings(state):
    """KEY=value lines of the settings of all programs."""
    files = (state / f"{program}.env" for program in ("collector", "potto", "fcgi"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name: value.strip("'\"") for name, value in pairs}


def call(url, body, token=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
        return json.load(answer)


def make_connection(url, token, name):
    body = {"name": f"{name} {time.time_ns()}", "engine": "postgresql", "visibility_scope": "ORG_WIDE"}
    return call(url + "/api/v1/database-connections", body, token)


def build_load(directory):
    program = Path(directory) / "ingest_load"
    sources = [
        HERE / "ingest_load.c",
        *(LIB / "base" / f"{name}.c" for name in ("buffer", "clock", "json_write", "text", "arena")),
    ]
    include = subprocess.run(["pg_config", "--includedir"], capture_output=True, text=True, check=True).stdout.strip()
    command = [
        "cc",
        "-O2",
        "-std=gnu17",
        "-D_GNU_SOURCE",
        "-I",
        LIB,
        "-I",
        include,
        "-o",
        program,
        *sources,
        "-lpq",
        "-lm",
        "-lpthread",
    ]
    subprocess.run([str(part) for part in command], check=True)
    return program


def rows_per_s(program, way, base_us, *arguments):
    command = [program, way, "--clients", CLIENTS, "--batches", BATCHES, "--rows", ROWS, "--base", base_us, *arguments]
    rows, seconds = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    return int(rows) / float(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    env = settings(options.state)
    admin = json.loads((options.state / "admin.json").read_text())
    url = admin["url"].rstrip("/")
    token = call(url + "/api/v1/auth/login", {"email": admin["email"], "password": admin["password"]})["access_token"]
    ours, peer = make_connection(url, token, "bench ingest"), make_connection(url, token, "bench copy")
    to_us = ("--address", url.split("//")[1], "--token", ours["agent_token"])
    organization = subprocess.run(
        ["psql", "-XAtq", env["POTTO_OWNER_DATABASE_URL"], "-c",
         f"SELECT organization_id FROM database_connections WHERE id = {int(peer['id'])}"],
        stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    # As the owner: COPY is refused to a role that row-level security binds.
    to_peer = ("--dsn", env["POTTO_OWNER_DATABASE_URL"], "--organization", organization, "--connection", peer["id"])
    values, peer_values = [], []
    with tempfile.TemporaryDirectory() as directory:
        program = build_load(directory)
        span_us = CLIENTS * BATCHES * ROWS * STEP_US
        # Times an hour ago and before: both sides store the same ones, each on its own connection.
        base_us = time.time_ns() // 1000 - 3_600_000_000 - (options.rounds + 1) * span_us
        for number in range(options.rounds + 1):
            value = rows_per_s(program, "http", base_us + number * span_us, *to_us)
            peer_value = rows_per_s(program, "copy", base_us + number * span_us, *to_peer)
            if number == 0:
                continue  # connections, prepared statements, the first pages
            values.append(value)
            peer_values.append(peer_value)
            print(f"round {number}: ingest {value:.0f}, COPY {peer_value:.0f}", file=sys.stderr)
    value, peer_value = statistics.median(values), statistics.median(peer_values)
    print(json.dumps({"bench": "ingest", "value": round(value), "unit": "rows/s", "peer": "COPY (binary)",
                      "peer_value": round(peer_value), "ratio": round(value / peer_value, 3)}))


if __name__ == "__main__":
    main()
