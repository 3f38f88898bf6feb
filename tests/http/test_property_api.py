"""Requests made from the description find no failure, nothing undescribed and nothing hidden; see property_api.py.

POTTO_PROPERTY_SEED and POTTO_PROPERTY_SECONDS change the seed and the time.
"""

import os

import pytest

import property_api
import servers

SEED = int(os.environ.get("POTTO_PROPERTY_SEED", "3"))
SECONDS = float(os.environ.get("POTTO_PROPERTY_SECONDS", "25"))


@pytest.fixture(scope="module")
def world(stack):
    return property_api.World(stack)


def test_nothing_made_from_the_description_fails_or_shows_what_is_hidden(stack, world):
    workers = stack.children("fcgi")
    counts = property_api.run(world, SEED, SECONDS)
    assert stack.children("fcgi") == workers, "a worker died"
    assert {200, 201, 400, 403, 404, 422} <= set(counts), counts


def test_planted_texts_are_seen_by_those_who_may(stack, world):
    """Shows that there is something to find: else the run above would prove nothing."""
    rows = stack.sql("SELECT count(*) AS count FROM query_fingerprints WHERE fingerprint LIKE %s", f"%{world.marker}%")
    assert rows[0].count >= 2


@pytest.mark.parametrize(
    "value, is_found",
    [({"connection_id": 7}, True), ({"items": [{"database_connection_ids": [1, 7]}]}, True), ({"calls": 7}, False)],
)
def test_hidden_ids_are_found_where_they_stand(value, is_found):
    hidden = {"connection": {7}, "user": set(), "team": set(), "job": set()}
    assert bool(list(property_api.hidden_ids_in(value, hidden))) == is_found


def test_forged_cursor_has_the_bytes_of_a_real_one(api):
    """Otherwise the run would only send cursors that are refused at once."""
    for name in ("a", "b"):
        servers.AgentFactory(api)(name=property_api.unique(name))
    page = api.get("/api/v1/database-connections", params={"limit": 1}).json()
    forged = property_api.forge_cursor(
        "database-connections", [page["items"][0]["id"]], page["items"][0]["name"].encode()
    )
    assert page["next_cursor"] == forged
