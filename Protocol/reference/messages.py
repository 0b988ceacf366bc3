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
BLOB_LIMIT, PART_LIMIT, WANT_LIMIT = 9_437_184, 4_096, 64
CARD_LIMIT, ENTRY_LIMIT, EPOCH_LIMIT = 256, 65_536, 4_096


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
    epoch: int = 0  # The newest of the keyring, 0 where there is none.


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
    card: bytes = b""
    applied_index: int = 0


class Keyring(NamedTuple):
    """A piece of a keyring: entries of epochs one after another, and the newest epoch of all, 0 for none."""
    entries: list
    newest: int


class Part(NamedTuple):
    """Some of the bytes of a sealed blob. Without a digest and a size it asks about the name alone."""
    name: bytes
    digest: bytes = b""
    size: int = 0
    offset: int = 0
    bytes: bytes = b""


class Want(NamedTuple):
    name: bytes
    offset: int = 0

    def text(self):
        return self.name.hex() + (f".{self.offset}" if self.offset else "")

    @staticmethod
    def parse(text):
        """Returns None where the text is no want."""
        match = re.fullmatch(r"([0-9a-fA-F]{64})(?:\.(0|[1-9][0-9]*))?", text)
        if not match or int(match[2] or 0) >= 2**63:
            return None
        return Want(bytes.fromhex(match[1]), int(match[2] or 0))


class Holding(NamedTuple):
    name: bytes
    held: int
    is_complete: bool


class Description(NamedTuple):
    software: str
    versions: list
    request_byte_limit: int
    page_byte_limit: int
    wait_limit: int  # Seconds.


class Action(NamedTuple):
    """What is asked: `digest` is that of a secret or of a token, `bundles` are those of a push, `parts` those of an
    upload, `wants` those of a fetch; `wait` is in seconds, `at` the index that a vector is asked for.

    `epoch` is that of an entry, or the one that entries are asked for after; `content` is a card or an entry.
    `snapshot`, `index` and `piece` are those of a snapshot; `complete` is the `Snapshot` that is complete.
    """
    name: str
    library: bytes = b""
    digest: bytes = b""
    bundles: tuple = ()
    after: Cursor | None = None
    wait: int = 0
    parts: tuple = ()
    wants: tuple = ()
    epoch: int = 0
    content: bytes = b""
    snapshot: bytes = b""
    index: int = 0
    piece: bytes = b""
    complete: Snapshot | None = None
    at: int | None = None


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
    "upload": ("POST", "/v1/libraries/LIBRARY/blobs"),
    "fetch": ("GET", "/v1/libraries/LIBRARY/blobs"),
    "card": ("PUT", "/v1/libraries/LIBRARY/devices/DIGEST/card"),
    "entry": ("PUT", "/v1/libraries/LIBRARY/keyring/EPOCH"),
    "keyring": ("GET", "/v1/libraries/LIBRARY/keyring"),
    "latest": ("GET", "/v1/libraries/LIBRARY/snapshots/latest"),
    "complete": ("PUT", "/v1/libraries/LIBRARY/snapshots/SNAPSHOT"),
    "piece": ("GET", "/v1/libraries/LIBRARY/snapshots/SNAPSHOT/INDEX"),
    "put-piece": ("PUT", "/v1/libraries/LIBRARY/snapshots/SNAPSHOT/INDEX"),
}


# What a client does.

def request(action, credential=""):
    method, path = PATHS[action.name]
    target = path.replace("LIBRARY", action.library.hex()).replace("DIGEST", action.digest.hex())
    target = target.replace("EPOCH", str(action.epoch))
    target = target.replace("SNAPSHOT", action.snapshot.hex()).replace("INDEX", str(action.index))
    if action.after:
        target += "?after=" + action.after.text()
    if action.name == "fetch":
        target += "?want=" + "-".join(each.text() for each in action.wants)
    if action.at is not None:
        target += f"?at={action.at}"
    if action.name == "keyring" and action.epoch:
        target += f"?after={action.epoch}"
    headers, body = [("gloss-protocol", "1")], b""
    if credential:
        headers.append(("authorization", "Bearer " + credential))
    if action.wait:
        headers.append(("prefer", f"wait={action.wait}"))
    if action.name == "push":
        headers.append(("content-type", MESSAGE_TYPE))
        body = wire.PushRequest(bundles=action.bundles).SerializeToString()
    if action.name == "upload":
        headers.append(("content-type", MESSAGE_TYPE))
        parts = [wire.BlobPart(**each._asdict()) for each in action.parts]
        body = wire.BlobParts(parts=parts).SerializeToString()
    if action.name in ("card", "entry"):
        headers.append(("content-type", BYTES_TYPE))
        body = action.content
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
                "vector": MESSAGE_TYPE, "devices": MESSAGE_TYPE, "upload": MESSAGE_TYPE,
                "fetch": MESSAGE_TYPE, "keyring": MESSAGE_TYPE, "latest": MESSAGE_TYPE,
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
                        page.wants_snapshot, page.epoch)
        if name == "keyring":
            return read_keyring(reply.body)
        if name == "latest":
            return read_snapshot(reply.body)
        if name == "piece":
            return reply.body
        if name == "devices":
            return read_devices(reply.body)
        if name == "upload":
            return read_holdings(reply.body)
        if name == "fetch":
            return read_parts(reply.body)
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


def read_keyring(body):
    message = wire.KeyringReply.FromString(body)
    if any(len(each) > ENTRY_LIMIT for each in message.entries):
        raise NotOurs("an entry that is too long")
    return Keyring(list(message.entries), message.newest)


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
    devices = [Device(each.token_digest, each.created, each.last_seen, each.cursor_index, each.card,
                      each.applied_index)
               for each in wire.DeviceList.FromString(body).devices]
    if any(len(each.digest) != 32 for each in devices):
        raise NotOurs("a device whose digest is not 32 bytes")
    return devices


