"""Forged access tokens: each is answered with 401, and the worker continues."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
import servers
from accounts import Account

ME = "/api/v1/auth/me"


@pytest.fixture(scope="module")
def account(stack):
    return Account(stack, role="admin")


@pytest.fixture(scope="module")
def secret(stack):
    return bytes.fromhex(stack.env["JWT_SECRET"])


def claims_of(account, **changes):
    now_us = int(time.time() * 1e6)
    now = now_us // 1_000_000
    claims = {
        "iss": "potto",
        "sub": str(account.id),
        "org": account.organization_id,
        "use": "access",
        "iat": now,
        "nbf": now,
        "exp": now + 900,
        "iat_us": now_us,
    }
    claims.update(changes)
    return {name: value for name, value in claims.items() if value is not None}


def kid_of(secret):
    """The name of a key that has none in the settings."""
    return hashlib.sha256(secret).hexdigest()[:8]


def signed(claims, secret, algorithm="HS256", key=None, **headers):
    """A token that names the configured key, signed with it or with `key`."""
    headers = {"kid": kid_of(secret), **headers}
    headers = {name: value for name, value in headers.items() if value is not None}
    return jwt.encode(claims, key or secret, algorithm=algorithm, headers=headers)


def status_with(anonymous, token):
    return anonymous.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_token_made_with_the_right_key_is_taken(anonymous, account, secret):
    """The baseline: the tokens below are refused because of what they change, not because of how they are made."""
    assert status_with(anonymous, signed(claims_of(account), secret)) == 200


@pytest.mark.parametrize("kid", [None, "", "0", "00000000", "../../../dev/null", "' OR 1=1 --", "A" * 1000])
def test_key_that_is_not_ours_is_refused_though_the_signature_fits(anonymous, account, secret, kid):
    assert status_with(anonymous, signed(claims_of(account), secret, kid=kid)) == 401


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_alg_none_is_refused(anonymous, account, name, signature):
    token = f"{part({'typ': 'JWT', 'alg': name})}.{part(claims_of(account))}.{signature}"
    assert status_with(anonymous, token) == 401


def test_alg_none_with_the_signature_of_a_real_token_is_refused(anonymous, account):
    account.client.get(ME)
    header, payload, signature = account.client.token.split(".")
    assert status_with(anonymous, f"{part({'typ': 'JWT', 'alg': 'none'})}.{payload}.{signature}") == 401
    assert status_with(anonymous, f"{header}.{payload}.") == 401
    assert status_with(anonymous, f"{header}.{payload}") == 401


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_hmac_is_refused_even_with_the_right_key(anonymous, account, secret, algorithm):
    assert status_with(anonymous, signed(claims_of(account), secret, algorithm=algorithm)) == 401


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256", "EdDSA"])
def test_asymmetric_algorithm_with_an_hmac_under_it_is_refused(anonymous, account, secret, algorithm):
    signing = f"{part({'typ': 'JWT', 'alg': algorithm, 'kid': kid_of(secret)})}.{part(claims_of(account))}"
    mac = hmac.new(secret, signing.encode(), hashlib.sha256).digest()
    token = f"{signing}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert status_with(anonymous, token) == 401


@pytest.mark.parametrize("key", [b"", b"secret", b"\0" * 32, b"x" * 64])
def test_another_key_is_refused(anonymous, account, secret, key):
    token = f"{part({'typ': 'JWT', 'alg': 'HS256', 'kid': kid_of(secret)})}.{part(claims_of(account))}"
    mac = hmac.new(key, token.encode(), hashlib.sha256).digest()
    assert status_with(anonymous, f"{token}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}") == 401


def test_hexadecimal_of_the_key_is_not_the_key(anonymous, account, secret):
    assert status_with(anonymous, signed(claims_of(account), secret, key=secret.hex())) == 401


HOUR = 3600


@pytest.mark.parametrize(
    "change",
    [
        {"exp": int(time.time()) - 1},
        {"exp": 0},
        {"exp": None},
        {"exp": "never"},
        {"exp": 2**63 - 1},
        {"iat": int(time.time()) + HOUR, "iat_us": (int(time.time()) + HOUR) * 1_000_000},
        {"nbf": int(time.time()) + HOUR},
        {"iat": None},
        {"nbf": None},
        {"iat_us": None},
        {"iat_us": 1},
        {"iss": "somebody"},
        {"iss": None},
        {"use": "refresh"},
        {"use": None},
        {"sub": "0"},
        {"sub": "-1"},
        {"sub": "999999999"},
        {"sub": "9" * 30},
        {"sub": 1},
        {"sub": None},
        {"sub": "1 OR 1=1"},
        {"org": 999999999},
        {"org": "1"},
        {"org": None},
        {"org": -1},
        {"role": "admin", "sub": None},
    ],
    ids=servers.title,
)
def test_claim_that_is_wrong_is_refused(anonymous, account, secret, change):
    token = signed(claims_of(account, **change), secret)
    assert status_with(anonymous, token) == 401


def test_another_type_is_refused(anonymous, account, secret):
    token = signed(claims_of(account), secret, typ="at+jwt")
    assert status_with(anonymous, token) == 401


def test_user_of_another_organization_is_nobody(anonymous, account, secret, stack):
    other = stack.sql("INSERT INTO organizations (name) VALUES ('jwt other ' || now()) RETURNING id")[0].id
    token = signed(claims_of(account, org=other), secret)
    assert status_with(anonymous, token) == 401


def test_role_in_a_token_means_nothing(anonymous, stack, secret):
    viewer = Account(stack, role="viewer")
    token = signed(claims_of(viewer, role="admin"), secret)
    answer = anonymous.get(ME, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.json()["role"] == "viewer"


def test_token_from_before_the_last_password_is_refused(anonymous, stack, secret):
    account = Account(stack)
    token = signed(claims_of(account), secret)
    assert status_with(anonymous, token) == 200
    stack.cli("user", "password", "--email", account.email, "--password-file", "-", stdin="another password\n")
    assert status_with(anonymous, token) == 401


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer .",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer " + "a" * 3000,
        "Bearer " + "a." * 1000,
        "Basic YWRtaW46YWRtaW4=",
        "bearer",
        "Bearer agt_x",
        "Bearer null",
        "Bearer undefined",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
    ],
)
def test_text_that_is_no_token_is_refused(anonymous, authorization):
    assert anonymous.get(ME, headers={"Authorization": authorization}).status_code == 401


def test_workers_went_on(anonymous, account):
    assert anonymous.get("/health").status_code == 200
    assert account.client.get(ME).status_code == 200
