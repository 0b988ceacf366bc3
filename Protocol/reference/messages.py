"""Requests and replies of Protocol/http.md as values: what a client writes and reads, and what a hub reads.

`gloss_pb2` is made of gloss.proto by protoc (`make reference`).
"""

import re
from typing import NamedTuple

import gloss_pb2 as wire
from google.protobuf import json_format
from google.protobuf.message import DecodeError

MESSAGE_TYPE, JSON_TYPE = "application/x-protobuf", "application/json"
BYTES_TYPE = "application/octet-stream"
PROBLEM_TYPE = "application/problem+json"
PREFIX = "urn:gloss:problem:"
SEQ_LIMIT, BUNDLE_LIMIT, PIECE_LIMIT = 2**40 - 1, 65_536, 65_535


class Request(NamedTuple):
    """A request; headers are pairs whose names are in lowercase."""
    method: str
    target: str
    headers: list
    body: bytes = b""


class Reply(NamedTuple):
    status: int
    headers: list
    body: bytes = b""


class Problem(Exception):
    """A refusal. `type` is what stands behind `urn:gloss:problem:`, or "unknown" for one of a later version."""

    def __init__(self, type, status, detail="", held=None, limit=None, retry_after=None):
        super().__init__(type, status, detail)
        self.type, self.status, self.detail = type, status, detail
        self.held, self.limit, self.retry_after = held, limit, retry_after


class NotOurs(Exception):
    """A reply that is not a hub's."""


class Held(NamedTuple):
    """What a hub holds of an origin: `seq` is 0 and `tip` empty for nothing."""
    origin: bytes
    seq: int
    tip: bytes


class Cursor(NamedTuple):
    log: bytes
    index: int
    hash: bytes

    def text(self):
        return f"{self.log.hex()}.{self.index}.{self.hash.hex()}"

    @staticmethod
    def parse(text):
        """Returns None where the text is no cursor."""
        match = re.fullmatch(r"([0-9a-fA-F]{32})\.(0|[1-9][0-9]*)\.([0-9a-fA-F]{32})", text)
        if not match or int(match[2]) >= 2**64:
            return None
        return Cursor(bytes.fromhex(match[1]), int(match[2]), bytes.fromhex(match[3]))


class Page(NamedTuple):
    bundles: list
    cursor: Cursor
    has_more: bool
    has_waited: bool = False  # Whether the hub says that it honours the preference to wait.
    wants_snapshot: bool = False


class Vector(NamedTuple):
    origins: dict  # of replica: Held
    end: Cursor


class Snapshot(NamedTuple):
    """A snapshot that a hub has: `pieces` is how many it has besides its head."""
    id: bytes
    cursor: Cursor
    pieces: int


class Device(NamedTuple):
    """A device that may use a library; times are milliseconds since the Unix epoch."""
    digest: bytes
    created: int
    last_seen: int
    cursor_index: int


class Description(NamedTuple):
    software: str
    versions: list
    request_byte_limit: int
    page_byte_limit: int
    wait_limit: int  # Seconds.


class Action(NamedTuple):
    """What is asked: `digest` is that of a secret or of a token, `bundles` are those of a push, `wait` is in seconds.

    `snapshot`, `index` and `piece` are those of a snapshot; `complete` is the `Snapshot` that is complete.
    """
    name: str
    library: bytes = b""
    digest: bytes = b""
    bundles: tuple = ()
    after: Cursor | None = None
    wait: int = 0
    snapshot: bytes = b""
    index: int = 0
    piece: bytes = b""
    complete: Snapshot | None = None


PATHS = {
    "describe": ("GET", "/.well-known/gloss"),
    "create": ("PUT", "/v1/libraries/LIBRARY"),
    "offer": ("PUT", "/v1/libraries/LIBRARY/enrolments/DIGEST"),
    "enrol": ("PUT", "/v1/libraries/LIBRARY/devices/DIGEST"),
    "devices": ("GET", "/v1/libraries/LIBRARY/devices"),
    "revoke": ("DELETE", "/v1/libraries/LIBRARY/devices/DIGEST"),
    "pull": ("GET", "/v1/libraries/LIBRARY/bundles"),
    "push": ("POST", "/v1/libraries/LIBRARY/bundles"),
    "vector": ("GET", "/v1/libraries/LIBRARY/vector"),
    "latest": ("GET", "/v1/libraries/LIBRARY/snapshots/latest"),
    "complete": ("PUT", "/v1/libraries/LIBRARY/snapshots/SNAPSHOT"),
    "piece": ("GET", "/v1/libraries/LIBRARY/snapshots/SNAPSHOT/INDEX"),
    "put-piece": ("PUT", "/v1/libraries/LIBRARY/snapshots/SNAPSHOT/INDEX"),
}


# What a client does.

