"""Resident memory of each worker before and after 100,000 requests of mixed routes. --state DIR: a running Potto.

One JSON object a line: value is the largest worker after the load in bytes, peer_value the same after a
tenth of it, so that ratio shows growth; the bound is 15,000,000 bytes.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "http"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import load_mix
from bench_http import load_data, settings, sign_in

import requests

REQUESTS = 100_000


def make_agent(url, token):
    answer = requests.post(
        url + "/api/v1/database-connections", headers={"Authorization": f"Bearer {token}"},
        json={"name": f"memory {os.getpid()}", "engine": "mysql", "visibility_scope": "ORG_WIDE"}, timeout=30)
    answer.raise_for_status()
    return answer.json()["agent_token"]


def workers_of(manager):
    with open(f"/proc/{manager}/task/{manager}/children") as children:
        return [int(pid) for pid in children.read().split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    arguments = parser.parse_args()
    state = arguments.state.resolve()
    admin = json.loads((state / "admin.json").read_text())
    url = admin["url"].rstrip("/")
    load_data(settings(state))
    manager = int((state / "run/fcgi.pid").read_text())
    agent_token = make_agent(url, sign_in(admin))
    sizes = {}
    for share in (0.1, 0.9):
        # In parts, so that the access token does not expire meanwhile.
        left = int(arguments.requests * share)
        while left > 0:
            piece = min(left, 10_000)
            wrong = load_mix.send_mix(url, sign_in(admin), agent_token, piece)
            if wrong:
                raise SystemExit(f"unexpected answers: {wrong}")
            left -= piece
        sizes[share] = {pid: load_mix.resident_bytes(pid) for pid in workers_of(manager)}
        print(f"after {share:.0%}: {sizes[share]}", file=sys.stderr)
    value, before = max(sizes[0.9].values()), max(sizes[0.1].values())
    print(json.dumps({
        "bench": "memory", "value": value, "unit": "bytes resident, largest worker", "requests": arguments.requests,
        "peer": "the same after a tenth of the requests", "peer_value": before, "ratio": round(value / before, 3)}))


if __name__ == "__main__":
    main()
