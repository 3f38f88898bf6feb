"""What registries hold and Debian does not, fetched once into var/far/ by the registries' own clients."""

import shutil
import subprocess
import tempfile
from pathlib import Path

KEPT = Path(__file__).resolve().parents[2] / "var" / "far"
FETCH_S = 600


class Missing(Exception):
    """Why something is not to be had."""


def run(what, *command, cwd):
    if not shutil.which(command[0]):
        raise Missing(f"{what}: there is no {command[0]}")
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=FETCH_S)
    except subprocess.TimeoutExpired as late:
        raise Missing(f"{what}: {command[0]} did not end within {FETCH_S} s") from late
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines() or ["nothing said"]
        raise Missing(f"{what}: {command[0]}: {said[-1]}")


def kept(name, fetch):
    """Fetched beside its place first, so that the kept one is whole."""
    place = KEPT / name
    if not place.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=KEPT, prefix=f"{name}.part"))
        try:
            made = fetch(part)
            subprocess.run(["chmod", "-R", "a+rX", made], check=True)  # the server runs as another user
            made.rename(place)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return place
