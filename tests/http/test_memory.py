"""Resident memory of workers is limited and does not grow with requests. dev/bench memory sends 100,000."""

import load_mix
import servers

RESIDENT_BYTES_MAX = 15_000_000
GROWTH_BYTES_MAX = 1_000_000


def test_workers_stay_small_and_do_not_grow(plain_stack):
    api = servers.SignedInClient(plain_stack.url, plain_stack.admin_email, plain_stack.admin_password)
    agent = servers.AgentFactory(api)()
    api.get("/api/v1/auth/me")

    def send(count):
        wrong = load_mix.send_mix(plain_stack.url, api.token, agent.token, count)
        assert wrong == {}
        return {pid: load_mix.resident_bytes(pid) for pid in plain_stack.children("fcgi")}

    warm = send(3000)
    after = send(4000)
    assert after.keys() == warm.keys(), "a worker was replaced"
    for pid, resident in after.items():
        assert resident < RESIDENT_BYTES_MAX, f"{resident} bytes"
        assert resident - warm[pid] < GROWTH_BYTES_MAX, f"{warm[pid]} then {resident} bytes"
