"""HTTP by hand, for requests that clients refuse to send."""

import socket
from urllib.parse import urlsplit


def exchange(url, data, timeout_s=10):
    """Send bytes, read until the other side closes; returns (status code, headers, body)."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=timeout_s) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines[1:]]
    return int(lines[0].split()[1]), headers, body


def get(url, target, headers=()):
    lines = [f"GET {target} HTTP/1.1", "Host: potto", "Connection: close", *headers]
    return exchange(url, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
