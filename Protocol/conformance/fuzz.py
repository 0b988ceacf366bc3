"""Schemathesis against a running hub: every check that it has, with real libraries, cursors, secrets and bundles."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import client
from messages import Action, write_snapshot
from replica import text
from schemathesis.checks import CHECKS, load_all_checks

HERE = Path(__file__).resolve().parent
PROTOCOL = HERE.parent


def device(owner):
    return {"name": "", "fixedHeaders": [
        {"name": "Authorization", "value": "Bearer " + owner.token}]}


def wants():
    """What is fetched of the blobs that hooks.py uploads."""
    names = [f"{number:02x}" * 32 for number in range(1, 12)]
    return [*names, "-".join(names), "-".join(each + ".137" for each in names), names[0] + ".9999"]


def prepare(folder, hub):
    """Fills a library, and writes what schemathesis is to know of it into the folder."""
    desk, other = client.create(hub), client.create(hub)
    lap, guest, cursors = client.join(desk.pair()), client.join(other.pair()), []
    for number in range(5):
        for each in (desk, lap, other):
            each.replica.add("note", {"body": text(f"note {number}")})
            each.sync()
            cursors.append(each.replica.cursor.text())
    # The desk's device is one of the other library, too. Its token is the secret of an enrolment as well, so that one
    # credential does for every request; only others' devices are known by digest, so that nobody revokes it.
    digests = [hashlib.sha256(each.token.encode()).hexdigest() for each in (lap, guest)]
    secret = hashlib.sha256(desk.token.encode()).digest()
    other.ask("offer", digest=secret)
    desk.hub.ask(Action("enrol", other.replica.library, digest=secret), desk.token)
    desk.ask("offer", digest=secret)
    desk.ask("enrol", digest=bytes.fromhex(digests[0]))
    # Snapshots that are there, and ones that somebody is sending.
    snapshots = [os.urandom(16).hex() for _ in range(3)]
    desk.sync()
    desk.make_snapshot(bytes.fromhex(snapshots[0]), 1)
    description = desk.ask("latest")
    assert description.id.hex() == snapshots[0]
    own = desk.replica
    repeats = [own.bundle(own.id, first, 1) for first in range(1, own.held(own.id) + 1)]
    for number in range(10):
        own.add("note", {"body": text(f"not pushed {number}")})
    bundles = repeats + [own.bundle(own.id, own.acknowledged + 1, size) for size in (1, 500, 5000)]
    files = {
        "libraries": [own.library.hex(), other.replica.library.hex()], "digests": digests,
        "cursors": cursors, "wants": wants(), "snapshots": snapshots,
        "bundles": [each.hex() for each in bundles]}
    (folder / "description").write_text(write_snapshot(description).hex(), encoding="ascii")
    for name, entries in files.items():
        lines = [json.dumps(each) if name != "bundles" else each for each in entries]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="ascii")
    people = [device(desk) | {"name": "desk"}, device(other) | {"name": "other"}]
    (folder / "devices.json").write_text(json.dumps({"auth": people}), encoding="ascii")
    shutil.copy(HERE / "schemathesis.toml", folder)


def run(folder, address, report=sys.stdout):
    """Returns the number of operations, of checks and of requests.

    - Raises: `AssertionError` where a check failed.
    """
    prepare(folder, client.Hub(address))
    environment = os.environ | {
        "GLOSS_FUZZ": str(folder), "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", "--url", address,
         PROTOCOL / "openapi.yaml"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, file=report)
    tested = re.search(r"Tested: ([0-9]+)", done.stdout)
    passed = re.search(r"([0-9]+) generated, ([0-9]+) passed", done.stdout)
    assert done.returncode == 0 and tested and passed, "schemathesis found something"
    assert passed[1] == passed[2], "not every request passed"
    load_all_checks()
    return int(tested[1]), len(CHECKS.get_all_names()), int(passed[2])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), sys.argv[1])
