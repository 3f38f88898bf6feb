"""A copy of the project, built and run in containers by docker compose, under names of its own."""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def compose_command():
    """The words that run compose, or None: the plugin of `docker`, or docker-compose."""
    for words in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(words[0]) and subprocess.run([*words, "version"], capture_output=True).returncode == 0:
            return words
    return None


def missing():
    """What is missing to run these tests, in words; None: nothing."""
    if not shutil.which("docker"):
        return "there is no docker here"
    info = subprocess.run(["docker", "info"], capture_output=True, text=True)
    if info.returncode != 0:
        return f"no Docker engine answers: {info.stderr.strip()[:200]}"
    return None if compose_command() else "there is no docker compose here"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(is_true, timeout_s, what):
    """The first value of is_true() that counts as true, and the seconds that it took."""
    began = time.monotonic()
    while True:
        value = is_true()
        if value:
            return value, time.monotonic() - began
        assert time.monotonic() - began < timeout_s, f"{what}: not within {timeout_s} s"
        time.sleep(0.1)


class Engine:
    def __init__(self, directory, kind="potto-test"):
        self.directory = directory
        self.name = f"{kind}-{os.getpid()}"
        self.images = {f"POTTO_{key}IMAGE": f"{self.name}:{tag}"
                       for key, tag in (("", "potto"), ("STORE_", "store"), ("SHOP_", "shop"))}
        self.built = list(self.images.values())
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            **self.images,
            "COMPOSE_PROJECT_NAME": self.name,
            "POTTO_LISTEN": f"127.0.0.1:{port}",
            "POTTO_PUBLIC_URL": self.url,
        }
        self.words = compose_command()

    def clone(self):
        """What git would commit, and nothing else; beside it the certificates of this machine, for the build."""
        files = subprocess.run(["git", "-C", PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                               check=True, capture_output=True).stdout.decode().split("\0")
        self.empty()
        for name in filter(None, files):
            if (PROJECT / name).is_file():
                (self.directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / name, self.directory / name)
        self.take_certificates()

    def checkout(self, commit):
        """What an older commit has, and nothing else. False: this clone's history lacks it."""
        archive = subprocess.run(["git", "-C", PROJECT, "archive", commit], capture_output=True)
        if archive.returncode != 0:
            return False
        self.empty()
        subprocess.run(["tar", "-x", "-C", self.directory], input=archive.stdout, check=True)
        self.take_certificates()
        return True

    def empty(self):
        for entry in self.directory.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def take_certificates(self):
        if CERTIFICATES.exists():
            shutil.copy(CERTIFICATES, self.directory / "docker/certificates/machine.crt")

    def use_images(self, other):
        """From the next `up` on, run the images that another one built."""
        self.images = other.images
        self.environment.update(self.images)

    def compose(self, *words, check=True):
        done = subprocess.run([*self.words, *words], cwd=self.directory, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0 or not check, f"compose {' '.join(words)}: {done.stdout[-6000:]}"
        return done.stdout

    def up(self, *words):
        """Start what does not run; the seconds that it took."""
        began = time.monotonic()
        self.compose(*words, "up", "--detach")
        return time.monotonic() - began

    def run(self, service, *words, stdin=""):
        """Run a command in the service's container; its status and output."""
        done = subprocess.run(["docker", "exec", "-i", self.container(service), *words], text=True, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def containers(self):
        """Service -> what `docker inspect` says of its container, of those that end too."""
        mine = subprocess.check_output(
            ["docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={self.name}",
             "--filter", "label=com.docker.compose.oneoff=False"], text=True).split()
        found = json.loads(subprocess.check_output(["docker", "inspect", *mine])) if mine else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def container(self, service):
        return self.inspect(service)["Id"]

    def inspect(self, service):
        return self.containers()[service]

    def image_bytes(self, image):
        return int(subprocess.check_output(["docker", "image", "inspect", "-f", "{{.Size}}", image]))

    def remove(self):
        self.compose("--profile", "demo", "down", "--volumes", "--timeout", "5", check=False)
        for image in self.built:
            subprocess.run(["docker", "image", "rm", "--force", image], capture_output=True)
