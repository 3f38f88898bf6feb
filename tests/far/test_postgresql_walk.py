"""PostgreSQL 13 to 18: what Potto counts is what the server's own statistics grew by, whatever happens to them."""

import contextlib
import time

import pytest
from fetched import Missing
from watched import watch  # noqa: F401

import far_servers
import parts
import waiting
import walk
from walk import Measured, Walk, work

EXTENSIONS = {13: "1.8", 14: "1.9", 15: "1.10", 16: "1.10", 17: "1.11", 18: "1.12"}  # each server's own
SAYS_RESET_FROM = 14  # when all statistics were reset
SAYS_SINCE_FROM = 17  # when each statement's were


@pytest.fixture(scope="module", params=parts.POSTGRESQL)
def server(request, stack):
    try:
        made = far_servers.FarPostgres(request.param, f"{stack.state.name}-pg{request.param}")
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        made.make().start()
        prepare(made)
        yield made
    finally:
        made.stop("immediate")
        made.remove()


def prepare(server):
    server.execute("CREATE EXTENSION pg_stat_statements", database="postgres")
    server.execute("CREATE DATABASE shop", database="postgres")
    server.execute(walk.TABLES)
    server.grant()


@pytest.fixture()
def shop(server, watch):  # noqa: F811
    return Walk(server, watch(server))


def title(server):
    return f"PostgreSQL {server.major}, pg_stat_statements {EXTENSIONS[server.major]}"


def words(numbers):
    calls, ms, rows, hit, read = numbers
    return {
        "calls": f"= {calls}",
        "time": f"= {ms:.1f} ms",
        "rows": f"= {rows}",
        "blocks": f"= {hit} hit, {read} read",
    }


@contextlib.contextmanager
def settings(server, **values):
    """Settings meanwhile; "__" stands for a dot. Some of them want a restart, too."""

    def alter(form):
        for name in values:
            server.execute(form.format(name=name.replace("__", "."), value=values[name]), database="postgres")
        server.execute("SELECT pg_reload_conf()", database="postgres")
        time.sleep(0.2)  # sessions that begin now may still have the old setting

    alter("ALTER SYSTEM SET {name} = {value}")
    try:
        yield
    finally:
        alter("ALTER SYSTEM RESET {name}")


def restart(server):
    server.stop()
    server.start()


def test_all_numbers_are_the_servers_own_growth_with_the_documented_rights(server, shop, walk_table):
    work(server)
    total = shop.counted(shop.grown())
    assert total[0] > 40 and all(total), total
    for _ in range(9):  # five statements are looked at for a plan in each run, of some forty
        work(server, times=1)
        shop.counted(shop.grown())
        planned = {plan.fingerprint for plan in shop.watched.plans()}
        if len(planned) == len(walk.QUERIES):
            break
    row = shop.watched.state()
    assert row.state == "ok" and not row.problem, row
    walk_table(title(server), **words(total), plans=f"{len(planned)} of {len(walk.QUERIES)} queries")
    assert len(planned) == len(walk.QUERIES), "\n".join(sorted(planned))


def test_what_is_measured_beside_is_the_servers_own_growth(server, shop, walk_table):
    measured, said = Measured(shop), []
    for on in ((), (walk.PLANNING, walk.IO_TIMING)):
        with settings(server, **{name.replace(".", "__"): "on" for name in on}):
            shop.watched.collect()
            shop.begin()
            measured.begin()
            work(server, more=walk.HEAVY)
            shop.counted(shop.grown())
            total = measured.counted(on)
        said.append(sum(1 for amount in total.values() if amount > 0))
        least = ["temp_read_bytes", "temp_written_bytes", "wal_records", "wal_bytes"]
        least += ["plans", "plan_ms", "read_ms"] if on else []
        least += ["workers_launched"] if server.major >= 18 else []
        assert all(total[name] > 0 for name in least), total
    walk_table(title(server), measures=f"= {len(measured.measures)}, {said[1]} above 0; {said[0]} with settings off")


