"""What schemathesis has to know of the messages of gloss.proto: how to write pushes, uploads and snapshots, and how to read
replies.

fuzz.py names the folder that holds the bundles in GLOSS_FUZZ.
"""

import hashlib
import json
import os
import re
from pathlib import Path

import gloss_pb2
import schemathesis
from google.protobuf import json_format
from hypothesis import strategies as st

BUNDLES = [
    bytes.fromhex(each) for each in Path(os.environ["GLOSS_FUZZ"], "bundles").read_text().split()]
DESCRIPTION = gloss_pb2.SnapshotDescription.FromString(
    bytes.fromhex(Path(os.environ["GLOSS_FUZZ"], "description").read_text()))
MESSAGES = {
    ("GET", "bundles"): gloss_pb2.Page, ("POST", "bundles"): gloss_pb2.Page,
    ("GET", "vector"): gloss_pb2.VectorReply, ("GET", "devices"): gloss_pb2.DeviceList,
    ("GET", "keyring"): gloss_pb2.KeyringReply,
    ("GET", "latest"): gloss_pb2.SnapshotDescription,
    ("GET", "blobs"): gloss_pb2.BlobParts, ("POST", "blobs"): gloss_pb2.BlobHoldings}
BLOB_SIZE = 400

# What a body is made of, because a body has to fit its path: bundles that are held and ones that are not, in any order, so
# that there are gaps, repeats and forks; and pieces of a few blobs, questions among them.
PLACES = st.integers(0, BLOB_SIZE)
PARTS = st.tuples(st.integers(0, 9), PLACES, PLACES)
schemathesis.openapi.media_type("application/x-protobuf", st.builds(
    lambda bundles, parts: json.dumps([bundles, parts]).encode(),
    st.lists(st.integers(0, len(BUNDLES) - 1), max_size=4), st.lists(PARTS, max_size=4)))


def push(library, bundles):
    sent = [each[:1] + library + each[17:] for each in (BUNDLES[at] for at in bundles)]
    return gloss_pb2.PushRequest(bundles=sent).SerializeToString()


def upload(library, parts):
    message = gloss_pb2.BlobParts()
    for number, *places in parts:
        name, (start, end) = bytes([number + 1]) * 32, sorted(places)
        blob = b"\1" + library + b"\0\0\0\1" + name + bytes(BLOB_SIZE - 53)
        message.parts.add(
            name=name, digest=hashlib.sha256(blob).digest(), size=BLOB_SIZE, offset=start,
            bytes=blob[start:end])
    return message.SerializeToString()


@schemathesis.deserializer("application/x-protobuf")
def message(context, response):
    """The JSON form of a message, which is what openapi.yaml describes."""
    place = response.request.url.split("?")[0].split("/")[-1]
    return json_format.MessageToDict(
        MESSAGES[response.request.method, place].FromString(response.content))


def path_bytes(context, name):
    """The bytes of an identifier in the path, None where it is none."""
    text = (context.case.path_parameters or {}).get(name)
    is_one = isinstance(text, str) and re.fullmatch("[0-9A-Fa-f]{32}", text)
    return bytes.fromhex(text) if is_one else None


@schemathesis.serializer("application/x-protobuf")
def body(context, value):
    """Writes the message that the path takes, of what it names: openapi.yaml cannot say that they have to fit."""
    library, snapshot = path_bytes(context, "library") or bytes(16), path_bytes(context, "snapshot")
    bundles, parts = json.loads(value)
    if context.case.operation.path.endswith("{snapshot}"):
        return gloss_pb2.SnapshotDescription(
            id=snapshot or b"", cursor=DESCRIPTION.cursor, piece_count=len(value) % 3
        ).SerializeToString()
    is_upload = context.case.operation.path.endswith("/blobs")
    return upload(library, parts) if is_upload else push(library, bundles)


# Pieces of a snapshot, cards and entries of the keyring, of any content: a hub cannot read it.
schemathesis.openapi.media_type("application/octet-stream", st.binary(min_size=1, max_size=200))


@schemathesis.serializer("application/octet-stream")
def bytes_of_piece(context, value):
    """Puts the header of the piece that the path names in front."""
    library, snapshot = path_bytes(context, "library"), path_bytes(context, "snapshot")
    index = (context.case.path_parameters or {}).get("index")
    if library is None or snapshot is None or not re.fullmatch("0|[1-9][0-9]{0,4}", str(index)):
        return value
    return b"\1" + library + bytes(3) + b"\1" + snapshot + int(index).to_bytes(4, "big") + value


@schemathesis.deserializer("application/octet-stream")
def piece(context, response):
    return response.content
