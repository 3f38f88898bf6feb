"""People for the tests: made by the command line, signed in over HTTP."""

import json
import random

import servers

PASSWORD = "a long enough password"


def unique(prefix):
    return f"{prefix}-{random.getrandbits(40):010x}"


class Account:
    """A user of the stack; .client is signed in."""

    def __init__(self, stack, role="member", team=None, organization=None):
        self.stack = stack
        self.email = unique("user") + "@example.com"
        self.password = PASSWORD
        arguments = ["user", "create", "--email", self.email, "--role", role, "--password-file", "-"]
        arguments += ["--name", f"Somebody {role}"]
        arguments += ["--team", team] if team else []
        arguments += ["--organization", organization] if organization else []
        made = json.loads(stack.cli(*arguments, stdin=PASSWORD + "\n").stdout)
        self.id, self.organization_id = made["id"], made["organization_id"]
        self._client = None

    @property
    def client(self):
        if self._client is None:
            self._client = servers.SignedInClient(self.stack.url, self.email, self.password)
        return self._client

    def deactivate(self):
        self.stack.cli("user", "deactivate", "--email", self.email)

    def activate(self):
        self.stack.cli("user", "activate", "--email", self.email)


def login(stack, email, password=PASSWORD):
    return servers.Client(stack.url).post("/api/v1/auth/login", json={"email": email, "password": password})


def team_id(stack, name):
    return stack.sql("SELECT id FROM teams WHERE name = %s", name)[0].id


def problem_fields(answer):
    """field -> message of a problem+json."""
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    return {error["field"]: error["message"] for error in answer.json().get("errors", [])}