def read_holdings(body):
    holdings = [Holding(each.name, each.held, each.is_complete)
                for each in wire.BlobHoldings.FromString(body).holdings]
    if any(len(each.name) != 32 or each.held > BLOB_LIMIT for each in holdings):
        raise NotOurs("a holding of no blob")
    return holdings


def read_parts(body):
    parts = [Part(each.name, each.digest, each.size, each.offset, each.bytes)
             for each in wire.BlobParts.FromString(body).parts]
    if not all(map(is_part, parts)):
        raise NotOurs("a part of no blob")
    return parts


def is_part(part):
    """Whether the bytes lie in a blob of this size; one of no digest and no size is a question."""
    fits = len(part.digest) == 32 and part.size > 0 or not part.digest and not part.size
    end = part.offset + len(part.bytes)
    return fits and len(part.name) == 32 and part.size <= BLOB_LIMIT and end <= part.size


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
    "bundle-gap": 409, "bundle-fork": 409, "keyring-conflict": 409, "too-large": 413,
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
    after, bundles, wait, content = None, (), 0, b""
    epoch = places[name].pop("epoch", 0)
    if name in ("pull", "push"):
        cursors = [each[6:] for each in query.split("&") if each.startswith("after=")]
        after = Cursor.parse(cursors[0]) if cursors else None
        if len(cursors) > 1 or cursors and after is None:
            raise refusal("malformed", "`after` is not one cursor")
    parts, wants = (), ()
    if name == "push":
        bundles = read_push(message)
    if name == "upload":
        parts = read_upload(message)
    if name == "fetch":
        wants = read_wants(query)
    if name == "pull":
        wait = read_wait(message)
    at = read_at(query) if name == "vector" else None
    if name == "keyring":
        epoch = read_epoch(query)
    if name in ("card", "entry"):
        content = read_content(message, CARD_LIMIT if name == "card" else ENTRY_LIMIT)
    own = dict(places[name])
    if name == "put-piece":
        check_type(message, BYTES_TYPE)
        own["piece"] = message.body
    if name == "complete":
        own["complete"] = read_completion(message, own["snapshot"])
    action = Action(name, **own, bundles=bundles, after=after, wait=wait, parts=parts,
                    wants=wants, epoch=epoch, content=content, at=at)
    return action, read_credential(message)


def place_in(path, pattern):
    expression = pattern.replace(".", r"\.").replace("LIBRARY", "(?P<library>[0-9a-fA-F]{32})")
    for word, expected in (
        ("EPOCH", "(?P<epoch>[1-9][0-9]{0,9})"), ("DIGEST", "(?P<digest>[0-9a-fA-F]{64})"),
        ("SNAPSHOT", "(?P<snapshot>[0-9a-fA-F]{32})"), ("INDEX", "(?P<index>0|[1-9][0-9]{0,9})")):
        expression = expression.replace(word, expected)
    match = re.fullmatch(expression, path)
    if not match:
        return None
    place = match.groupdict()
    if int(place.get("index", 0)) > PIECE_LIMIT:
        return None
    if "epoch" in place and not 2 <= int(place["epoch"]) <= EPOCH_LIMIT:
        return None
    return {name: int(text) if name in ("epoch", "index") else bytes.fromhex(text)
            for name, text in place.items()}


def read_epoch(query):
    values = [each[6:] for each in query.split("&") if each.startswith("after=")]
    if not values:
        return 0
    if len(values) > 1 or not re.fullmatch("0|[1-9][0-9]{0,9}", values[0]) or int(values[0]) >= 2**32:
        raise refusal("malformed", "`after` is not one epoch")
    return int(values[0])


def read_at(query):
    values = [each[3:] for each in query.split("&") if each.startswith("at=")]
    if not values:
        return None
    if len(values) > 1 or not re.fullmatch("0|[1-9][0-9]*", values[0]) or int(values[0]) >= 2**64:
        raise refusal("malformed", "`at` is not one index")
    return int(values[0])


def read_content(message, limit):
    """The plain bytes of a card or an entry."""
    types = [value for name, value in message.headers if name == "content-type"]
    if len(types) != 1 or media_type(message) != BYTES_TYPE:
        raise refusal("malformed", "a body here is of type " + BYTES_TYPE)
    if not message.body:
        raise refusal("malformed", "a body here has bytes")
    if len(message.body) > limit:
        raise refusal("too-large", f"this body has at most {limit} bytes")
    return message.body


def read_wait(message):
    """The seconds of the first preference `wait` (RFC 7240); what is no number is no preference."""
    for name, value in message.headers:
        for each in value.split(",") if name == "prefer" else ():
            word, _, seconds = each.split(";")[0].partition("=")
            if word.strip(" \t").lower() == "wait":
                match = re.fullmatch('([0-9]+)|"([0-9]+)"', seconds.strip(" \t"))
                return int(match[1] or match[2]) if match else 0
    return 0


def read_wants(query):
    texts = [each[5:] for each in query.split("&") if each.startswith("want=")]
    wants = [Want.parse(each) for each in texts[0].split("-")] if len(texts) == 1 else []
    if not 1 <= len(wants) <= WANT_LIMIT or None in wants:
        raise refusal("malformed", "not one `want` of names")
    return tuple(wants)


def read_upload(message):
    check_type(message, MESSAGE_TYPE)
    try:
        parts = tuple(read_parts(message.body))
    except (DecodeError, NotOurs):
        raise refusal("malformed", "a body that is not a BlobParts") from None
    if len(parts) > PART_LIMIT:
        raise refusal("too-large", f"more than {PART_LIMIT} parts")
    return parts


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
