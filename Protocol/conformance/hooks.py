"""What schemathesis has to know of the messages of gloss.proto: how to write a push and a snapshot, and how to read a page.

fuzz.py names the folder that holds the bundles in GLOSS_FUZZ.
"""

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
    "bundles": gloss_pb2.Page, "vector": gloss_pb2.VectorReply, "devices": gloss_pb2.DeviceList,
    "latest": gloss_pb2.SnapshotDescription}


def push(bundles):
    return gloss_pb2.PushRequest(bundles=bundles).SerializeToString()


# Bundles that are held and ones that are not, in any order, so that there are gaps, repeats and forks.
schemathesis.openapi.media_type(
    "application/x-protobuf", st.builds(push, st.lists(st.sampled_from(BUNDLES), max_size=4)))


@schemathesis.deserializer("application/x-protobuf")
def message(context, response):
    """The JSON form of a message, which is what openapi.yaml describes."""
    name = response.request.url.split("?")[0].split("/")[-1]
    return json_format.MessageToDict(MESSAGES[name].FromString(response.content))


def path_bytes(context, name):
    """The bytes of an identifier in the path, None where it is none."""
    text = (context.case.path_parameters or {}).get(name)
    is_one = isinstance(text, str) and re.fullmatch("[0-9A-Fa-f]{32}", text)
    return bytes.fromhex(text) if is_one else None


@schemathesis.serializer("application/x-protobuf")
def bytes_of_message(context, value):
    """Gives bundles the library that they are pushed to, and a description the snapshot: openapi.yaml cannot say that."""
    library, snapshot = path_bytes(context, "library"), path_bytes(context, "snapshot")
    if context.case.operation.path.endswith("{snapshot}"):
        cursor = DESCRIPTION.cursor
        return value if snapshot is None else gloss_pb2.SnapshotDescription(
            id=snapshot, cursor=cursor, piece_count=len(value) % 3).SerializeToString()
    if library is None:
        return value
    bundles = gloss_pb2.PushRequest.FromString(value).bundles
    return push([each[:1] + library + each[17:] for each in bundles])


# Pieces of a snapshot, of any content: a hub cannot read it.
schemathesis.openapi.media_type("application/octet-stream", st.binary(max_size=200))


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
