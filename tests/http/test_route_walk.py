"""Every route of the route table, called by every kind of caller, about a connection of each visibility. Checks the
status and, for reads, the exact set of connections whose data is returned. route_expectations.py has the expectations;
a route without one fails."""

import json
import subprocess

import pytest
import visibility_world
from route_expectations import EXPECTATIONS


@pytest.fixture(scope="module")
def world(stack):
    return visibility_world.World(stack)


def test_every_route_is_expected_and_every_expectation_has_a_route(stack):
    lines = subprocess.run([stack.program("potto-fcgi"), "--check"], capture_output=True, text=True, check=True).stdout
    table = {f"{row['method']} {row['path']}": row for row in map(json.loads, lines.splitlines())}
    expected = {name.split(" #")[0] for name in EXPECTATIONS}
    assert set(table) - expected == set(), "routes that nobody said what to expect of"
    assert expected - set(table) == set(), "expectations of routes that are not there"
    for name, expectation in EXPECTATIONS.items():
        assert expectation.is_page == table[name.split(" #")[0]]["is_page"], name


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_route_answers_everybody_as_expected(world, name):
    faults = visibility_world.faults(world, name, EXPECTATIONS[name])
    assert not faults, "\n".join(faults)
