"""Requests/s of small answers through nginx, beside a libfcgi hello world in the same run.

/health, and the fingerprint list under a JWT with its default period, over 200 fingerprints on 3 connections in
24 hours. The peer runs behind an nginx of the same configuration with as many workers. The three take turns; medians
are printed, one JSON object a line. --state DIR: a running Potto, as dev/up makes it.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROUNDS = 5
SECONDS = 4
WRK_THREADS = 1
WRK_CONNECTIONS = 16


def settings(state):
    """KEY=value lines of the settings of all programs."""
    files = (state / f"{program}.env" for program in ("collector", "potto", "fcgi"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def unquote(value):
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def load_data(env):
    subprocess.run(
        ["psql", "-q", "-X", unquote(env["POTTO_OWNER_DATABASE_URL"]), "-v", "fingerprints=200", "-v", "samples=20000",
         "-v", "hours=24", "-f", str(HERE / "http_data.sql")],
        check=True, stdout=subprocess.DEVNULL)


def sign_in(admin):
    body = json.dumps({"email": admin["email"], "password": admin["password"]}).encode()
    request = urllib.request.Request(admin["url"].rstrip("/") + "/api/v1/auth/login", body,
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]


class Peer:
    """The hello world behind its own nginx: Potto's configuration with another socket and port."""

    def __init__(self, state, port, workers):
        self.directory = Path(tempfile.mkdtemp(prefix="potto-hello-"))
        self.directory.chmod(0o755)
        for name in ("logs", "nginx", "run"):
            (self.directory / name).mkdir()
            (self.directory / name).chmod(0o777)
        self.url = f"http://127.0.0.1:{port}/"
        program = self.directory / "fcgi_hello"
        subprocess.run(["cc", "-O2", "-o", program, HERE / "fcgi_hello.c", "-lfcgi"], check=True)
        conf = (state / "nginx.conf").read_text()
        conf = re.sub(r"server unix:\S+;", f"server unix:{self.directory}/run/fcgi.sock;", conf)
        conf = re.sub(r"listen 127\.0\.0\.1:\d+", f"listen 127.0.0.1:{port}", conf)
        conf = conf.replace(str(state) + "/", str(self.directory) + "/")
        (self.directory / "nginx/nginx.conf").write_text(conf)
        # Each in its own session, as dev/up starts Potto: the kernel divides processor time by session.
        self.hello = subprocess.Popen([program, self.directory / "run/fcgi.sock", str(workers)],
                                      start_new_session=True)
        self.nginx = subprocess.Popen(
            ["nginx", "-p", str(self.directory), "-e", "logs/nginx-error.log", "-c", "nginx/nginx.conf"],
            stderr=subprocess.DEVNULL, start_new_session=True)
        self.wait()

    def wait(self):
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url).read()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the hello world does not answer")

    def stop(self):
        for process in (self.nginx, self.hello):
            process.terminate()
            process.wait()
        subprocess.run(["rm", "-rf", str(self.directory)], check=True)


def wrk(url, headers=()):
    arguments = ["wrk", "-t", str(WRK_THREADS), "-c", str(WRK_CONNECTIONS), "-d", f"{SECONDS}s", "--latency"]
    for header in headers:
        arguments += ["-H", header]
    out = subprocess.run([*arguments, url], check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", out)
    if failed:
        raise SystemExit(f"{url}: {failed.group(0)}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    state = arguments.state.resolve()
    admin = json.loads((state / "admin.json").read_text())
    env = settings(state)
    load_data(env)
    token = sign_in(admin)
    url = admin["url"].rstrip("/")
    workers = int(unquote(env.get("POTTO_WORKERS", os.environ.get("POTTO_WORKERS", "4"))))
    peer = Peer(state, free_port(), workers)
    runs = {
        "hello": lambda: wrk(peer.url),
        "http-health": lambda: wrk(url + "/health"),
        "http-fingerprints": lambda: wrk(url + "/api/v1/slow-queries/fingerprints", [f"Authorization: Bearer {token}"]),
    }
    results = {name: [] for name in runs}
    try:
        for _ in range(arguments.rounds):
            for name, run in runs.items():
                results[name].append(run())
                print(f"{name}: {results[name][-1]:.0f}", file=sys.stderr)
    finally:
        peer.stop()
    medians = {name: statistics.median(values) for name, values in results.items()}
    for name in ("http-health", "http-fingerprints"):
        print(json.dumps({
            "bench": name, "value": round(medians[name]), "unit": "requests/s", "peer": "libfcgi hello",
            "peer_value": round(medians["hello"]), "ratio": round(medians[name] / medians["hello"], 3)}))


if __name__ == "__main__":
    main()
