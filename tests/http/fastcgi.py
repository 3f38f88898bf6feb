"""FastCGI by hand, to a worker's socket."""

import socket
import struct

BEGIN, PARAMS, STDIN = 1, 4, 5
RESPONDER = 1


def record(kind, content=b"", version=1, request_id=1, padding=0):
    head = struct.pack(">BBHHBB", version, kind, request_id, len(content), padding, 0)
    return head + content + b"\0" * padding


def length(number):
    return bytes([number]) if number < 128 else struct.pack(">I", number | 0x80000000)


def pair(name, value):
    name, value = name.encode(), value.encode()
    return length(len(name)) + length(len(value)) + name + value


def begin(role=RESPONDER, **options):
    return record(BEGIN, struct.pack(">HB5x", role, 0), **options)


def pairs(path, method="GET", **more):
    named = {"REQUEST_METHOD": method, "REQUEST_URI": path, "REMOTE_ADDR": "127.0.0.1", **more}
    return b"".join(pair(name, value) for name, value in named.items())


def request(path, method="GET", body=b"", **more):
    if body:
        more.setdefault("CONTENT_LENGTH", str(len(body)))
    head = begin() + record(PARAMS, pairs(path, method, **more)) + record(PARAMS)
    parts = [record(STDIN, body[at : at + 65535]) for at in range(0, len(body), 65535)]
    return head + b"".join(parts) + record(STDIN)


def connect(path, timeout_s=40):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(timeout_s)
    peer.connect(str(path))
    return peer


def read_all(peer):
    """Everything until the other side closes; what came before a reset."""
    data = b""
    try:
        while piece := peer.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def answer_of(data):
    """Status code and body of an answer's records."""
    out, at = b"", 0
    while at < len(data):
        _, kind, _, size, padding, _ = struct.unpack(">BBHHBB", data[at : at + 8])
        out += data[at + 8 : at + 8 + size] if kind == 6 else b""
        at += 8 + size + padding
    head, _, body = out.partition(b"\r\n\r\n")
    return int(head.split()[1]), body
