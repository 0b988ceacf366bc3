"""Schemathesis against a running hub: every check that it has, with real libraries, cursors, secrets and bundles."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import client
from messages import Action
from replica import text

HERE = Path(__file__).resolve().parent
PROTOCOL = HERE.parent


def device(owner):
    return {"name": "", "fixedHeaders": [
        {"name": "Authorization", "value": "Bearer " + owner.token}]}


def prepare(folder, hub):
    """Fills a library, and writes what schemathesis is to know of it into the folder."""
    desk, other = client.create(hub), client.create(hub)
    lap, guest, cursors = client.join(desk.pair()), client.join(other.pair()), []
    for number in range(5):
        for each in (desk, lap, other):
            each.replica.add("note", {"body": text(f"note {number}")})
            each.sync()
            cursors.append(each.replica.cursor.text())
    # The desk's device is one of the other library, too. Tokens are secrets of enrolments as well, so that one credential
    # does for every request.
    digests = [hashlib.sha256(each.token.encode()).hexdigest() for each in (desk, lap, guest)]
    secret = bytes.fromhex(digests[0])
    other.ask("offer", digest=secret)
    desk.hub.ask(Action("enrol", other.replica.library, digest=secret), desk.token)
    desk.ask("offer", digest=secret)
    desk.ask("enrol", digest=bytes.fromhex(digests[1]))
    own = desk.replica
    repeats = [own.bundle(own.id, first, 1) for first in range(1, own.held(own.id) + 1)]
    for number in range(10):
        own.add("note", {"body": text(f"not pushed {number}")})
    bundles = repeats + [own.bundle(own.id, own.acknowledged + 1, size) for size in (1, 500, 5000)]
    files = {
        "libraries": [own.library.hex(), other.replica.library.hex()], "digests": digests,
        "cursors": cursors, "bundles": [each.hex() for each in bundles]}
    for name, entries in files.items():
        lines = [json.dumps(each) if name != "bundles" else each for each in entries]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="ascii")
    people = [device(desk) | {"name": "desk"}, device(other) | {"name": "other"}]
    (folder / "devices.json").write_text(json.dumps({"auth": people}), encoding="ascii")
    shutil.copy(HERE / "schemathesis.toml", folder)


def run(folder, address, report=sys.stdout):
    """Returns the number of operations, of checks and of requests; 0 requests where there was a failure."""
    prepare(folder, client.Hub(address))
    environment = os.environ | {
        "GLOSS_FUZZ": str(folder), "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "run", "--url", address,
         PROTOCOL / "openapi.yaml"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout, file=report)
    selected = re.search(r"Tested: ([0-9]+)", done.stdout)
    passed = re.search(r"([0-9]+) generated, ([0-9]+) passed", done.stdout)
    if done.returncode or not selected or not passed:
        return 0, 0, 0
    import schemathesis
    checks = len(schemathesis.checks.CHECKS.get_all_names())
    return int(selected[1]), checks, int(passed[2])


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        sys.exit(not run(Path(name), sys.argv[1])[2])