def request(action, credential=""):
    method, path = PATHS[action.name]
    target = path.replace("LIBRARY", action.library.hex()).replace("DIGEST", action.digest.hex())
    target = target.replace("SNAPSHOT", action.snapshot.hex()).replace("INDEX", str(action.index))
    if action.after:
        target += "?after=" + action.after.text()
    headers, body = [("gloss-protocol", "1")], b""
    if credential:
        headers.append(("authorization", "Bearer " + credential))
    if action.wait:
        headers.append(("prefer", f"wait={action.wait}"))
    if action.name == "push":
        headers.append(("content-type", MESSAGE_TYPE))
        body = wire.PushRequest(bundles=action.bundles).SerializeToString()
    if action.name == "complete":
        headers.append(("content-type", MESSAGE_TYPE))
        body = write_snapshot(action.complete)
    if action.name == "put-piece":
        headers.append(("content-type", BYTES_TYPE))
        body = action.piece
    return Request(method, target, headers, body)


def header(message, name):
    return next((value for each, value in message.headers if each == name), "")


def media_type(message):
    return header(message, "content-type").split(";")[0].strip(" \t").lower()


def read_reply(reply, name):
    """What a reply to the action of this name says.

    - Raises: `Problem` for a refusal, `NotOurs` for what no hub says.
    """
    expected = {"describe": JSON_TYPE, "pull": MESSAGE_TYPE, "push": MESSAGE_TYPE,
                "vector": MESSAGE_TYPE, "devices": MESSAGE_TYPE, "latest": MESSAGE_TYPE,
                "piece": BYTES_TYPE}.get(name)
    if reply.status != (200 if expected else 204):
        raise read_problem(reply)
    if expected and media_type(reply) != expected:
        raise NotOurs(f"a body of type {media_type(reply) or 'none'}")
    try:
        if name == "describe":
            return read_description(reply.body)
        if name in ("pull", "push"):
            page = wire.Page.FromString(reply.body)
            has_waited = header(reply, "preference-applied") == "wait"
            return Page(list(page.bundles), read_cursor(page.cursor), page.has_more, has_waited,
                        page.wants_snapshot)
        if name == "latest":
            return read_snapshot(reply.body)
        if name == "piece":
            return reply.body
        if name == "devices":
            return read_devices(reply.body)
        return read_vector(reply.body) if name == "vector" else None
    except (DecodeError, json_format.ParseError):
        raise NotOurs("a body that does not decode") from None


def read_cursor(cursor):
    if len(cursor.log) != 16 or len(cursor.hash) != 16:
        raise NotOurs("a cursor whose log and hash are not 16 bytes each")
    return Cursor(cursor.log, cursor.index, cursor.hash)


def read_vector(body):
    message, origins = wire.VectorReply.FromString(body), {}
    for each in message.origins:
        fits = len(each.replica) == 16 and len(each.tip) == 32 and 1 <= each.last_seq <= SEQ_LIMIT
        if not fits or each.replica in origins:
            raise NotOurs("a malformed or repeated origin")
        origins[each.replica] = Held(each.replica, each.last_seq, each.tip)
    return Vector(origins, read_cursor(message.end))


def write_snapshot(snapshot):
    place = wire.Cursor(
        log=snapshot.cursor.log, index=snapshot.cursor.index, hash=snapshot.cursor.hash)
    return wire.SnapshotDescription(
        id=snapshot.id, cursor=place, piece_count=snapshot.pieces).SerializeToString()


def read_snapshot(body):
    message = wire.SnapshotDescription.FromString(body)
    if len(message.id) != 16 or message.piece_count > PIECE_LIMIT:
        raise NotOurs("a snapshot whose identifier or number of pieces is none")
    return Snapshot(message.id, read_cursor(message.cursor), message.piece_count)


def read_devices(body):
    devices = [Device(each.token_digest, each.created, each.last_seen, each.cursor_index)
               for each in wire.DeviceList.FromString(body).devices]
    if any(len(each.digest) != 32 for each in devices):
        raise NotOurs("a device whose digest is not 32 bytes")
    return devices


def read_description(body):
    message = json_format.Parse(body, wire.HubDescription(), ignore_unknown_fields=True)
    if not message.versions:
        raise NotOurs("a description without versions")
    return Description(message.software, list(message.versions), message.request_byte_limit,
                       message.page_byte_limit, message.wait_limit_seconds)


def read_problem(reply):
    """The refusal that a reply of another status is."""
    wait = header(reply, "retry-after")
    wait = int(wait) if re.fullmatch("[0-9]{1,9}", wait) else None
    document = None
    if media_type(reply) == PROBLEM_TYPE:
        try:
            document = json_format.Parse(
                reply.body, wire.ProblemDocument(), ignore_unknown_fields=True)
        except (json_format.ParseError, UnicodeDecodeError):
            pass
    if document and document.type.startswith(PREFIX):
        type, held = document.type[len(PREFIX):], None
        type = type if type in STATUSES else "unknown"
        if type in ("bundle-gap", "bundle-fork"):
            held = Held(document.origin, document.last_seq, document.tip)
            if len(held.origin) != 16 or held.seq > SEQ_LIMIT or len(held.tip) != (
                    32 if held.seq else 0):
                return NotOurs("a problem that does not say what the hub holds")
        return Problem(type, reply.status, document.detail or document.title, held,
                       document.limit or None, wait)
    type = {401: "unauthorised", 413: "too-large", 429: "slow-down", 511: None}.get(
        reply.status, "unavailable" if reply.status >= 500 else None)
    if type is None:
        return NotOurs(f"status {reply.status}")
    return Problem(type, reply.status, "from a proxy or another server", retry_after=wait)


