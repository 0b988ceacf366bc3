"""Every proof of the protocol in one go: `make conformance` runs it, and its last line has the counts.

    run.py FOLDER-WITH-gloss-AND-gloss-hub
"""

import json
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import beside
import fuzz
import programs
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

PROTOCOL = Path(__file__).resolve().parent.parent
SWIFT_TESTS = [
    "swift", "test", "--skip-build", "--disable-xctest", "--quiet", "--filter", "Vector(File)?Tests"]


def vectors():
    """What Python makes of the rules is what the files have, and what Swift makes of them."""
    check = [sys.executable, PROTOCOL / "reference" / "generate.py", "--check"]
    subprocess.run(check, check=True)
    # What it prints is kept off standard output, which has the counts.
    subprocess.run(SWIFT_TESTS, check=True, cwd=PROTOCOL.parent, stdout=sys.stderr)
    return sum(
        len(cases) for path in sorted((PROTOCOL / "vectors").glob("*.json"))
        for name, cases in json.loads(path.read_text()).items()
        if isinstance(cases, list) and name != "kinds")


def operations():
    """The OpenAPI document is valid; a running hub is held to it by every check of schemathesis."""
    document = yaml.safe_load((PROTOCOL / "openapi.yaml").read_text())
    OpenAPIV31SpecValidator(document).validate()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hub = programs.HubProcess(EXECUTABLES, folder)
        try:
            tested, checks, requests = fuzz.run(folder, hub.address, report=sys.stderr)
        finally:
            hub.stop()
    described = sum(len(path.keys() & METHODS) for path in document["paths"].values())
    assert tested == described, f"{tested} of {described} operations were tested"
    return tested, checks, requests


METHODS = {"get", "head", "put", "post", "delete", "patch", "options", "trace"}


def syncs():
    """Python's replica beside those of `gloss`."""
    with tempfile.TemporaryDirectory() as name:
        return beside.run(Path(name), EXECUTABLES)


def attempt(step, nothing):
    """What the step counts, and 0; or nothing, and 1."""
    print(f"== {step.__name__}", file=sys.stderr, flush=True)
    try:
        return step(), 0
    except Exception:
        traceback.print_exc()
        return nothing, 1


def main():
    (cases, failed) = attempt(vectors, 0)
    (counts, failure) = attempt(syncs, (0, 0))
    failed += failure
    (fuzzed, failure) = attempt(operations, (0, 0, 0))
    failed += failure
    print(f"conformance: {cases} vectors, {fuzzed[0]} operations x {fuzzed[1]} checks in {fuzzed[2]} "
          f"requests, {counts[0]} syncs with {counts[1]} comparisons, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    EXECUTABLES = Path(sys.argv[1]).resolve()
    main()
