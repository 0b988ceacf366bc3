"""What schemathesis has to know of the messages of gloss.proto: how to write a push, and how to read a page.

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
MESSAGES = {
    "bundles": gloss_pb2.Page, "vector": gloss_pb2.VectorReply, "devices": gloss_pb2.DeviceList,
    "keyring": gloss_pb2.KeyringReply}


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


@schemathesis.serializer("application/x-protobuf")
def bytes_of_push(context, value):
    """Gives the bundles the library that they are pushed to: openapi.yaml cannot say that they have to have it."""
    library = (context.case.path_parameters or {}).get("library")
    if not isinstance(library, str) or not re.fullmatch("[0-9A-Fa-f]{32}", library):
        return value
    bundles = gloss_pb2.PushRequest.FromString(value).bundles
    return push([each[:1] + bytes.fromhex(library) + each[17:] for each in bundles])
