"""What schemathesis has to know of the messages of gloss.proto: how to write pushes and uploads, and how to read replies.

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
MESSAGES = {
    ("GET", "bundles"): gloss_pb2.Page, ("POST", "bundles"): gloss_pb2.Page,
    ("GET", "vector"): gloss_pb2.VectorReply, ("GET", "devices"): gloss_pb2.DeviceList,
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


@schemathesis.serializer("application/x-protobuf")
def body(context, value):
    """Writes the message that the path takes, of the library that it names: openapi.yaml cannot say that they have to fit."""
    library = (context.case.path_parameters or {}).get("library")
    is_one = isinstance(library, str) and re.fullmatch("[0-9A-Fa-f]{32}", library)
    library = bytes.fromhex(library) if is_one else bytes(16)
    bundles, parts = json.loads(value)
    is_upload = context.case.operation.path.endswith("/blobs")
    return upload(library, parts) if is_upload else push(library, bundles)
