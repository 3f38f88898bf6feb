"""Resident memory of workers is limited and does not grow with requests. dev/bench memory sends 100,000."""

import gzip
import json
import os
from pathlib import Path

import load_mix
import pytest
import servers
from ingest_client import PATH, query
from test_pages import Browser

RESIDENT_BYTES_MAX = 15_000_000
GROWTH_BYTES_MAX = 1_000_000
PLAN_BYTES_MAX = 50_000_000  # of a worker that reads or shows the worst plan
PLAN_CPU_S_MAX = 0.5


def test_workers_stay_small_and_do_not_grow(plain_stack):
    api = servers.SignedInClient(plain_stack.url, plain_stack.admin_email, plain_stack.admin_password)
    agent = servers.AgentFactory(api)()
    api.get("/api/v1/auth/me")

    def send(count):
        wrong = load_mix.send_mix(plain_stack.url, api.token, agent.token, count)
        assert wrong == {}
        return {pid: load_mix.resident_bytes(pid) for pid in plain_stack.children("fcgi")}

    warm = send(3000)
    after = send(4000)
    assert after.keys() == warm.keys(), "a worker was replaced"
    for pid, resident in after.items():
        assert resident < RESIDENT_BYTES_MAX, f"{resident} bytes"
        assert resident - warm[pid] < GROWTH_BYTES_MAX, f"{warm[pid]} then {resident} bytes"


# ---- plans that are small when packed ----

KEYS = ["a"] * 24_000  # 96 KB of JSON, some 300 bytes as gzip


def nested(depth, leaves=0):
    below = [nested(depth - 1, leaves)] if depth > 1 else [{"Node Type": "Result"}] * leaves
    return {"Node Type": "Append", "Plans": below}


def lists(depth):
    return [lists(depth - 1)] if depth > 1 else []


PLANS = {
    "a list of sort keys": ("postgresql", {"Plan": {"Node Type": "Sort", "Sort Key": KEYS}}),
    "a list of group keys": ("postgresql", {"Plan": {"Node Type": "Aggregate", "Group Key": KEYS}}),
    "a list of columns": ("postgresql", {"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Output": KEYS}}),
    "lists in lists": ("postgresql", {"Plan": {"Node Type": "Sort", "Sort Key": [[key] for key in KEYS]}}),
    "as many nodes as there may be": ("postgresql", {"Plan": {"Node Type": "Append", "Plans": [
        {"Node Type": "Sort", "Sort Key": ["a"] * 4} for _ in range(1999)]}}),
    "deep nodes": ("postgresql", {"Plan": nested(128)}),
    "as many deep nodes as there may be": ("postgresql", {"Plan": nested(127, 2000 - 127)}),
    "levels without nodes": ("postgresql", {"Plan": {"Node Type": "Sort", "Sort Key": lists(600)}}),
    "MySQL's references": ("mysql", {"query_block": {"table": {"table_name": "t", "access_type": "ref", "ref": KEYS}}}),
    "MySQL's columns": ("mysql", {"query_block": {"table": {"table_name": "t", "used_columns": KEYS}}}),
}


class Cost:
    """What requests cost the workers: processor time of all, and the peak of the one that grew most."""

    def __init__(self, stack):
        self._pids = stack.children("fcgi")

    def __enter__(self):
        for pid in self._pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        self._before = self._cpu_s()
        return self

    def __exit__(self, *_):
        self.cpu_s = self._cpu_s() - self._before
        self.peak_bytes = max(self._peak_bytes(pid) for pid in self._pids)

    def _cpu_s(self):
        ticks = 0
        for pid in self._pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def _peak_bytes(pid):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")


@pytest.mark.parametrize("name", PLANS)
def test_a_small_request_with_a_large_plan_costs_little(plain_stack, name):
    """Kept, read as JSON alone and in the list of plans, and shown on the page of the query."""
    engine, plan = PLANS[name]
    api = servers.SignedInClient(plain_stack.url, plain_stack.admin_email, plain_stack.admin_password)
    agent = servers.AgentFactory(api)(engine)
    browser = Browser(plain_stack.url)
    assert browser.sign_in(plain_stack.admin_email, plain_stack.admin_password).status_code == 303
    sent = query(plan=plan, full_sql=f"SELECT column_{list(PLANS).index(name)} FROM t")
    body = gzip.compress(json.dumps({"queries": [sent]}).encode())
    assert len(body) < 1000 or "nodes" in name
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with Cost(plain_stack) as kept:
        answer = agent.post(PATH, data=body, headers=headers)
    assert answer.status_code == 200 and answer.json()["accepted"] == 1, answer.text
    listed = api.get("/api/v1/slow-queries", params={"connection_id": agent.connection_id}).json()["items"]
    sample, sql_hash = listed[0]["id"], listed[0]["sql_hash"]
    costs = {"kept": kept}
    with Cost(plain_stack) as costs["read"]:
        assert api.get(f"/api/v1/slow-queries/{sample}").status_code == 200
    with Cost(plain_stack) as costs["plans"]:
        plans = api.get(f"/api/v1/slow-queries/fingerprints/{sql_hash}/plans")
    assert len(plans.json()["items"]) == 1
    with Cost(plain_stack) as costs["page"]:
        page = browser.get(f"/queries/{sql_hash}")
    assert page.status_code == 200 and "plan" in page.text
    for what, cost in costs.items():
        assert cost.peak_bytes < PLAN_BYTES_MAX, f"{what}: {cost.peak_bytes} bytes"
        assert cost.cpu_s < PLAN_CPU_S_MAX, f"{what}: {cost.cpu_s} s"
