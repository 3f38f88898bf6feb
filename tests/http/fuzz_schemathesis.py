"""dev/fuzz-api: schemathesis over static/openapi.json as each role, against a Potto of its own.

usage: fuzz_schemathesis.py SCHEMATHESIS DIRECTORY SECONDS [ROLE …]

Beside the checks of schemathesis: no answer may hold data planted for others (all answers are kept in
DIRECTORY/ROLE.ndjson while it runs), no worker may die and no sanitizer may report.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import description
import property_api
import servers

ROLES = ("viewer", "member", "admin", "agent", "mongodb_agent")
# Some rules of a value are not in its schema but only in words (a limit in bytes; the caller's own team). So
# schemathesis must not check which valid values are accepted and which odd ones are refused.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,allow_header_conformance"
)


def token_of(world, role):
    if role.endswith("agent"):
        return world.client(role).token
    client = world.client(role)
    client.sign_in()
    return client.token


def run(program, directory, seconds, world, role, seed):
    report = directory / f"{role}.ndjson"
    command = [
        program,
        *(
            "run",
            str(description.FILE),
            "--url",
            world.stack.url,
            "--header",
            f"Authorization: Bearer {token_of(world, role)}",
        ),
        *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-time", str(seconds), "--seed", str(seed)),
        *("--suppress-health-check", "all", "--continue-on-failure", "--warnings", "off", "--request-timeout", "60"),
        *("--report", "ndjson", "--report-ndjson-path", str(report), "--output-sanitize", "false", "--no-color"),
    ]
    with open(directory / f"{role}.log", "w", encoding="utf-8") as log:
        # schemathesis checks its time only between two operations; a run that takes much longer has hung.
        status = subprocess.run(
            command, stdout=log, stderr=subprocess.STDOUT, timeout=seconds * 5 + 300, check=False
        ).returncode
    faults = [] if status == 0 else [f"schemathesis ended with {status}: see {directory / f'{role}.log'}"]
    if world.marker in report.read_text(encoding="utf-8", errors="replace"):
        faults.append(f"what is hidden from {role} is in {report}")
    return faults


def main():
    program, directory, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    seed = int(os.environ.get("POTTO_PROPERTY_SEED") or random.randrange(2**31))
    stack = servers.Stack(f"fuzz-api-{os.getpid()}", Path(os.environ["POTTO_BUILD_DIR"]))
    faults = []
    print(f"seed {seed}, {seconds} s for each role; logs in {directory}", flush=True)
    try:
        stack.start()
        world = property_api.World(stack)
        workers = stack.children("fcgi")
        for role in sys.argv[4:] or ROLES:
            found = run(program, directory, seconds, world, role, seed)
            print(f"{role}: {'; '.join(found) or 'nothing found'}", flush=True)
            faults += found
        if stack.children("fcgi") != workers:
            faults.append("a worker died")
    finally:
        stack.down()
        faults += stack.sanitizer_reports()
        stack.remove()
    print("\n".join(faults) or "nothing found")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
