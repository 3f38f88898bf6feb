"""Three reports: the same exact numbers as JSON and as CSV, without texts that a spreadsheet takes for formulas."""

import csv
import datetime
import io

import pytest
import servers
from accounts import Account, problem_fields, unique
from facts import (
    BAD_FILTERS,
    BAD_PAGES,
    BAD_PERIODS,
    FORGED_CURSORS,
    INGEST,
    Facts,
    all_pages,
    grouped,
    iso,
    items,
    short,
    sums,
)

REPORTS = "/api/v1/statistics"
ALL = ["daily", "fingerprints", "databases"]
PEOPLE = ["admin", "outsider", "viewer", "member", "stranger"]
CSV = {"Accept": "text/csv"}


@pytest.fixture(scope="module")
def facts(stack):
    return Facts(stack)


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "text/csv"
    answer.encoding = "utf-8"
    assert answer.text.endswith("\r\n") and "\n" not in answer.text.replace("\r\n", "")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize("who", PEOPLE)
def test_days_are_whole_and_newest_first(facts, who):
    seen = facts.samples(facts.visible(who), facts.before)
    expected = grouped(seen, lambda s: s["at"].date().isoformat())
    found = items(facts.client(who), f"{REPORTS}/daily", **facts.period)
    # The period touches these days; a day is always reported as a whole.
    days = {facts.start.date().isoformat(), (facts.to - datetime.timedelta(microseconds=1)).date().isoformat()}
    assert {item["metric_date"]: short(item) for item in found} == {
        day: sums(group) for day, group in expected.items() if day in days}
    assert [item["metric_date"] for item in found] == sorted((item["metric_date"] for item in found), reverse=True)
    assert all(item["database_count"] == len(facts.visible(who)) for item in found)


def test_days_page(facts, agent, api):
    sender = agent()
    queries = [{"full_sql": "SELECT 1", "duration_ms": 10, "captured_at": iso(facts.to - datetime.timedelta(days=i))}
               for i in range(5)]
    assert sender.post(INGEST, json={"queries": queries}).json()["accepted"] == 5
    params = {"connection_id": sender.connection_id, "from": iso(facts.to - datetime.timedelta(days=10)),
              "to": iso(facts.to + datetime.timedelta(hours=1))}
    servers.wait_until(lambda: len(items(api, f"{REPORTS}/daily", **params)) == 5, 30, what="the rollup")
    pages = all_pages(api, f"{REPORTS}/daily", limit=2, **params)
    assert [(item["metric_date"], item["calls"], item["total_ms"]) for item in pages] == [
        ((facts.to - datetime.timedelta(days=i)).date().isoformat(), 1, 10) for i in range(5)]


@pytest.mark.parametrize("who", PEOPLE)
def test_fingerprints(facts, who):
    expected = grouped(facts.samples(facts.visible(who)), lambda s: s["statement"])
    found = items(facts.client(who), f"{REPORTS}/fingerprints", **facts.period)
    assert {item["fingerprint"]: short(item) for item in found} == {
        name: sums(group) for name, group in expected.items()
    }
    for item in found:
        group = expected[item["fingerprint"]]
        assert item["database_count"] == len({s["connection"] for s in group})
        assert item["max_ms"] == max(s["ms"] for s in group)


@pytest.mark.parametrize("who", PEOPLE)
def test_databases(facts, who):
    found = items(facts.client(who), f"{REPORTS}/databases", **facts.period)
    assert {item["database_connection_id"]: short(item) for item in found} == {
        facts.ids[name]: sums(facts.samples([name])) for name in facts.visible(who)}
    for item in found:
        assert item["fingerprint_count"] == 3
        assert item["rows_examined"] == sum(s["examined"] for s in facts.samples(facts.visible(who))
                                            if facts.ids[s["connection"]] == item["database_connection_id"])


@pytest.mark.parametrize("report", ALL)
@pytest.mark.parametrize("who", PEOPLE)
def test_csv_has_the_rows_and_the_numbers_of_json(facts, report, who):
    client = facts.client(who)
    listed = items(client, f"{REPORTS}/{report}", **facts.period)
    answer = client.get(f"{REPORTS}/{report}", params=facts.period, headers=CSV)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="potto-{report}.csv"'
    assert "Accept" in answer.headers["Vary"] and "X-Next-Cursor" not in answer.headers
    rows = rows_of(answer)
    assert len(rows) == len(listed)
    assert bool(rows) == (who != "stranger")
    for row, item in zip(rows, listed):
        assert set(row) <= set(item)
        for name, cell in row.items():
            if isinstance(item[name], (int, float)):
                assert float(cell) == item[name]
            else:
                assert cell == ("" if item[name] is None else item[name])


