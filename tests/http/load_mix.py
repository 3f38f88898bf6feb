"""A mix of requests as browsers, scripts and agents send them, for tests and benchmarks of memory."""

import datetime
import threading

import requests


def resident_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup:
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no Rss")


def _ingest_body(token, size):
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "agent_token": token,
        "queries": [
            {"full_sql": f"SELECT * FROM orders WHERE id = {i} AND note = '{'x' * 200}'", "duration_ms": 100.0 + i,
             "captured_at": (now - datetime.timedelta(microseconds=i)).isoformat()}
            for i in range(size)
        ],
    }


def send_mix(url, access_token, agent_token, count, threads=4):
    """Send `count` requests; returns the number of unexpected codes by request."""
    user = {"Authorization": f"Bearer {access_token}"}
    cookie = {"Cookie": f"potto_access={access_token}"}
    groups, samples = "/api/v1/slow-queries/fingerprints", "/api/v1/slow-queries"
    #        every  method  path                              headers  codes
    mix = [
        (1, "GET", lambda i: "/health", {}, (200,)),
        (1, "GET", lambda i: groups, user, (200,)),
        (3, "GET", lambda i: f"{groups}?limit={1 + i % 500}", user, (200,)),
        (3, "GET", lambda i: f"{samples}?limit={1 + i % 200}", user, (200,)),
        (5, "GET", lambda i: "/api/v1/database-connections", user, (200,)),
        (5, "GET", lambda i: "/", cookie, (200,)),
        (5, "GET", lambda i: "/queries", cookie, (200,)),
        (5, "GET", lambda i: f"{samples}?q={i}&limit=x", user, (422,)),
        (5, "GET", lambda i: f"/api/v1/nothing/{i}", {}, (404,)),
        (5, "GET", lambda i: groups, {"Authorization": "Bearer a.b.c"}, (401,)),
        (7, "GET", lambda i: f"/no-page-{i}", {}, (404,)),
        (50, "POST", lambda i: "/api/v1/collectors/ingest/slow-queries", {}, (200,)),
        (50, "GET", lambda i: "/metrics", {}, (200,)),
    ]
    wrong, lock = {}, threading.Lock()

    def run(first):
        session = requests.Session()
        session.trust_env = False
        i = first
        while i < count:
            row = mix[i % len(mix)]
            if (i // len(mix)) % row[0] != 0:
                row = mix[0]
            body = _ingest_body(agent_token, 1000) if row[1] == "POST" else None
            answer = session.request(row[1], url + row[2](i), headers=row[3], json=body, timeout=60,
                                     allow_redirects=False)
            if answer.status_code not in row[4]:
                with lock:
                    key = f"{row[1]} {row[2](i)} {answer.status_code}"
                    wrong[key] = wrong.get(key, 0) + 1
            i += threads

    running = [threading.Thread(target=run, args=(first,)) for first in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return wrong