def test_waits_are_the_time_that_was_waited(server, waits_stack, walk_table):
    walk_table(title(server), waits=waiting.check_waits(waits_stack, server, "item", "transactionid"))


def active_ms(server):
    """What the server says of its sessions' time at work, once it says so of all that have ended."""
    before = None
    while before != (now := server.execute("SELECT active_time FROM pg_stat_database WHERE datname = 'shop'",
                                           database="postgres")[0][0]):  # fmt: skip
        before = now
        time.sleep(0.7)
    return now


def test_coverage_is_the_servers_own_time(server, shop, walk_table):
    has_time = server.major >= 14
    before = active_ms(server) if has_time else None
    shop.watched.collect()
    shop.begin()
    looked_at = shop.coverage()
    work(server, times=4)
    server.execute("SELECT pg_sleep(0.5)")
    worked = active_ms(server) - before if has_time else None
    total = shop.counted(shop.grown())
    now = {name: value - looked_at[name] for name, value in shop.coverage().items() if name != "basis"}
    assert abs(now["attributed"] - total[1]) < 1 and now["calls"] == total[0], (now, total)
    if has_time:
        # Potto's own session is at work as well, and the server says so when it has ended.
        assert total[1] <= now["server"] + 1 and abs(now["server"] - worked) < 0.1 * worked + 100, (now, worked)
    said = f"{now['attributed']:.0f} of {now['server']:.0f} ms at work" if has_time else (
        f"{now['attributed']:.0f} ms; the server does not tell the whole")
    assert shop.coverage()["basis"] == ("active_time" if has_time else "statements")
    walk_table(title(server), coverage=said)


def test_statements_within_functions_are_counted_once(server, shop):
    with settings(server, pg_stat_statements__track="'all'"):
        work(server)
        grown = shop.grown()
        shop.counted(grown)
        row = shop.watched.state()
        assert row.state == ("warning" if server.major < 14 else "ok"), row
    work(server)
    shop.counted(shop.grown())


def test_after_a_reset_of_all_everything_since_is_counted(server, shop, walk_table):
    work(server, times=3)
    shop.counted(shop.grown())
    work(server, times=1)  # lost with the reset
    server.execute("SELECT pg_stat_statements_reset()", database="postgres")
    work(server, times=1)
    shop.counted(shop.truth())
    walk_table(title(server), **{"reset of all": "all since"})


def test_after_a_reset_of_one_statement_it_counts_on(server, shop, walk_table):
    statement = "SELECT count(*), sum(item) FROM sale"
    for _ in range(2):
        server.execute(statement)
    shop.counted(shop.grown())
    (key,) = [key for key, name in shop.hashes().items() if shop.text(name).lower().startswith("select count(*), sum(")]
    before = shop.truth()[key]
    server.execute("SELECT pg_stat_statements_reset(0, 0, %s)", int(key.split("/")[2]), database="postgres")
    for _ in range(40):  # which passes the older totals
        server.execute(statement)
    grown = shop.grown()
    if server.major >= SAYS_SINCE_FROM:
        grown[key] = shop.truth()[key]
    assert grown[key][0] == (40 if server.major >= SAYS_SINCE_FROM else 38)
    shop.counted(grown)
    said = "all since" if server.major >= SAYS_SINCE_FROM else f"{before[0]} calls of 40 missing: the server is silent"
    walk_table(title(server), **{"reset of one": said})


def test_a_restart_loses_nothing_that_the_server_saved(server, shop, walk_table):
    work(server)
    restart(server)
    work(server)
    shop.counted(shop.grown())
    walk_table(title(server), restart="nothing lost")


def test_after_a_restart_without_saved_statistics_everything_since_is_counted(server, shop):
    work(server, times=3)
    shop.counted(shop.grown())
    with settings(server, pg_stat_statements__save="off"):
        work(server, times=1)
        restart(server)
        work(server, times=1)
        shop.counted(shop.truth())


def test_after_a_crash_everything_since_is_counted(server, shop, walk_table):
    work(server, times=3)
    shop.counted(shop.grown())
    work(server, times=1)
    server.kill()
    server.start()
    work(server, times=1)
    shop.counted(shop.truth())
    walk_table(title(server), crash="all since")