def test_csv_pages_by_the_cursor_in_its_header(facts):
    client = facts.client("member")
    whole = rows_of(client.get(f"{REPORTS}/fingerprints", params=facts.period, headers=CSV))
    found, cursor = [], {}
    while cursor is not None:
        answer = client.get(f"{REPORTS}/fingerprints", params={**facts.period, "limit": 2, **cursor}, headers=CSV)
        found += rows_of(answer)
        cursor = {"cursor": answer.headers["X-Next-Cursor"]} if "X-Next-Cursor" in answer.headers else None
    assert len(whole) > 2 and found == whole


@pytest.mark.parametrize(
    "accept,is_csv",
    [
        ("text/csv", True),
        ("text/csv; charset=utf-8", True),
        ("TEXT/CSV", True),
        ("text/*", True),
        ("text/csv, */*;q=0.1", True),
        ("text/csv, application/json;q=0.9", True),
        ("text/csv, */*", True),
        ("application/json", False),
        ("*/*", False),
        ("text/csv;q=0.5, application/json", False),
        ("text/csv;q=0", False),
        ("text/csv;q=x, */*", False),
        ("text/html", False),
        ("", False),
        (",;,=;q", False),
    ],
)
def test_accept_chooses(facts, accept, is_csv):
    answer = facts.client("viewer").get(f"{REPORTS}/databases", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv" if is_csv else "application/json")


NAMES = [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("+SUM(A1:A9)", "'+SUM(A1:A9)"),
    ("-1+2", "'-1+2"),
    ("@import", "'@import"),
    ('quoted "name", with comma', 'quoted "name", with comma'),
    ("-12.5", "-12.5"),
    ("+7", "+7"),
    ("=", "'="),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("ünïcode 🐒", "ünïcode 🐒"),
    ("a=b", "a=b"),
]


def test_cells_are_text_and_no_formulas(facts, stack):
    account = Account(stack, role="admin", organization=unique("organization"))
    make = servers.AgentFactory(account.client)
    ids = {make(name=name).connection_id: cell for name, cell in NAMES}
    answer = account.client.get(f"{REPORTS}/databases", headers=CSV)
    found = {int(row["database_connection_id"]): row["name"] for row in rows_of(answer)}
    assert found == ids
    assert '"quoted ""name"", with comma"' in answer.text
    by_id = {item["database_connection_id"]: item["name"] for item in items(account.client, f"{REPORTS}/databases")}
    assert sorted(by_id.values()) == sorted(name for name, _ in NAMES)  # JSON has them unchanged


def test_statement_with_line_breaks_stays_one_record(facts, agent, api):
    sender = agent()
    body = {"queries": [{"fingerprint": '=HYPERLINK("http://x")\r\n, \'?\'', "duration_ms": 10,
                         "captured_at": iso(facts.start)}]}
    assert sender.post(INGEST, json=body).json()["accepted"] == 1
    params = {"connection_id": sender.connection_id, **facts.period}
    listed = servers.wait_until(lambda: items(api, f"{REPORTS}/fingerprints", **params), 30, what="the rollup")
    answer = api.get(f"{REPORTS}/fingerprints", params=params, headers=CSV)
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == 1
    text = listed[0]["fingerprint"]
    assert rows[0]["fingerprint"] == ("'" + text if text[0] in "=+-@" else text)


# ---- bad input ----


@pytest.mark.parametrize("report", ALL)
@pytest.mark.parametrize("params,fields", BAD_PERIODS + BAD_FILTERS + BAD_PAGES + [({"sort": "calls"}, {"sort"})])
def test_bad_parameter_is_named(facts, report, params, fields):
    answer = facts.client("viewer").get(f"{REPORTS}/{report}", params=params)
    assert answer.status_code == 422 and set(problem_fields(answer)) == fields, answer.text


@pytest.mark.parametrize("report", ALL)
def test_errors_are_problems_also_for_those_who_want_csv(facts, report):
    client = facts.client("viewer")
    answer = client.get(f"{REPORTS}/{report}", params={"limit": 5001}, headers=CSV)
    assert answer.status_code == 422 and set(problem_fields(answer)) == {"limit"}
    assert client.get(f"{REPORTS}/{report}", params={"limit": 5000}, headers=CSV).status_code == 200


@pytest.mark.parametrize("report", ALL)
@pytest.mark.parametrize("cursor", FORGED_CURSORS)
def test_forged_cursor_is_malformed(facts, report, cursor):
    assert facts.client("viewer").get(f"{REPORTS}/{report}", params={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("report", ALL)
def test_hidden_connection_looks_absent(facts, report, anonymous):
    for accept in ({}, CSV):
        for who, name in (("outsider", "team"), ("admin", "own"), ("stranger", "wide")):
            answer = facts.client(who).get(
                f"{REPORTS}/{report}", params={"connection_id": facts.ids[name]}, headers=accept
            )
            assert answer.status_code == 404
    assert anonymous.get(f"{REPORTS}/{report}").status_code == 401
