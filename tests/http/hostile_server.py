"""What the hostile stand-ins share: a server with a thread for each connection, which keeps every byte it was sent.

A stand-in speaks a database's protocol like an honest server, except at the one place that its attack is about.
hostile_postgres_server.py and hostile_mysql_server.py have the protocols, hostile_postgres.py and hostile_mysql.py the
tables of attacks.
"""

import contextlib
import itertools
import random
import select
import socket
import struct
import threading
import time

MEGABYTE = 1 << 20
INT64_MAX = (1 << 63) - 1
ANY = ("ok", "warning", "failed")  # states of a connection
# Control characters and markup, where a server may say words.
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\n</script><script>alert(1)</script>\"',;--\x7f"
KEPT_BYTES_MAX = 32 << 20  # of what one stand-in was sent
PIECE = 1 << 20

# Each stand-in has an address of its own, since Potto counts runs by host.
_addresses = itertools.count(random.randrange(1 << 12) << 8)


def own_address():
    number = next(_addresses)
    return f"127.{66 + (number >> 16) % 64}.{(number >> 8) & 255}.{number % 254 + 1}"


class Gone(Exception):
    """The other side is away, or the stand-in is stopped."""


class Attack:
    """What a stand-in does at one point of the protocol.

    point: the point's name. act(session) does something else there than an honest server; where it returns HONEST, the
    stand-in goes on like one. ends: states in which the connection may be afterwards. runs: how many runs the attack
    needs. probed: a connection test meets it too. fields: of the connection. is_hungry: it goes for memory. told: a
    pattern that the connection's problem has.
    """

    def __init__(self, point, act, ends=("failed",), runs=1, probed=False, fields=None, is_hungry=False, told=""):
        self.point, self.act, self.ends, self.runs = point, act, ends, runs
        self.probed, self.fields, self.is_hungry, self.told = probed, fields or {}, is_hungry, told


HONEST = object()  # what an attack returns after which the stand-in goes on like an honest server


class Link:
    """One connection, as its server sees it."""

    def __init__(self, server, raw):
        self.server, self.raw = server, raw
        raw.settimeout(0.2)

    def read(self, size):
        data = bytearray()
        while len(data) < size:
            data += self._some(size - len(data))
        return bytes(data)

    def _some(self, size):
        while not self.server.is_stopped:
            with contextlib.suppress(TimeoutError):
                piece = self.raw.recv(min(size, PIECE))
                if not piece:
                    raise Gone
                self.server.keep(piece)
                return piece
        raise Gone

    def write(self, data):
        view = memoryview(data)
        while len(view) > 0:
            if self.server.is_stopped:
                raise Gone
            with contextlib.suppress(TimeoutError):
                view = view[self.raw.send(view[:PIECE]) :]
        self.server.written_bytes += len(data)

    def flood(self, data, bytes_max=1 << 40):
        """Write the same again and again."""
        piece = data * max(1, 65536 // len(data))
        for _ in range(max(1, bytes_max // len(piece))):
            self.write(piece)

    def drip(self, data, every_s=1.0):
        for byte in data:
            self.write(bytes([byte]))
            self.pause(every_s)

    def pause(self, wait_s):
        """Wait; Gone as soon as the other side is."""
        until = time.monotonic() + wait_s
        while (left_s := until - time.monotonic()) > 0:
            if self.server.is_stopped:
                raise Gone
            if select.select([self.raw], [], [], min(left_s, 0.2))[0]:
                if not self.raw.recv(1, socket.MSG_PEEK):
                    raise Gone
                time.sleep(min(left_s, 0.2))

    def silence(self):
        self.pause(1 << 20)

    def reset(self):
        """End the connection by RST."""
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()
        raise Gone

    def close(self):
        with contextlib.suppress(OSError):
            self.raw.close()


class HostileServer:
    """Listens on an address of its own, or at a path, until it is stopped. session_class speaks the protocol."""

    engine = None  # as in the API
    session_class = None

    def __init__(self, attack, password, path=None):
        self.attack, self.password = attack, password.encode()
        self.is_stopped = False
        self.connections = 0
        self.reached = 0  # how many times the attack's point was reached
        self.unknown = []  # statements that no honest answer is known for
        self.failures = []  # of the stand-in itself
        self.written_bytes = 0
        self.seed = random.Random(len(attack.point))
        self._kept, self._lock, self._threads = bytearray(), threading.Lock(), []
        self._runs = {}
        if path is None:
            self.host = own_address()
            self._listening = socket.create_server((self.host, 0), backlog=64)
            self.port = self._listening.getsockname()[1]
        else:
            self._listening = socket.socket(socket.AF_UNIX)
            self._listening.bind(str(path))
            path.chmod(0o777)
            self._listening.listen(64)
        self._listening.settimeout(0.2)
        self._spawn(self._accept)

    def _spawn(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while not self.is_stopped:
            with contextlib.suppress(TimeoutError):
                raw, _ = self._listening.accept()
                self.connections += 1
                self._spawn(self._converse, Link(self, raw))
        self._listening.close()

    def _converse(self, link):
        try:
            self.session_class(self, link).serve()
        except (Gone, OSError):
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            self.failures.append(repr(error))
        finally:
            link.close()

    def run_of(self, kind):
        """How many times this kind of statement was answered."""
        return self._runs.get(kind, 0)

    def count_run(self, kind):
        self._runs[kind] = self.run_of(kind) + 1

    def keep(self, piece):
        with self._lock:
            if len(self._kept) < KEPT_BYTES_MAX:
                self._kept += piece

    @property
    def received(self):
        with self._lock:
            return bytes(self._kept)

    def stop(self):
        self.is_stopped = True
        for thread in list(self._threads):
            thread.join(5)
