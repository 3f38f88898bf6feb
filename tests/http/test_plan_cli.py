"""potto plan: what is wrong with a plan, on the command line."""

import json

from servers import PROJECT

PLANS = PROJECT / "tests/plans"


def test_a_plan_is_analyzed_from_a_file_or_standard_input(stack):
    file = PLANS / "postgresql/seq_scan_keeps_few.fires.json"
    done = stack.cli("plan", "analyze", "--json", file, check=False)
    answer = json.loads(done.stdout)
    assert done.returncode == 1 and answer["was_run"] and answer["dialect"] == "postgresql"
    finding = next(each for each in answer["findings"] if each["rule"] == "seq_scan_keeps_few")
    assert finding["severity"] == "critical" and finding["node"]["relation"] == "events"
    assert finding["saves_share"] > 0.5 and "(amount)" in finding["remedy"]

    text = stack.cli("plan", "analyze", "-", stdin=file.with_suffix(".txt").read_text(), check=False)
    assert text.returncode == 1 and "critical: " in text.stdout and "[seq_scan_keeps_few]" in text.stdout


def test_the_exit_status_tells_what_came_of_it(stack):
    healthy = "Index Scan using t_pkey on t  (cost=0.29..8.30 rows=1 width=4)\n  Index Cond: (id = 7)\n"
    done = stack.cli("plan", "analyze", "-", stdin=healthy, check=False)
    assert done.returncode == 0 and "rules were not examined" in done.stdout
    for arguments, stdin in (
        (("analyze", "-"), "hello"),
        (("analyze", "/nowhere"), ""),
        (("analyze", "--engine", "mysql", "-"), healthy),
        (("analyze", "--engine", "oracle", "-"), healthy),
        (("analyze", "--wrong", "-"), healthy),
        (("analyze",), healthy),
        ((), healthy),
    ):
        done = stack.cli("plan", *arguments, stdin=stdin, check=False)
        assert done.returncode == 2 and done.stderr and not done.stdout, arguments
    assert "| `seq_scan_keeps_few` |" in stack.cli("plan", "rules").stdout
