"""p50 and p95 of reads through nginx: 10 million samples in 30 days, 10,000 fingerprints, 100 connections.

Callers who see 5 and 100 of the connections; the peer is the same with 1 million samples. read_data.sql makes both.
`value` is measured without cached answers: the organization's data counts as changed before each request, as it does
every few seconds while facts arrive. `warm_p50_ms` is the same without changes: overview and top queries then come from
the workers' answer cache. --state DIR: a running Potto, as dev/up makes it; its data is replaced.
"""

import argparse
import datetime
import http.client
import json
import statistics
import subprocess
import sys
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPEATS = 100
DAYS = 30
LOADERS = 2
WARM_UP = 40 # each worker makes its plans for any period at the sixth use of a statement


def settings(state):
    """KEY=value lines of the settings of all programs."""
    files = (state / f"{program}.env" for program in ("collector", "potto", "fcgi"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


class Store:
    """The owner's psql."""

    def __init__(self, url):
        self.url = url.strip("'\"")

    def run(self, sql, *arguments):
        out = subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", self.url, *arguments],
                             input=sql, check=True, capture_output=True, text=True).stdout
        return [line.split("|") for line in out.splitlines()]


class Versions:
    """Counts the organization's data as changed, in one open session."""

    def __init__(self, store):
        self.psql = subprocess.Popen(
            ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", store.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def bump(self):
        self.psql.stdin.write("UPDATE organizations SET data_version = data_version + 1; SELECT 1;\n")
        self.psql.stdin.flush()
        if self.psql.stdout.readline() != "1\n":
            raise SystemExit("the version of the data does not change")

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()


def load(store, samples, fingerprints):
    began = time.monotonic()
    store.run("", "-f", str(HERE / "read_data.sql"))
    store.run(f"SELECT bench.begin({fingerprints}, {samples}, {DAYS})")
    days = store.run(
        "SELECT day::date FROM bench.settings, generate_series(from_at::date, to_at::date, '1 day') AS day"
    )
    with ThreadPoolExecutor(LOADERS) as pool:
        list(pool.map(lambda day: store.run(f"SELECT bench.load_day('{day[0]}')"), days))
    store.run("SELECT bench.finish()")
    store.run("VACUUM ANALYZE slow_queries_raw; VACUUM ANALYZE query_fingerprint_metrics; VACUUM ANALYZE query_metrics;"
              "VACUUM ANALYZE query_fingerprints; VACUUM ANALYZE query_fingerprint_connections;")
    store.run(
        "VACUUM ANALYZE query_segments; VACUUM ANALYZE query_segment_fingerprints; VACUUM ANALYZE query_chunks; "
        "VACUUM ANALYZE connection_segments;"
    )
    print(f"{samples} samples loaded in {time.monotonic() - began:.0f} s", file=sys.stderr)


def settle(state, store):
    """Wait until PostgreSQL, which writes pages and vacuums for minutes after loading, is idle, so that only reads are
    measured."""
    parts = urllib.parse.urlsplit(store.url)
    password = (state / "secrets/store-superuser").read_text().strip()
    superuser = Store(parts._replace(netloc=f"postgres:{password}@{parts.netloc.rpartition('@')[2]}").geturl())
    superuser.run("CHECKPOINT")
    quiet_s = 0
    while quiet_s < 20:
        time.sleep(5)
        busy = (
            superuser.run("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")[0][0] != "0"
        )
        quiet_s = 0 if busy else quiet_s + 5


def check_sums(store):
    """Check that the loaded sums of one connection's day are equal to those that the collector folds."""
    store.run((HERE / "read_check.sql").read_text().split("-- then")[0])
    for _ in range(600):
        if store.run("SELECT count(*) FROM rollup_deltas") == [["0"]]:
            break
        time.sleep(0.1)
    else:
        raise SystemExit("nobody folds the deltas: is the collector running?")
    rows = store.run((HERE / "read_check.sql").read_text().split("-- then")[1])
    if int(rows[0][0]) == 0 or int(rows[0][1]) != 0:
        raise SystemExit(f"{rows[0][1]} of {rows[0][0]} sums are not what the fold makes")
    print(f"{rows[0][0]} sums are what the fold makes", file=sys.stderr)


class Caller:
    """One caller on one kept connection."""

    def __init__(self, admin, email):
        address = urllib.parse.urlsplit(admin["url"])
        self.http = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        self.headers = {}
        answer = json.loads(self.ask("POST", "/api/v1/auth/login",
                                     json.dumps({"email": email, "password": admin["password"]}))[1])
        # The page takes its token from the cookie that it sets itself at sign-in.
        self.headers = {"Authorization": "Bearer " + answer["access_token"],
                        "Cookie": "potto_access=" + answer["access_token"]}

    def ask(self, method, path, body=None):
        began = time.perf_counter()
        self.http.request(method, path, body, {"Content-Type": "application/json", **self.headers})
        answer = self.http.getresponse()
        text = answer.read()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
        return took_ms, text


def stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def reads(caller, now):
    """Name and path of each read, as this caller asks for it."""
    def since(**length):
        return "from=" + stamp(now - datetime.timedelta(**length)) + "&to=" + stamp(now)

    month, week, day = since(days=DAYS), since(days=7), since(hours=24)
    top = json.loads(caller.ask("GET", f"/api/v1/slow-queries/fingerprints?{month}")[1])["items"]
    samples = f"/api/v1/slow-queries?{month}"
    page = json.loads(caller.ask("GET", samples)[1])
    for _ in range(98):
        page = json.loads(caller.ask("GET", samples + "&cursor=" + urllib.parse.quote(page["next_cursor"]))[1])
    return {
        "overview-30d": f"/api/v1/stats/overview?{month}",
        "overview-24h": f"/api/v1/stats/overview?{day}",
        "overview-page": "/?period=24h", # its own choice follows the age of the connections
        "top-queries-30d": f"/api/v1/slow-queries/fingerprints?{month}",
        "top-queries-7d": f"/api/v1/slow-queries/fingerprints?{week}",
        "top-queries-24h": f"/api/v1/slow-queries/fingerprints?{day}",
        "series-30d": f"/api/v1/slow-queries/fingerprints/{top[0]['sql_hash']}?{month}",
        "samples-page-1": samples,
        "samples-page-100": samples + "&cursor=" + urllib.parse.quote(page["next_cursor"]),
        "samples-slowest-24h": f"/api/v1/slow-queries?{day}&sort=duration_ms",
        "samples-slowest-30d": samples + "&sort=duration_ms",
    }


def p95(values):
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def measure(admin, store, repeats, only):
    results = {}
    now = datetime.datetime.now(datetime.timezone.utc)
    versions = Versions(store)
    for seen in (5, 100):
        caller = Caller(admin, f"bench{seen}@localhost")
        paths = {name: path for name, path in reads(caller, now).items() if only in name}
        cold = {name: [] for name in paths}
        warm = {name: [] for name in paths}
        for turn in range(repeats + WARM_UP):
            for name, path in paths.items():
                versions.bump()
                took = caller.ask("GET", path)[0]
                if turn >= WARM_UP:
                    cold[name].append(took)
        for name, path in paths.items(): # nothing changes: each worker has the answer after a few
            for turn in range(repeats + WARM_UP):
                took = caller.ask("GET", path)[0]
                if turn >= WARM_UP:
                    warm[name].append(took)
        for name in paths:
            results[f"{name}-{seen}"] = {"p50": statistics.median(cold[name]), "p95": p95(cold[name]),
                                         "warm": statistics.median(warm[name])}
            print(
                f"{name}-{seen}: p50 {results[f'{name}-{seen}']['p50']:.1f}, "
                f"p95 {results[f'{name}-{seen}']['p95']:.1f}, "
                f"warm p50 {results[f'{name}-{seen}']['warm']:.1f} ms",
                file=sys.stderr,
            )
    versions.close()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--peer-samples", type=int, default=1_000_000)
    parser.add_argument("--fingerprints", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--only", default="", help="reads whose name has this in it")
    parser.add_argument("--loaded", action="store_true", help="measure what is there, and no peer")
    arguments = parser.parse_args()
    state = arguments.state.resolve()
    admin = json.loads((state / "admin.json").read_text())
    store = Store(settings(state)["POTTO_OWNER_DATABASE_URL"])
    if arguments.loaded:
        measure(admin, store, arguments.repeats, arguments.only)
        return
    load(store, arguments.peer_samples, arguments.fingerprints)
    check_sums(store)
    settle(state, store)
    peer = measure(admin, store, arguments.repeats, arguments.only)
    load(store, arguments.samples, arguments.fingerprints)
    check_sums(store)
    settle(state, store)
    results = measure(admin, store, arguments.repeats, arguments.only)
    for name, result in results.items():
        print(json.dumps({
            "bench": "read-" + name, "value": round(result["p95"], 2), "p50_ms": round(result["p50"], 2), "unit": "ms",
            "warm_p50_ms": round(result["warm"], 2), "peer": f"{arguments.peer_samples // 1_000_000} million samples",
            "peer_value": round(peer[name]["p95"], 2), "peer_p50_ms": round(peer[name]["p50"], 2),
            "ratio": round(result["p95"] / peer[name]["p95"], 3)}))


if __name__ == "__main__":
    main()
