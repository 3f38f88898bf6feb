#!/usr/bin/env python3
"""summarize.py RESULTS LOGS RUNNER…: the counts of each runner of dev/test, and their sum as the last line.

A runner that left no result, or ran no test, counts as one failure. Exit status 0 if nothing failed.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def unit(results):
    """Counts of ctest's JUnit file; those of cmocka are in the programs' output."""
    passed = failed = skipped = 0
    failures = []
    for case in ElementTree.parse(results / "unit.xml").getroot().iter("testcase"):
        output = "".join(case.itertext())
        counts = {word: sum(int(n) for n in re.findall(rf"\[  {word}  \] (\d+) test", output))
                  for word in ("PASSED", "FAILED", "SKIPPED")}
        broken = case.get("status") not in ("run", "notrun", "disabled")
        skipped += counts["SKIPPED"] + (case.get("status") in ("notrun", "disabled"))
        passed += counts["PASSED"] or (0 if broken or case.get("status") != "run" else 1)
        # A program that a sanitizer or a signal has ended has no count, or one without this failure.
        failed += max(counts["FAILED"], 1) if broken else 0
        if broken:
            failures.append(case.get("name") + "".join(f"\n      {name}" for name in sorted(set(
                re.findall(r"\[  FAILED  \] ([a-z_][a-z_0-9]*)", output)))))
    return passed, failed, skipped, failures


def pytest_counts(file):
    passed = failed = skipped = 0
    failures = []
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        name = f"{case.get('classname')}.{case.get('name')}"
        if kinds & {"failure", "error"}:
            failed += 1
            failures.append(name)
        elif "skipped" in kinds:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped, failures


def http(results):
    return pytest_counts(results / "http.xml")


def docker(results):
    """Without an engine every test is skipped, which is no failure."""
    return pytest_counts(results / "docker.xml")


def far(results):
    """Servers that can't be had are skipped, which is no failure."""
    return pytest_counts(results / "far.xml")


def node_tests(file):
    """Counts from the last lines of node --test: `# pass 5` (tap) or `ℹ pass 5` (spec)."""
    text = file.read_text(errors="replace")
    counts = {word: int(n) for word, n in re.findall(r"^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)", text, re.M)}
    if "pass" not in counts:
        raise ValueError("no count of passed tests")
    failures = re.findall(r"^\s*(?:not ok \d+ - |✖ )(.*)$", text, re.M)
    return (counts["pass"], counts.get("fail", 0) + counts.get("cancelled", 0),
            counts.get("skipped", 0) + counts.get("todo", 0), failures)


def web(results):
    return node_tests(results / "web.txt")


def browser(results):
    return node_tests(results / "browser.txt")


RUNNERS = {"unit": unit, "web": web, "http": http, "browser": browser, "docker": docker, "far": far}
MAY_SKIP_ALL = ("docker", "far")


def main():
    results, logs = Path(sys.argv[1]), Path(sys.argv[2])
    total = [0, 0, 0]
    for runner in sys.argv[3:]:
        try:
            passed, failed, skipped, failures = RUNNERS[runner](results)
            if passed + failed == 0 and not (runner in MAY_SKIP_ALL and skipped):
                raise ValueError("no test ran")
        except (OSError, ValueError, ElementTree.ParseError) as problem:
            passed, failed, skipped, failures = 0, 1, 0, [f"no result: {problem}"]
        print(f"{runner}: {passed} passed, {failed} failed, {skipped} skipped  ({logs / (runner + '.log')})")
        for failure in failures:
            print(f"    FAILED {failure}")
        if failed:
            log = logs / f"{runner}.log"
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            told = [
                line
                for at, line in enumerate(lines)
                if any("not ok " in before for before in lines[max(0, at - 30) : at + 1])
            ]
            print("\n".join(["    | " + line for line in (told or lines)[-80:]]))
        total = [total[0] + passed, total[1] + failed, total[2] + skipped]
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
