"""A real server prepares every statement of lib/store/<room>/sql/. Its parameters and columns must have the types that
the file declares and that lib/db checks (cmake/embed_sql.py, lib/db/sql.h)."""

import ctypes
import sys

import pytest
import servers

sys.path.insert(0, str(servers.PROJECT / "cmake"))
import embed_sql  # noqa: E402

STATEMENTS = {path.stem: path.read_text() for path in sorted((servers.PROJECT / "lib/store").glob("*/sql/*.sql"))}
COMMAND_OK = 1  # PGRES_COMMAND_OK


class Libpq:
    """The part of libpq that prepares a statement and describes its parameters and columns."""

    def __init__(self, dsn):
        self.pq = ctypes.CDLL("libpq.so.5")
        for name in ("PQconnectdb", "PQprepare", "PQdescribePrepared"):
            getattr(self.pq, name).restype = ctypes.c_void_p
        self.pq.PQfname.restype = self.pq.PQresultErrorMessage.restype = ctypes.c_char_p
        self.pq.PQftype.restype = self.pq.PQparamtype.restype = ctypes.c_uint
        self.connection = ctypes.c_void_p(self.pq.PQconnectdb(dsn.encode()))

    def describe(self, name, text):
        prepared = ctypes.c_void_p(self.pq.PQprepare(self.connection, name.encode(), text.encode(), 0, None))
        message = self.pq.PQresultErrorMessage(prepared).decode()
        assert self.pq.PQresultStatus(prepared) == COMMAND_OK, message
        about = ctypes.c_void_p(self.pq.PQdescribePrepared(self.connection, name.encode()))
        parameters = [self.pq.PQparamtype(about, i) for i in range(self.pq.PQnparams(about))]
        columns = [
            (self.pq.PQfname(about, i).decode(), self.pq.PQftype(about, i)) for i in range(self.pq.PQnfields(about))
        ]
        return parameters, columns

    def close(self):
        self.pq.PQfinish(self.connection)


@pytest.fixture(scope="module")
def libpq(stack):
    connection = Libpq(stack.owner_dsn)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def oids(stack):
    """Object id of each type by the name that the SQL files use."""
    return {name: stack.sql("SELECT %s::regtype::oid AS oid", name)[0].oid for name in sorted(embed_sql.TYPES)}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_takes_and_returns_what_its_file_declares(name, libpq, oids):
    parameters, columns = libpq.describe(name, STATEMENTS[name])
    declared, _ = embed_sql.columns_of(name, STATEMENTS)
    by_constant = {embed_sql.constant(type_name): oid for type_name, oid in oids.items()}
    assert [by_constant[constant] for constant in embed_sql.parameters_of(STATEMENTS[name])] == parameters
    assert [(column, oids[type_name]) for column, type_name in declared] == columns


def test_library_knows_the_types_by_the_server_s_numbers(oids):
    header = (servers.PROJECT / "lib/db/sql.h").read_text()
    for type_name, oid in oids.items():
        assert f"{embed_sql.constant(type_name)} = {oid}," in header
