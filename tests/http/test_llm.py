"""What questions to language models may cost, and that they are kept. The model is a stand-in for Ollama."""

import json
import os
import ssl
import subprocess
import threading

import psycopg2
import pytest

import ollama_stand_in
from accounts import Account
from servers import SignedInClient

QUESTIONS = "/api/v1/llm/questions"
OWN = 10**12  # an organization that nothing else has

RESERVE = """SELECT question_id, refusal
             FROM llm_reserve(%(organization)s, NULL, NULL, 'test', %(kind)s, %(model)s, %(input)s, %(output)s, 1000,
                              %(tokens)s, %(ms)s, %(money)s, 'SELECT ?')"""


@pytest.fixture(scope="module")
def ollama():
    with ollama_stand_in.running() as url:
        yield url


@pytest.fixture
def owner(stack):
    connection = psycopg2.connect(stack.owner_dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM llm_questions WHERE organization_id = %s", [OWN])
        cursor.execute("DELETE FROM llm_days WHERE organization_id = %s", [OWN])
        yield cursor
    connection.close()


def reserve(cursor, **values):
    cursor.execute(RESERVE, {"organization": OWN, "kind": "ollama", "model": "m", "input": 60, "output": 40,
                             "tokens": 0, "ms": 0, "money": 0, **values})
    return cursor.fetchone()


def ask(stack, ollama, **settings):
    done = subprocess.run(
        [stack.program("potto"), "llm", "check", "--budget", "--json"], capture_output=True, text=True, timeout=60,
        env={**os.environ, **stack.env, "ASAN_OPTIONS": "detect_leaks=0", "OLLAMA_BASE_URL": ollama,
             "OLLAMA_MODEL": ollama_stand_in.MODEL, **settings})
    return done.returncode, json.loads(done.stdout)["question"]


def test_parallel_questions_stay_within_the_budget(stack, owner):
    got = []

    def reserve_one():
        with psycopg2.connect(stack.owner_dsn) as connection, connection.cursor() as cursor:
            got.append(reserve(cursor, tokens=550))

    threads = [threading.Thread(target=reserve_one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refusal or "" for _, refusal in got) == [""] * 5 + ["tokens"] * 7


def test_what_a_killed_process_has_reserved_is_given_back(owner):
    question, _ = reserve(owner, tokens=150)
    assert reserve(owner, tokens=150)[1] == "tokens"
    owner.execute("UPDATE llm_questions SET expires_at = now() - interval '1 s' WHERE id = %s", [question])
    assert reserve(owner, tokens=150)[1] is None


def test_each_budget_holds_by_itself(owner):
    reserve(owner)
    assert reserve(owner, ms=1999)[1] == "time"
    assert reserve(owner, kind="claude", model="claude-opus-4-1", money=60 * 15 + 40 * 75 - 1)[1] == "money"
    assert reserve(owner, kind="claude", model="claude-opus-4-5-20251101", money=60 * 5 + 40 * 25)[1] is None
    assert reserve(owner, kind="claude", model="unheard-of", money=10**9)[1] == "price"
    assert reserve(owner, kind="claude", model="unheard-of")[1] is None


def test_a_question_is_kept_with_what_it_cost(stack, owner, ollama):
    owner.execute("SELECT coalesce(sum(tokens), 0), coalesce(sum(questions), 0) FROM llm_days")
    tokens_before, questions_before = owner.fetchone()
    code, told = ask(stack, ollama)
    assert (code, told["outcome"]) == (0, "answered")
    kept = SignedInClient(stack.url, stack.admin_email, stack.admin_password).get(QUESTIONS, params={"limit": 1})
    (question,) = kept.json()["items"]
    assert {**question, "id": 1, "asked_at": "", "ms": 0, "question": ""} == {
        "id": 1, "asked_at": "", "purpose": "check", "is_own": False, "database_connection_id": None, "kind": "ollama",
        "model": ollama_stand_in.MODEL, "outcome": "answered", "problem": None, "input_tokens": 50, "output_tokens": 12,
        "ms": 0, "cost_usd": 0, "question": "", "answer": ollama_stand_in.SAID}
    assert told["asked"] in question["question"] and "example.com" not in question["question"]
    assert Account(stack, "viewer").client.get(QUESTIONS).json()["items"] == []
    owner.execute("SELECT sum(tokens), sum(questions) FROM llm_days")
    assert owner.fetchone() == (tokens_before + 62, questions_before + 1)


def test_over_budget_nothing_is_asked(stack, owner, ollama):
    asked = len(ollama_stand_in.ASKED)
    code, told = ask(stack, ollama, POTTO_LLM_TOKENS_PER_DAY="10")
    assert (code, told["outcome"]) == (1, "over budget")
    assert told["problem"] == "The organization has used its tokens for language models of today."
    assert len(ollama_stand_in.ASKED) == asked


def test_who_did_not_ask_reads_no_question(stack, owner):
    ids = [reserve(owner)[0] for _ in range(3)]
    owner.execute("UPDATE llm_questions SET user_id = 1 WHERE id = %s", [ids[1]])
    owner.execute("UPDATE llm_questions SET user_id = 1, database_connection_id = 7 WHERE id = %s", [ids[2]])
    seen = {}
    with psycopg2.connect(stack.api_dsn) as connection, connection.cursor() as cursor:
        for user, role, connections in ((1, "viewer", "{}"), (1, "viewer", "{7}"), (2, "viewer", "{7}"),
                                        (2, "admin", "{7}")):
            for name, value in (("organization_id", OWN), ("user_id", user), ("role", role),
                                ("connection_ids", connections)):
                cursor.execute("SELECT set_config(%s, %s, true)", [f"potto.{name}", str(value)])
            cursor.execute("SELECT id FROM llm_questions ORDER BY id")
            seen[user, role, connections] = [row[0] for row in cursor.fetchall()]
    assert seen == {(1, "viewer", "{}"): [ids[1]], (1, "viewer", "{7}"): ids[1:], (2, "viewer", "{7}"): [],
                    (2, "admin", "{7}"): ids[:1]}


@pytest.mark.parametrize("name,is_trusted,words", [
    ("IP:127.0.0.1", True, None),
    ("IP:127.0.0.1", False, "certificate is not trusted"),
    ("DNS:other.example.com", True, "certificate is not trusted"),
])
def test_a_server_with_tls_is_asked_only_if_its_certificate_is_trusted(stack, tmp_path, name, is_trusted, words):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-addext",
                    f"subjectAltName={name}", "-out", certificate, "-keyout", key], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    trusted = {"POTTO_HTTP_CA_FILE": str(certificate)} if is_trusted else {}
    with ollama_stand_in.running(context) as url:
        done = subprocess.run(
            [stack.program("potto"), "llm", "check", "--json"], capture_output=True, text=True, timeout=60,
            env={"PATH": os.environ["PATH"], "ASAN_OPTIONS": "detect_leaks=0", "OLLAMA_BASE_URL": url,
                 "OLLAMA_MODEL": ollama_stand_in.MODEL, **trusted})
    told = json.loads(done.stdout)
    if words is None:
        assert told["status"] == "reachable" and told["question"]["outcome"] == "answered", done.stderr
    else:
        assert told["status"] == "not reachable" and words in told["problem"] and told["question"] is None


def test_the_caller_reads_what_the_caller_asked_page_by_page(stack, owner):
    member = Account(stack, "member")
    owner.execute("SELECT organization_id FROM users WHERE id = %s", [member.id])
    (organization,) = owner.fetchone()
    ids = [reserve(owner, organization=organization)[0] for _ in range(3)]
    owner.execute("UPDATE llm_questions SET user_id = %s WHERE id = ANY (%s)", [member.id, ids[:2]])
    owner.execute("UPDATE llm_questions SET expires_at = now() - interval '1 s' WHERE id = ANY (%s)", [ids[:1]])
    first = member.client.get(QUESTIONS, params={"limit": 1}).json()
    second = member.client.get(QUESTIONS, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    shown = [(item["id"], item["outcome"], item["is_own"]) for item in first["items"] + second["items"]]
    assert shown == [(ids[1], "open", True), (ids[0], "lost", True)] and second["next_cursor"] is None
    owner.execute("DELETE FROM llm_questions WHERE id = ANY (%s)", [ids])
