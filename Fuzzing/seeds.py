"""Writes the vectors as first inputs of the fuzz targets: a folder a target, below the folder that is the argument."""

import hashlib
import json
import pathlib
import re
import sys

project = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(project / "Protocol/reference"))
import zstd  # noqa: E402

LIMIT = 1 << 20
ACTIONS = ["describe", "create", "push", "pull", "vector", "upload", "fetch", "devices", "revoke", "keyring",
           "latest", "piece"]


def vectors(name):
    return json.loads((project / f"Protocol/vectors/{name}.json").read_text())


def seeds():
    """Each target's name with an input."""
    bundles = vectors("bundles")
    for bundle in bundles["bundles"]:
        header = bytes.fromhex(bundle["bundle"])[:117]
        first, last = (int.from_bytes(header[at:at + 8], "big") for at in (37, 45))
        yield "bundle", first.to_bytes(8, "big") + (last - first).to_bytes(2, "big") + bytes.fromhex(bundle["message"])
        yield "headers", header
        yield "compressed", zstd.compress(bytes.fromhex(bundle["message"]))
    for bad in bundles["badContents"]:
        content = bytes.fromhex(bad["content"])
        yield "compressed", content
        message = zstd.decompress(content, LIMIT)
        if message is not None and 0 <= int(bad["last"]) - int(bad["first"]) < 1 << 16:
            yield "bundle", (int(bad["first"]).to_bytes(8, "big")
                             + (int(bad["last"]) - int(bad["first"])).to_bytes(2, "big") + message)
    snapshots = vectors("snapshots")
    for target, good, bad in (("head", "heads", "badHeads"), ("piece", "pieces", "badPieces")):
        for vector in snapshots[good]:
            yield target, bytes.fromhex(vector["message"])
            yield "headers", bytes.fromhex(vector["sealed"])[:41]
        for vector in snapshots[bad]:
            message = zstd.decompress(bytes.fromhex(vector["content"]), LIMIT)
            if message is not None:
                yield target, message
    for vector in vectors("blobs")["sealedBlobs"]:
        yield "headers", bytes.fromhex(vector["sealed"])[:53]

    def lines(first, headers, body):
        head = "\n".join([first] + [f"{name}:{value}" for name, value in headers])
        return (head + "\n\n").encode() + bytes.fromhex(body)

    http = vectors("http")
    for part in ("requests", "alsoRead", "badRequests"):
        for vector in http[part]:
            yield "request", lines(f"{vector['method']} {vector['target']}", vector["headers"], vector["body"])
    for part in ("replies", "refusals", "notOurs"):
        for vector in http[part]:
            number = next((i for i, name in enumerate(ACTIONS) if vector["to"].lower().startswith(name)), 0)
            text = lines(str(vector["status"]), vector["headers"], vector["body"])
            if len(text) < LIMIT:
                yield "reply", bytes([number]) + text

    seal = vectors("seal")
    for vector in seal["envelopes"]:
        content = bytes.fromhex(vector["content"])
        count = len(bytes.fromhex(vector["sealed"])) - 80
        if count < LIMIT:
            yield "seal", (len(content).to_bytes(4, "big") + content).ljust(count, b"\0")
    for vector in seal["keyrings"]:
        yield "keyring", b"".join(len(entry).to_bytes(2, "big") + entry for entry in map(bytes.fromhex, vector["entries"]))
    for vector in seal["cards"] + seal["refusedCards"]:
        yield "card", bytes.fromhex(vector["card"])
    for vector in seal["wrappedRootKeys"] + seal["refusedWrappedRootKeys"]:
        yield "wrapped", bytes.fromhex(vector["wrapped"])[:-4]
    for vector in seal["pairingCodes"] + seal["refusedPairingCodes"]:
        yield "code", vector["text"].encode()
    # What its page says of the query language, and all of it in one.
    queries = re.findall(r"`([^`]+)`", (project / "Documentation/Queries.md").read_text())
    for query in queries + ["saved:" + query for query in queries] + [" ".join(queries)]:
        yield "filter", query.encode()
    # A write; one beside it; one that replaces both; one that names a parent that is younger.
    yield "merge", bytes([4, 1, 1, 0, 5, 2, 2, 0, 8, 3, 3, 2, 4, 5, 12, 1, 0x43, 1, 8, 2, 4, 8])
    yield "merge", bytes([4, 5, 0x80, 0, 5, 6, 0xA0, 1, 4, 8, 1, 1, 1, 5])


folder = pathlib.Path(sys.argv[1])
for target, content in seeds():
    (folder / target).mkdir(parents=True, exist_ok=True)
    (folder / target / hashlib.sha1(content).hexdigest()).write_bytes(content)