# What a hub does.

STATUSES = {
    "malformed": 400, "unauthorised": 401, "enrolment-refused": 403, "not-found": 404,
    "method-not-allowed": 405, "upgrade-required": 406, "library-exists": 409,
    "cursor-unknown": 409, "compacted": 409, "no-snapshot": 404, "snapshot-refused": 409,
    "bundle-gap": 409, "bundle-fork": 409, "too-large": 413,
    "slow-down": 429, "unavailable": 503}


def refusal(type, detail):
    return Problem(type, STATUSES[type], detail)


def is_secret(text):
    return re.fullmatch("[!-~]{1,128}", text) is not None


def read_request(message):
    """The action and the credential of a request, checked in the order of http.md.

    - Raises: `Problem`.
    """
    path, _, query = message.target.partition("?")
    if path != PATHS["describe"][1]:
        versions = [value for name, value in message.headers if name == "gloss-protocol"]
        if len(versions) != 1 or not re.fullmatch("[0-9]+", versions[0]):
            raise refusal("malformed", "not one Gloss-Protocol header with a number")
        if versions[0] != "1":
            raise refusal("upgrade-required", "this hub speaks version 1")
    places = {name: place_in(path, pattern) for name, (_, pattern) in PATHS.items()}
    found = {PATHS[name][0]: name for name, place in places.items() if place is not None}
    if not found:
        raise refusal("not-found", "there is nothing at this path")
    if message.method not in found:
        raise refusal("method-not-allowed", "this path takes " + ", ".join(found))
    name = found[message.method]
    after, bundles, wait = None, (), 0
    if name in ("pull", "push"):
        cursors = [each[6:] for each in query.split("&") if each.startswith("after=")]
        after = Cursor.parse(cursors[0]) if cursors else None
        if len(cursors) > 1 or cursors and after is None:
            raise refusal("malformed", "`after` is not one cursor")
    if name == "push":
        bundles = read_push(message)
    if name == "pull":
        wait = read_wait(message)
    parts = dict(places[name])
    if name == "put-piece":
        check_type(message, BYTES_TYPE)
        parts["piece"] = message.body
    if name == "complete":
        parts["complete"] = read_completion(message, parts["snapshot"])
    action = Action(name, **parts, bundles=bundles, after=after, wait=wait)
    return action, read_credential(message)


def place_in(path, pattern):
    expression = pattern.replace(".", r"\.").replace("LIBRARY", "(?P<library>[0-9a-fA-F]{32})")
    expression = expression.replace("DIGEST", "(?P<digest>[0-9a-fA-F]{64})")
    expression = expression.replace("SNAPSHOT", "(?P<snapshot>[0-9a-fA-F]{32})")
    match = re.fullmatch(expression.replace("INDEX", "(?P<index>0|[1-9][0-9]{0,9})"), path)
    parts = match and match.groupdict()
    if not parts or int(parts.get("index", 0)) > PIECE_LIMIT:
        return parts if parts == {} else None
    return {name: int(text) if name == "index" else bytes.fromhex(text)
            for name, text in parts.items()}


def read_wait(message):
    """The seconds of the first preference `wait` (RFC 7240); what is no number is no preference."""
    for name, value in message.headers:
        for each in value.split(",") if name == "prefer" else ():
            word, _, seconds = each.split(";")[0].partition("=")
            if word.strip(" \t").lower() == "wait":
                match = re.fullmatch('([0-9]+)|"([0-9]+)"', seconds.strip(" \t"))
                return int(match[1] or match[2]) if match else 0
    return 0


def check_type(message, type):
    types = [value for name, value in message.headers if name == "content-type"]
    if len(types) != 1 or media_type(message) != type:
        raise refusal("malformed", "this request has a body of type " + type)


def read_completion(message, snapshot):
    check_type(message, MESSAGE_TYPE)
    try:
        complete = read_snapshot(message.body)
    except (DecodeError, NotOurs):
        raise refusal("malformed", "a body that is no SnapshotDescription") from None
    if complete.id != snapshot:
        raise refusal("malformed", "the description is of another snapshot than the path")
    return complete


def read_push(message):
    check_type(message, MESSAGE_TYPE)
    try:
        bundles = tuple(wire.PushRequest.FromString(message.body).bundles)
    except DecodeError:
        raise refusal("malformed", "a body that is not a PushRequest") from None
    if len(bundles) > BUNDLE_LIMIT:
        raise refusal("too-large", f"more than {BUNDLE_LIMIT} bundles")
    return bundles


def read_credential(message):
    values = [value for name, value in message.headers if name == "authorization"]
    if not values:
        return ""
    scheme, _, secret = values[0].partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not is_secret(secret):
        raise refusal("unauthorised", "not one bearer token")
    return secret
