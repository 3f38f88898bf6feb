"""20 honest connections beside 32 hostile ones, four of each kind, with the product's default settings.

Half of the honest ones are a real PostgreSQL's, half a real MariaDB's; the hostile ones are stand-ins. First the honest
ones run alone for a third of the time, then the hostile ones come. The interval's deviation is how far the time between
two runs of a connection is from its interval.
"""

import argparse
import json
import statistics
import sys
import threading
import time

import hostile_field
import hostile_mysql
import hostile_postgres
import soak_stack

HONEST = 20
ORGANIZATIONS = 4  # of the honest
INTERVAL_S = 5
OF_A_KIND = 4
DEVIATION_MAX = 0.10
KINDS = [
    (hostile_postgres, hostile_postgres.HostilePostgres, "dripping_rows"),
    (hostile_postgres, hostile_postgres.HostilePostgres, "null_cells_by_the_million"),
    (hostile_postgres, hostile_postgres.HostilePostgres, "texts_of_100_kb_times_5000"),
    (hostile_postgres, hostile_postgres.HostilePostgres, "query_id_of_5_mb"),
    (hostile_mysql, hostile_mysql.HostileMysql, "dripping_rows"),
    (hostile_mysql, hostile_mysql.HostileMysql, "one_byte_cells_by_the_million"),
    (hostile_mysql, hostile_mysql.HostileMysql, "year_with_zerofill"),
    (hostile_mysql, hostile_mysql.HostileMysql, "silence_after_connect"),
]


def tell(**members):
    print(json.dumps(members), flush=True)
    return "fault" not in members


class Runs(threading.Thread):
    """The times at which runs of the honest connections began."""

    def __init__(self, stack, ids):
        super().__init__(daemon=True)
        self._stack, self._ids, self._is_over = stack, ids, threading.Event()
        self.began = {connection_id: [] for connection_id in ids}
        self.states = {}
        self.start()

    def run(self):
        while not self._is_over.wait(0.5):
            try:
                rows = self._stack.sql("SELECT database_connection_id AS id, last_run_at, state FROM "
                                       "connection_collection WHERE database_connection_id = ANY (%s)", self._ids)
            except Exception as error:  # noqa: BLE001
                print(f"store: {error}", file=sys.stderr)
                continue
            for row in rows:
                times = self.began[row.id]
                if row.last_run_at is not None and (not times or times[-1] < row.last_run_at):
                    times.append(row.last_run_at)
                self.states[row.id] = row.state

    def deviations(self, since, until):
        """Of the pauses that lie in this time, as shares of the interval."""
        found = []
        for times in self.began.values():
            for one, next_one in zip(times, times[1:]):
                if since <= one and next_one <= until:
                    found.append(abs((next_one - one).total_seconds() - INTERVAL_S) / INTERVAL_S)
        return sorted(found)

    def stop(self):
        self._is_over.set()
        self.join()


def tell_deviations(what, found, limit=None):
    p95 = found[int(len(found) * 0.95)] if found else 1
    members = {"soak": "hostile", "measure": f"interval deviation, {what}", "unit": "%", "runs": len(found),
               "p50": round(100 * statistics.median(found or [1]), 1), "p95": round(100 * p95, 1),
               "max": round(100 * max(found or [1]), 1)}
    if limit is not None and max(found or [1]) > limit:
        members["fault"] = f"more than {limit:.0%}"
    return tell(**members)


def now(stack):
    return stack.sql("SELECT now() AS at")[0].at


def connect(client, body):
    answer = client.post(hostile_field.CONNECTIONS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def connect_honest(stack, targets):
    clients = [hostile_field.member(stack, "honest") for _ in range(ORGANIZATIONS)]
    return [
        connect(clients[number % ORGANIZATIONS], targets[number % len(targets)].connection_body(
            f"honest {number}", interval_s=INTERVAL_S, min_duration_ms=0, tls_mode="disable"))
        for number in range(HONEST)
    ]


def connect_hostile(stack):
    """Each in an organization of its own, at an address of its own: no bound of either helps."""
    found = []
    for module, server_class, name in KINDS * OF_A_KIND:
        server = server_class(module.ATTACKS[name], "secret")
        body = {"name": name, "engine": server.engine, "host": server.host, "port": server.port, "database": "shop",
                "username": "potto_monitor", "password": "secret", "visibility_scope": "ORG_WIDE",
                "interval_s": INTERVAL_S, "min_duration_ms": 0, "tls_mode": "disable"}
        found.append((server, connect(hostile_field.member(stack), body)))
    return found


def tell_hostile(stack, hostile):
    """How often each kind was looked at, and what its connections say."""
    is_good = True
    for module, _, name in KINDS:
        of_kind = [(server, number) for server, number in hostile if server.attack is module.ATTACKS[name]]
        rows = stack.sql("SELECT state, problem, lane, last_duration_ms FROM connection_collection "
                         "WHERE database_connection_id = ANY (%s)",
                         [number for _, number in of_kind])
        is_good &= tell(soak="hostile", measure=f"{module.__name__} {name}",
                        looks=sum(server.connections for server, _ in of_kind),
                        states=sorted({row.state for row in rows}), lanes=sorted({row.lane for row in rows}),
                        longest_ms=round(max(row.last_duration_ms or 0 for row in rows)),
                        problems=sorted({row.problem for row in rows if row.problem})[:2])
    return is_good


def measure(stack, targets, minutes):
    honest = connect_honest(stack, targets)
    runs = Runs(stack, honest)
    time.sleep(15)
    since = now(stack)
    time.sleep(minutes * 20)
    calm_until = now(stack)
    collector = stack.pids()["collector"]
    calm_memory = sum(map(hostile_field.memory_bytes, hostile_field.descendants(collector)))
    memory = hostile_field.MemoryWatch(stack)
    hostile = connect_hostile(stack)
    time.sleep(minutes * 40)
    memory.stop()
    runs.stop()
    is_good = tell_deviations("alone", runs.deviations(since, calm_until))
    is_good &= tell_deviations("beside hostile ones", runs.deviations(calm_until, now(stack)), DEVIATION_MAX)
    is_good &= tell_hostile(stack, hostile)
    for server, _ in hostile:
        server.is_stopped = True
    is_good &= tell(soak="hostile", measure="memory of the collector and its children", unit="MB",
                    alone=calm_memory >> 20, most=memory.all_bytes >> 20, most_of_a_child=memory.one_bytes >> 20)
    is_good &= tell(soak="hostile", measure="threads of the collector", most=memory.threads, children=memory.children)
    if stack.pids().get("collector") != collector:
        is_good &= tell(soak="hostile", measure="collector", fault="it is not the same process any more")
    if set(runs.states.values()) != {"ok"}:
        is_good &= tell(soak="hostile", measure="honest connections", fault=str(runs.states))
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=3)
    arguments = parser.parse_args()
    with soak_stack.running("hostile") as (stack, *targets):
        is_good = measure(stack, targets, arguments.minutes)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
