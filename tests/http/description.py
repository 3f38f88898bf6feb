"""static/openapi.json, and checking answers against it.

check(method, path, answer) raises Undocumented when an answer of the API is not as described: its status, its content
type, its body. The clients of servers.py call it for every answer, so that a mismatch fails the test that caused it.
"""

import functools
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema

FILE = Path(__file__).resolve().parents[2] / "static" / "openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")

# The same as in fcgi/request/path_alias.c.
ALIASES = {
    "/api/connections": "/api/v1/database-connections",
    "/api/monitoring": "/api/v1/monitoring",
    "/api/dashboard": "/api/v1/dashboard",
}


class Undocumented(AssertionError):
    """An answer that is not in the description."""


def without_repeats(members):
    """An object of JSON; Swagger UI shows nothing of a description in which a name stands twice."""
    names = [name for name, _ in members]
    assert len(names) == len(set(names)), f"repeated: {sorted({name for name in names if names.count(name) > 1})}"
    return dict(members)


@functools.lru_cache(maxsize=None)
def load():
    return json.loads(FILE.read_text(), object_pairs_hook=without_repeats)


def resolve(thing):
    """The component that a {"$ref"} names; any other value unchanged."""
    while "$ref" in thing:
        found = load()
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        thing = found
    return thing


def operations():
    """(method, path, operation) of every operation."""
    for path, item in load()["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


@functools.lru_cache(maxsize=None)
def _patterns():
    """Paths as regular expressions; those with fewer parameters first."""
    paths = sorted(load()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + r"\Z"), path) for path in paths]


def path_of(url_path):
    """The described path of an address; None: it is not an address of the API."""
    for prefix, whole in ALIASES.items():
        if url_path == prefix or url_path.startswith(prefix + "/"):
            url_path = whole + url_path[len(prefix) :]
    return next((path for pattern, path in _patterns() if pattern.match(url_path)), None)


def is_of_the_api(url_path):
    return url_path in ("/health", "/metrics") or url_path == "/api" or url_path.startswith("/api/")


@functools.lru_cache(maxsize=None)
def _validator(reference):
    """A validator for the schema at a JSON pointer into the description."""
    resolver = jsonschema.RefResolver("", load())
    return jsonschema.Draft202012Validator({"$ref": reference}, resolver=resolver)


def _pointer(*steps):
    return "#/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def faults(value, reference):
    """Sentences about what is wrong with a value, by the schema at a JSON pointer."""
    found = _validator(reference).iter_errors(value)
    return [f"{'/'.join(map(str, error.absolute_path)) or 'the body'}: {error.message[:300]}" for error in found]


def _response_pointer(path, method, status):
    response = load()["paths"][path][method]["responses"].get(status)
    if response is None:
        return None
    return response.get("$ref") or _pointer("paths", path, method, "responses", status)


def _media_type(answer):
    return answer.headers.get("Content-Type", "").split(";")[0].strip()


def _problem_faults(answer, status):
    if answer.status_code != status or _media_type(answer) != "application/problem+json":
        return [f"{answer.status_code} {_media_type(answer)}, where only a problem+json of {status} can be"]
    return faults(answer.json(), "#/components/schemas/Problem")


def _faults_of(method, url_path, answer, is_head):
    if answer.status_code == 414:
        return _problem_faults(answer, 414)
    path = path_of(url_path)
    if path is None or method not in load()["paths"][path]:
        if is_head:
            return []
        # A malformed address is answered with 400 before its path is compared.
        status = 400 if answer.status_code == 400 else 404 if path is None else 405
        return _problem_faults(answer, status) + (
            ["405 without Allow"] if answer.status_code == 405 and "Allow" not in answer.headers else []
        )
    status = str(answer.status_code)
    pointer = _response_pointer(path, method, status)
    if pointer is None:
        return [f"status {status} is not described"]
    content = resolve({"$ref": pointer}).get("content")
    if content is None or is_head:
        return ["a body, where none is described"] if answer.content else []
    media_type = _media_type(answer)
    if media_type not in content:
        return [f"content type {media_type!r} is not described for {status}"]
    if "json" not in media_type:
        return []
    return faults(answer.json(), pointer + "/" + _pointer("content", media_type, "schema")[2:])


def check(method, url, answer):
    """Check `answer`, a response of the library requests, to `method` at `url`."""
    url_path = urlsplit(url).path
    if not is_of_the_api(url_path):
        return
    wrong = _faults_of("get" if method == "HEAD" else method.lower(), url_path, answer, method == "HEAD")
    if "X-Request-Id" not in answer.headers:
        wrong.append("no X-Request-Id")
    if wrong:
        raise Undocumented(
            f"{method} {url_path}: {answer.status_code} is not as static/openapi.json has it\n  "
            + "\n  ".join(wrong[:10])
            + f"\n  {answer.text[:1000]}"
        )
