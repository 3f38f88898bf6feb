"""What Potto costs a database's server is measured and kept within a budget, and what is counted stays exact."""

import contextlib

import pytest
import servers
from fed import metric
from test_no_plan import why
from test_pages import browser  # noqa: F401
from watched import CONNECTIONS, marker, new_table, watch, within_five_minutes  # noqa: F401


@pytest.fixture()
def overhead(api):
    def read(watched):
        answer = api.get(f"{CONNECTIONS}/{watched.id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["overhead"]

    return read


def row_of(watched):
    return watched.sql("SELECT * FROM connection_overhead WHERE database_connection_id = %s", watched.id)[0]


def an_hour_passes(watched):
    watched.sql("UPDATE connection_overhead SET counted_at = counted_at - interval '1 hour' "
                "WHERE database_connection_id = %s", watched.id)


def set_fill(watched, fill):
    """As if Potto had cost so much: in what the budget allows in ten minutes."""
    watched.sql("UPDATE connection_overhead AS overhead SET level_us = overhead_budget_percent * 1e4 * 600 * %s, "
                "counted_at = now() FROM database_connections AS connection "
                "WHERE connection.id = database_connection_id AND connection.id = %s", fill, watched.id)


def interval_s(watched):
    row = watched.state()
    return (row.next_run_at - row.last_run_at).total_seconds()


def test_a_usual_budget_holds_nothing_back(watch, target_postgres, overhead):
    watched = watch(target_postgres)
    watched.wait_first_run()
    target_postgres.execute(f"SELECT count(*) FROM {new_table(target_postgres)}")
    watched.collect()
    now = overhead(watched)
    assert (now["held_back"], now["held_back_since"], now["look_pause_s"], now["interval_factor"]) == ([], None, 1, 1)
    for span in (now["recent"], now["day"]):
        parts = [span[f"{kind}_percent"] for kind in ("cycles", "plans", "sessions")]
        assert span["cycles_percent"] > 0 and abs(span["percent"] - sum(parts)) < 1e-4, span
        assert span["sessions_percent"] == 0 and span["look_distance_s"] is None
    # Both accounts are of the same cost.
    stored = watched.sql("SELECT sum(look_cost_us) AS us FROM connection_coverage WHERE database_connection_id = %s",
                         watched.id)[0].us
    assert 0 < row_of(watched).level_us <= stored and row_of(watched).stage == 0


@pytest.fixture()
def slow_server(target_mariadb):
    """A MariaDB user for whom each session takes the server 0.4 s; ends() makes it take no more."""
    user = marker()
    account = f"{user}@'127.0.0.1'"
    target_mariadb.execute(f"CREATE USER {account} IDENTIFIED BY 'secret'")
    for grant in ("SELECT ON mysql.slow_log", "SELECT ON shop.*", "PROCESS ON *.*"):
        target_mariadb.execute(f"GRANT {grant} TO {account}")
    # Of this user alone: other tests use the server, too.
    target_mariadb.execute(f"SET GLOBAL init_connect = \"DO IF(USER() LIKE '{user}@%', SLEEP(0.4), 0)\"")
    with contextlib.ExitStack() as stack:
        stack.callback(target_mariadb.execute, "SET GLOBAL init_connect = ''")
        stack.user, stack.ends = user, lambda: target_mariadb.execute("SET GLOBAL init_connect = ''")
        yield stack


def test_what_costs_too_much_is_held_back_in_turn_and_recovers(
    api, stack, browser, watch, target_mariadb, slow_server, overhead  # noqa: F811
):
    watched = watch(target_mariadb, username=slow_server.user, password="secret", interval_s=60,
                    overhead_budget_percent=0.05)
    watched.wait_first_run()
    assert overhead(watched)["held_back"] == ["plans"] and overhead(watched)["look_pause_s"] == 1
    since = overhead(watched)["held_back_since"]
    name, counted, seen = new_table(target_mariadb), 0, [["plans"]]
    while overhead(watched)["interval_factor"] == 1:
        for _ in range(3):
            target_mariadb.execute(f"SELECT SLEEP(0.03), id FROM {name}")
            counted += 1
        watched.collect()
        if overhead(watched)["held_back"] != seen[-1]:
            seen.append(overhead(watched)["held_back"])
        assert counted < 30, seen
    assert seen == [["plans"], ["plans", "sessions"], ["plans", "sessions", "cycles"]]
    now = overhead(watched)
    assert now["look_pause_s"] == 10 and now["recent"]["percent"] > 0.05 and now["held_back_since"] == since
    assert 100 < interval_s(watched) <= 120
    assert not watched.plans(name) and why(api, watched, name)["reason"] == "over_budget"
    servers.wait_until(lambda: metric(stack, "potto_connections_held_back") >= 1, what="/metrics")
    page = browser.get(f"/databases/{watched.id}").text
    assert "Potto holds back since" in page and "The interval is 2 times as long" in page
    assert watched.counted(name)[0] == counted

    slow_server.ends()
    an_hour_passes(watched)
    watched.collect()
    assert overhead(watched)["held_back"] == [] and overhead(watched)["held_back_since"] is None
    assert 40 < interval_s(watched) <= 60
    assert "Potto holds back" not in browser.get(f"/databases/{watched.id}").text
    target_mariadb.execute(f"SELECT SLEEP(0.03), id FROM {name}")
    watched.collect()
    assert why(api, watched, name)["reason"] == "not_safe"  # it was tried
    assert watched.counted(name)[0] == counted + 1


def test_counters_stay_exact_while_cycles_are_rarer(watch, target_postgres, overhead):
    watched = watch(target_postgres, interval_s=60)
    watched.wait_first_run()
    set_fill(watched, 2.2)
    watched.collect()
    name, calls = new_table(target_postgres), 0
    for _ in range(5):
        set_fill(watched, 2.2)
        for _ in range(7):
            target_postgres.execute(f"SELECT count(*) FROM {name}")
            calls += 1
        watched.collect()
    assert overhead(watched)["held_back"] == ["plans", "sessions", "cycles"]
    assert overhead(watched)["interval_factor"] == 4 and 220 < interval_s(watched) <= 240
    assert watched.counted(name) == (calls, calls, 0)
    assert not watched.plans(name)
    # Someone gives it more: its level is a smaller part of that.
    watched.sql("UPDATE database_connections SET overhead_budget_percent = 10 WHERE id = %s", watched.id)
    watched.collect()
    assert overhead(watched)["held_back"] == []
    target_postgres.execute(f"SELECT count(*) FROM {name}")
    watched.collect()
    assert watched.counted(name) == (calls + 1, calls + 1, 0) and watched.plans(name)


def test_the_budget_is_set_on_the_page_and_audited(api, stack, browser, watch, target_postgres):  # noqa: F811
    watched = watch(target_postgres)
    watched.wait_first_run()
    page = browser.get(f"/databases/{watched.id}").text
    assert "What Potto costs" not in page and "It may take 0.5 %" in page
    path = f"/databases/{watched.id}/overhead"
    answer = browser.submit(path, {"csrf": browser.csrf(), "percent": "1.25"})
    assert answer.headers["Location"] == f"/databases/{watched.id}#overhead", answer.text
    assert api.get(f"{CONNECTIONS}/{watched.id}").json()["overhead_budget_percent"] == 1.25
    for wrong in ("0.01", "11", "nan", "much", ""):
        assert browser.submit(path, {"csrf": browser.csrf(), "percent": wrong}).status_code == 422
    line = stack.sql("SELECT detail FROM audit_log WHERE action = 'connection_changed' AND subject_id = %s", watched.id)
    assert [row.detail["fields"] for row in line] == [["overhead_budget_percent"]]
    assert line[0].detail["from"]["overhead_budget_percent"] == 0.5
    assert line[0].detail["to"]["overhead_budget_percent"] == 1.25

