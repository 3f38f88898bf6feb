"""MB/s of `potto logs read` for each format of log, of its processor time, and of pgBadger.

The files are the logs of real servers in tests/unit/golden/logs, repeated. Both sides add up the time of each
statement. One JSON object a line; pgBadger reads a smaller file, since it takes longer, and none of MySQL's.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LOGS = PROJECT / "tests/unit/golden/logs"
POTTO = Path(os.environ["POTTO_BUILD_DIR"]) / "cli/potto"
PREFIX = "%m [%p] %q%u@%d %a "
OWN_BYTES, PEER_BYTES = 200_000_000, 8_000_000
RUNS = 3
# Format, file, arguments, what pgBadger calls it.
FORMATS = [
    ("stderr", "postgresql.log", ["--prefix", PREFIX], "stderr"),
    ("csvlog", "postgresql.csv", [], "csv"),
    ("jsonlog", "postgresql.json", [], "jsonlog"),
    ("slow", "mariadb_slow.log", [], None),
    ("slow", "mysql8_slow.log", [], None),
]


def repeated(name, size, place):
    piece = (LOGS / name).read_bytes()
    path = Path(place) / f"{size}-{name}"
    with path.open("wb") as out:
        for _ in range(size // len(piece) + 1):
            out.write(piece)
    return path


def best_rate(command, path):
    """MB for each second of processor time, in the best of a few runs."""
    best = 0
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = max(best, path.stat().st_size / 1e6 / spent)
    return best


def peer_rate(name, peer_format, place):
    path = repeated(name, PEER_BYTES, place)
    prefix = ["--prefix", PREFIX] if peer_format == "stderr" else []
    return best_rate(["pgbadger", "--quiet", "--format", peer_format, *prefix, "--extension", "text",
                      "--outfile", f"{place}/report.txt", str(path)], path)


def main():
    has_peer = shutil.which("pgbadger") is not None
    if not has_peer:
        print("skipped: pgBadger is not here (apt-get install pgbadger)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as place:
        for log_format, name, arguments, peer_format in FORMATS:
            path = repeated(name, OWN_BYTES, place)
            value = best_rate([POTTO, "logs", "read", "--json", "--format", log_format, *arguments, str(path)], path)
            path.unlink()
            peer = peer_rate(name, peer_format, place) if has_peer and peer_format else None
            print(json.dumps({"bench": f"logs: {name}", "value": round(value, 1), "unit": "MB/s",
                              "peer": "pgBadger" if peer else None, "peer_value": peer and round(peer, 2),
                              "ratio": peer and round(value / peer, 1)}), flush=True)


if __name__ == "__main__":
    main()
