"""Made-up reports of a MongoDB replica set, as an agent or a script sends them: three nodes, every ten seconds; at the
first start also those of the last day, one a minute. There is no MongoDB.

Environment: POTTO_URL, POTTO_AGENT_TOKEN.
"""

import json
import math
import os
import random
import signal
import sys
import threading
import time
import urllib.request
from datetime import datetime, timezone

INTERVAL_S, PAST_S, PAST_INTERVAL_S = 10, 86400, 60
RETRY_S = 5
TIMEOUT_S = 30
NODES = ("carts-a:27017", "carts-b:27017", "carts-c:27017")
GIB = 1 << 30
stopping = threading.Event()


def load_at(time_s):
    """More in the afternoon than at night, in waves of a quarter of an hour; 1 on the average."""
    day, wave = time_s % 86400 / 86400, time_s % 900 / 900
    return (1 - 0.6 * math.cos(2 * math.pi * (day - 0.1))) * (1 + 0.15 * math.sin(2 * math.pi * wave))


def report(node, time_s, span_s):
    """What the node would say at that time about the `span_s` seconds before."""
    dice = random.Random(f"{node} {time_s}")
    is_primary = node == NODES[0]
    load = load_at(time_s) * dice.uniform(0.85, 1.15)
    lag_s = 0 if is_primary else dice.expovariate(4) * (8 if time_s % 7200 < 300 and node == NODES[2] else 1)
    grown = 1 + (time_s - 1767225600) / 86400 / 400  # a little each day

    def done(per_s):
        return int(per_s * load * span_s)

    return {
        "nodeId": node,
        "timestamp": datetime.fromtimestamp(time_s, timezone.utc).isoformat(),
        "role": "primary" if is_primary else "secondary",
        "connectionsCurrent": int((60 if is_primary else 25) + 40 * load),
        "connectionsAvailable": 800 - int((60 if is_primary else 25) + 40 * load),
        "opsInsert": done(14),
        "opsQuery": done(120 if is_primary else 45),
        "opsUpdate": done(38),
        "opsDelete": done(6),
        "opsCommand": done(90),
        "replLagSeconds": round(lag_s, 3),
        "dataSizeBytes": int(6.2 * GIB * grown),
        "indexSizeBytes": int(0.9 * GIB * grown),
        "storageSizeBytes": int(3.1 * GIB * grown),
        "oplogWindowHours": round(52 / (0.6 + 0.4 * load), 2),
        "wtCacheUsedBytes": int(min(0.95, 0.55 + 0.22 * load) * 2 * GIB),
        "wtCacheMaxBytes": 2 * GIB,
    }


def send(reports):
    body = {"agent_token": os.environ["POTTO_AGENT_TOKEN"], "type": "mongodb", "data": reports}
    request = urllib.request.Request(os.environ["POTTO_URL"].rstrip("/") + "/api/v1/metrics",
                                     json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        answer.read()


def run():
    now_s = int(time.time()) // PAST_INTERVAL_S * PAST_INTERVAL_S
    # Sent at every start; what is stored already counts once.
    send([report(node, past_s, PAST_INTERVAL_S) for past_s in range(now_s - PAST_S, now_s, PAST_INTERVAL_S)
          for node in NODES])
    while not stopping.is_set():
        now_s = int(time.time()) // INTERVAL_S * INTERVAL_S
        send([report(node, now_s, INTERVAL_S) for node in NODES])
        stopping.wait(now_s + INTERVAL_S - time.time())


def main():
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            run()
        except OSError as problem:  # Potto is stopped, or refuses for now
            print(f"{type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
            stopping.wait(RETRY_S)


if __name__ == "__main__":
    main()