def test_evicted_statements_are_missing_and_none_is_counted_twice(server, watch, walk_table):  # noqa: F811
    hot = "SELECT max(price) FROM item"
    with settings(server, pg_stat_statements__max="100"):
        restart(server)
        server.execute("SELECT pg_stat_statements_reset()", database="postgres")
        shop = Walk(server, watch(server))
        for _ in range(2):  # Potto's own statements, and those of this test
            server.execute(hot)
            shop.watched.collect()
            shop.begin()
        executed = kept = terms = 0
        for _ in range(3):
            for _ in range(60):
                terms += 1
                server.execute("SELECT id FROM item WHERE id IN (SELECT 1)" + " AND id = 1" * terms)
                server.execute(hot)
            executed += 120
            kept += shop.counted(shop.grown())[0]
    restart(server)
    assert 180 + 100 < kept <= executed, (kept, executed)
    walk_table(title(server), eviction=f"{executed - kept} calls of {executed} missing")


def test_an_older_version_of_the_extension_is_counted_as_it_counts(server, watch, walk_table):  # noqa: F811
    versions = sorted(set(EXTENSIONS.values()), key=lambda version: int(version[2:]))
    older = versions[: versions.index(EXTENSIONS[server.major])]
    for version in older:
        database = f"old_{version.replace('.', '_')}"
        server.execute(f"CREATE DATABASE {database}", database="postgres")
        server.execute(f"CREATE EXTENSION pg_stat_statements VERSION '{version}'", database=database)
        server.execute(walk.TABLES, database=database)
        for statement in far_servers.documented_grants():
            if statement.startswith("GRANT"):
                server.execute(statement, database=database)
        shop = Walk(server, watch(server, database=database), database=database, nested=version == "1.8")
        work(server, database=database)
        shop.counted(shop.grown())
        row = shop.watched.state()
        if version == "1.8":
            assert row.state == "warning" and "ALTER EXTENSION pg_stat_statements UPDATE" in row.remedy, row
        else:
            assert row.state == "ok", row
        work(server, database=database)
        server.execute("ALTER EXTENSION pg_stat_statements UPDATE", database=database)
        shop.nested = False
        if version == "1.8":  # whose entries are other ones
            shop.watched.collect()
            shop.begin()
        work(server, database=database)
        shop.counted(shop.grown())
        assert shop.watched.state().state == "ok"
    if older:
        walk_table(title(server), **{"old extension": f"{', '.join(older)}: equal"})


def test_an_extension_older_than_potto_reads_is_said(server, watch):  # noqa: F811
    server.execute("CREATE DATABASE ancient", database="postgres")
    server.execute("CREATE EXTENSION pg_stat_statements VERSION '1.7'", database="ancient")
    row = watch(server, database="ancient").wait_first_run()
    assert row.state == "warning" and "1.7 is older than Potto reads" in row.problem, row
    assert "ALTER EXTENSION pg_stat_statements UPDATE" in row.remedy


def test_after_a_failover_the_standby_counts_from_its_first_snapshot(server, watch, walk_table):  # noqa: F811
    server.stop()
    standby = server.standby(f"{server.directory.name}-standby")
    address = far_servers.Address(server.port)
    try:
        server.start()
        standby.start()
        shop = Walk(server, watch(server, port=address.port))
        for _ in range(40):  # the standby has statements of its own, and more of them
            for statement in walk.QUERIES:
                standby.execute(statement)
        work(server)
        shop.counted(shop.grown())
        work(server, times=1)  # lost with the server
        server.stop("immediate")
        standby.promote()
        address.move(standby.port)
        shop.server = standby
        work(standby, times=1)
        shop.counted({})  # nothing is known of what the standby did before
        work(standby)
        shop.counted(shop.grown())
        assert shop.watched.state().state == "ok"
        walk_table(title(server), failover="from the first snapshot on")
    finally:
        address.close()
        standby.stop("immediate")
        standby.remove()
        server.start()
