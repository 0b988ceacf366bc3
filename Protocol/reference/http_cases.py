"""The cases of Protocol/vectors/http.json: requests, replies, refusals and cursors; messages.py has the rules."""

import hashlib
import json

import gloss_pb2 as wire
import seal
from messages import (
    BLOB_LIMIT, BYTES_TYPE, ENTRY_LIMIT, JSON_TYPE, MESSAGE_TYPE, PREFIX, PROBLEM_TYPE, STATUSES,
    Action, Cursor, NotOurs, Part, Problem, Reply, Request, Snapshot, Want, read_reply, read_request,
    request, write_snapshot)

LIBRARY = bytes.fromhex("00112233445566778899aabbccddeeff")
HEX = LIBRARY.hex()
DIGEST = hashlib.sha256(b"example-token-2").digest()
SNAPSHOT = bytes.fromhex("5a5b5c5d5e5f60616263646566676869")
LOG, HASH = b"\xab" * 16, b"\x0c" * 16
TIP = b"\x07" * 32
PLACE = f"{LOG.hex()}.12.{HASH.hex()}"
BUNDLE = seal.bundle_header() + bytes(84)
END = 2**64 - 1
NAME, OTHER = b"\x1a" * 32, b"\x2b" * 32
PARTS = (
    Part(NAME, DIGEST, 5, 0, b"abc"), Part(OTHER), Part(OTHER, DIGEST, BLOB_LIMIT, 137),
    Part(NAME, DIGEST, 5, 3, b"de"))


def cursor(index=12):
    return Cursor(LOG, index, HASH)


# Requests that a client writes.

def good_requests():
    yield "the description", Action("describe"), ""
    yield "create a library", Action("create", LIBRARY), "example-token-1"
    yield "offer an enrolment", Action("offer", LIBRARY, DIGEST), "example-token-1"
    yield "enrol a device", Action("enrol", LIBRARY, DIGEST), "example-secret"
    yield "list the devices", Action("devices", LIBRARY), "example-token-1"
    yield "revoke a device", Action("revoke", LIBRARY, DIGEST), "example-token-1"
    yield "pull from the start", Action("pull", LIBRARY), "example-token-1"
    yield "pull after a cursor", Action("pull", LIBRARY, after=cursor()), "example-token-1"
    yield "pull at the start of a log", Action("pull", LIBRARY, after=cursor(0)), "t"
    yield "pull after the greatest index", Action("pull", LIBRARY, after=cursor(END)), "~!" * 64
    yield "pull and wait", Action("pull", LIBRARY, after=cursor(), wait=30), "example-token-1"
    yield "push nothing", Action("push", LIBRARY), "example-token-1"
    yield "push two", Action("push", LIBRARY, bundles=(b"\1\2", b"\3")), "example-token-1"
    yield "push after a cursor", Action(
        "push", LIBRARY, bundles=(BUNDLE, b"", BUNDLE), after=cursor()), "example-token-1"
    yield "the vector", Action("vector", LIBRARY), "example-token-1"
    for index in (0, 12, END):
        yield f"the vector at {index}", Action("vector", LIBRARY, at=index), "example-token-1"
    yield "upload blobs", Action("upload", LIBRARY, parts=PARTS), "example-token-1"
    yield "upload nothing", Action("upload", LIBRARY), "example-token-1"
    yield "fetch a blob", Action("fetch", LIBRARY, wants=(Want(NAME),)), "example-token-1"
    yield "fetch two blobs", Action(
        "fetch", LIBRARY, wants=(Want(NAME, 786432), Want(OTHER))), "example-token-1"
    yield "fetch 64 blobs from far on", Action(
        "fetch", LIBRARY, wants=(Want(NAME, 2**63 - 1),) * 64), "example-token-1"
    yield "a card", Action("card", LIBRARY, DIGEST, content=b"\1card"), "example-token-2"
    yield "an entry", Action("entry", LIBRARY, epoch=2, content=b"\1"), "example-token-1"
    yield "an entry of the last epoch", Action(
        "entry", LIBRARY, epoch=4_096, content=bytes(300)), "example-token-1"
    yield "the keyring", Action("keyring", LIBRARY), "example-token-1"
    yield "the keyring after an epoch", Action("keyring", LIBRARY, epoch=7), "example-token-1"
    yield "the keyring after the greatest epoch", Action(
        "keyring", LIBRARY, epoch=2**32 - 1), "example-token-1"
    yield "the newest snapshot", Action("latest", LIBRARY), "example-token-1"
    for index in (0, 1, 65_535):
        yield f"piece {index}", Action(
            "piece", LIBRARY, snapshot=SNAPSHOT, index=index), "example-token-1"
        yield f"send piece {index}", Action(
            "put-piece", LIBRARY, snapshot=SNAPSHOT, index=index, piece=b"\1\2"), "example-token-1"
    for pieces in (0, 65_535):
        yield f"complete a snapshot of {pieces} pieces", completion(pieces), "example-token-1"


def completion(pieces):
    return Action("complete", LIBRARY, snapshot=SNAPSHOT, complete=Snapshot(SNAPSHOT, cursor(), pieces))


def shown_request(message):
    return {"method": message.method, "target": message.target,
            "headers": [list(each) for each in message.headers], "body": message.body}


def shown_action(action):
    return {
        "do": action.name, "library": action.library, "digest": action.digest,
        "bundles": list(action.bundles), "after": action.after and action.after.text(),
        "at": None if action.at is None else str(action.at),
        "wait": action.wait, "epoch": action.epoch, "content": action.content,
        "snapshot": action.snapshot, "index": action.index,
        "piece": action.piece, "complete": shown_value(action.complete, "latest") or None,
        "parts": [shown_part(each) for each in action.parts],
        "wants": [each.text() for each in action.wants]}


def shown_part(part):
    return {"name": part.name, "digest": part.digest, "size": str(part.size),
            "offset": str(part.offset), "bytes": part.bytes}


def good_request(name, action, credential):
    message = request(action, credential)
    assert read_request(message) == (action, credential), name
    return {"name": name, **shown_request(message), "credential": credential,
            "action": shown_action(action)}


# Requests that a hub reads though no client writes them.

TOKEN = ("authorization", "Bearer example-token-1")
ONE = ("gloss-protocol", "1")
PUSH = [ONE, TOKEN, ("content-type", MESSAGE_TYPE)]


def get(query="", headers=(ONE, TOKEN), place="bundles", method="GET", body=b""):
    return Request(method, f"/v1/libraries/{HEX}/{place}{query}", list(headers), body)


def also_read():
    yield "capitals in identifiers", Request(
        "GET", f"/v1/libraries/{HEX.upper()}/bundles?after={PLACE.upper()}", [ONE, TOKEN])
    yield "a scheme in small letters", get(headers=[ONE, ("authorization", "bearer x")])
    yield "a parameter of a later version", get(f"?colour=green&after={PLACE}&x")
    yield "an empty query", get("?")
    yield "a media type with a parameter", get(method="POST", headers=[
        ONE, TOKEN, ("content-type", "Application/X-Protobuf; charset=binary")])
    yield "a snapshot in capitals", get(place=f"snapshots/{SNAPSHOT.hex().upper()}/7")
    yield "an empty piece", get(
        place=f"snapshots/{SNAPSHOT.hex()}/7", method="PUT", headers=[
            ONE, TOKEN, ("content-type", "Application/Octet-Stream; x=1")])
    yield "a body where none is called for", get(body=b"body")
    yield "the description in another version", Request(
        "GET", "/.well-known/gloss", [("gloss-protocol", "7")])
    yield "the description without a version", Request("GET", "/.well-known/gloss", [])
    yield "no secret", get(headers=[ONE])
    yield "the keyring after epoch 0", get("?after=0", place="keyring")
    yield "the vector with other parameters", get("?x&at=3&after=7&y=at", place="vector")
    yield "the keyring with other parameters", get("?x&after=3&y=after", place="keyring")
    for value in ("respond-async, wait=10", 'wait="7"', "Wait = 5 ; x=1", "wait=3, wait=4", "wait=0"):
        yield f"Prefer: {value}", get(headers=[ONE, TOKEN, ("prefer", value)])
    for value in ("wait", "wait=", "wait=soon", "wait=-1", "wait=1.5", 'wait="', "waits=3", ""):
        yield f"no preference in {value or 'nothing'}", get(headers=[ONE, TOKEN, ("prefer", value)])
    yield "a preference of a push", get(method="POST", headers=[*PUSH, ("prefer", "wait=9")])
    yield "a field of a later version", get(
        method="POST", headers=PUSH, body=b"\x0a\x01\x07" + b"\x7a\x02hi")
    yield "a want from 0 on, in capitals", get(f"?x=1&want={NAME.hex().upper()}.0", place="blobs")
    yield "a part with a field of a later version", get(
        place="blobs", method="POST", headers=PUSH,
        body=b"\x0a\x26" + blob_part(Part(NAME)) + b"\x7a\x02hi")


def blob_part(part):
    return wire.BlobPart(**part._asdict()).SerializeToString()


def blob_parts(*parts):
    return wire.BlobParts(
        parts=[wire.BlobPart(**each._asdict()) for each in parts]).SerializeToString()


def read(name, message):
    action, credential = read_request(message)
    return {"name": name, **shown_request(message), "credential": credential,
            "action": shown_action(action)}


# Requests that a hub refuses.

def bad_requests():
    yield "no version", get(headers=[TOKEN])
    yield "two versions", get(headers=[ONE, ONE, TOKEN])
    yield "a version of words", get(headers=[("gloss-protocol", "one"), TOKEN])
    yield "a version with a sign", get(headers=[("gloss-protocol", "+1"), TOKEN])
    yield "an empty version", get(headers=[("gloss-protocol", ""), TOKEN])
    yield "version 2", get(headers=[("gloss-protocol", "2"), TOKEN])
    yield "version 0", get(headers=[("gloss-protocol", "0"), TOKEN])
    yield "version 01", get(headers=[("gloss-protocol", "01"), TOKEN])
    yield "version 2^64", get(headers=[("gloss-protocol", str(2**64)), TOKEN])
    yield "another version at a path that is not there", Request(
        "GET", "/v2/moons", [("gloss-protocol", "2")])
    for path in (
            "", "/", "/v1", "/v1/libraries", "/v1/libraries/", f"/v1/libraries/{HEX[:-2]}",
            f"/v1/libraries/{HEX}00", f"/v1/libraries/{HEX[:-1]}g", f"/v1/libraries/{HEX}/",
            f"/v1/libraries/{HEX}/bundle", f"/v1/libraries/{HEX}/bundles/",
            f"/v1/libraries/{HEX}/devices/{HEX}", f"/v1/libraries/{HEX}/enrolments/{HEX}{HEX}0",
            f"/v1/libraries/{HEX}/keyring/", f"/v1/libraries/{HEX}/keyring/1",
            f"/v1/libraries/{HEX}/keyring/02", f"/v1/libraries/{HEX}/keyring/4097",
            f"/v1/libraries/{HEX}/keyring/+2", f"/v1/libraries/{HEX}/keyring/2/3",
            f"/v1/libraries/{HEX}/keyring/{2**64}", f"/v1/libraries/{HEX}/devices/card",
            f"/v1/libraries/{HEX}/devices/{DIGEST.hex()}/cards",
            f"/v1/libraries/{HEX}/devices/{DIGEST.hex()}/card/",
            f"/v1/libraries/{HEX}/snapshots", f"/v1/libraries/{HEX}/snapshots/",
            f"/v1/libraries/{HEX}/snapshots/Latest", f"/v1/libraries/{HEX}/snapshots/{HEX}/",
            f"/v1/libraries/{HEX}/snapshots/{HEX}/01", f"/v1/libraries/{HEX}/snapshots/{HEX}/+1",
            f"/v1/libraries/{HEX}/snapshots/{HEX}/65536", f"/v1/libraries/{HEX}/snapshots/latest/1",
            f"/v1/libraries/{HEX}/snapshots/{HEX}/99999999999999999999",
            f"/v1/libraries/{HEX}/snapshots/{HEX}/1/2", f"/v1/libraries/{HEX}/snapshots/{HEX}0/1",
            f"//v1/libraries/{HEX}", f"/V1/libraries/{HEX}", f"/v1/libraries/%30{HEX[1:]}"):
        yield f"nothing is at {path or 'no path'}", Request("GET", path, [ONE, TOKEN])
    for method, place in (
            ("DELETE", "bundles"), ("PUT", "bundles"), ("get", "bundles"), ("POST", "vector"),
            ("GET", f"enrolments/{DIGEST.hex()}"), ("POST", f"devices/{DIGEST.hex()}"),
            ("DELETE", f"enrolments/{DIGEST.hex()}"), ("DELETE", "devices"),
            ("PUT", "keyring"), ("GET", "keyring/2"), ("DELETE", "keyring/2"),
            ("GET", f"devices/{DIGEST.hex()}/card"),
            ("PUT", "snapshots/latest"), ("GET", f"snapshots/{SNAPSHOT.hex()}"),
            ("POST", f"snapshots/{SNAPSHOT.hex()}/1"), ("DELETE", f"snapshots/{SNAPSHOT.hex()}")):
        yield f"{method} {place.split('/')[0]}", get(place=place, method=method)
    for what, text in bad_cursors():
        yield f"a cursor with {what}", get(f"?after={text}")
    for text in ("", "-1", "+1", "01", "x", str(2**32), "2.0", PLACE):
        yield f"the keyring after {text or 'nothing'}", get(f"?after={text}", place="keyring")
    for text in ("", "-1", "+1", "01", "x", str(2**64), "2.0", PLACE, "%31"):
        yield f"the vector at {text or 'nothing'}", get(f"?at={text}", place="vector")
    yield "the vector at two places", get("?at=2&at=2", place="vector")
    yield "the keyring after two epochs", get("?after=2&after=2", place="keyring")
    for place in (f"devices/{DIGEST.hex()}/card", "keyring/2"):
        name = place.split("/")[0]
        put = [ONE, TOKEN, ("content-type", BYTES_TYPE)]
        yield f"{name}: no bytes", get(place=place, method="PUT", headers=put)
        yield f"{name}: no type", get(place=place, method="PUT", body=b"x")
        yield f"{name}: two types", get(place=place, method="PUT", headers=[*put, put[2]], body=b"x")
        yield f"{name}: another type", get(
            place=place, method="PUT", headers=[*put[:2], ("content-type", MESSAGE_TYPE)], body=b"x")
    yield "a card of 257 bytes", get(place=f"devices/{DIGEST.hex()}/card", method="PUT", headers=put,
                                     body=bytes(257))
    yield "two cursors", get(f"?after={PLACE}&after={PLACE}")
    for what, value in (
            ("no scheme", "secret"), ("another scheme", "Basic secret"), ("no secret", "Bearer"),
            ("an empty secret", "Bearer "), ("a space in it", "Bearer a b"),
            ("two spaces", "Bearer  a"), ("a secret of 129 characters", "Bearer " + "x" * 129)):
        yield f"an authorisation with {what}", get(headers=[ONE, ("authorization", value)])
    yield "two authorisations", get(headers=[ONE, TOKEN, TOKEN])
    body = wire.PushRequest(bundles=[BUNDLE]).SerializeToString()
    yield "a push without a type", get(method="POST", headers=[ONE, TOKEN], body=body)
    yield "a push of another type", get(
        method="POST", headers=[ONE, TOKEN, ("content-type", "text/plain")], body=body)
    yield "a push of two types", get(method="POST", headers=[*PUSH, PUSH[2]], body=body)
    yield "a push that is cut", get(method="POST", headers=PUSH, body=body[:-1])
    yield "a push that is no protobuf", get(method="POST", headers=PUSH, body=b"\x0a")
    yield "a push with field number 0", get(method="POST", headers=PUSH, body=b"\x02\x00")
    yield "a push with a group that does not end", get(method="POST", headers=PUSH, body=b"\x0b")
    yield "a push with a varint of 11 bytes", get(
        method="POST", headers=PUSH, body=b"\x0a" + b"\x80" * 10 + b"\x01")
    yield "a piece of another type", get(
        place=f"snapshots/{SNAPSHOT.hex()}/1", method="PUT", headers=PUSH, body=b"x")
    for what, body, kind in (
            ("another type", write_snapshot(Snapshot(SNAPSHOT, cursor(), 1)), BYTES_TYPE),
            ("another identifier", write_snapshot(Snapshot(LIBRARY, cursor(), 1)), MESSAGE_TYPE),
            ("half an identifier", write_snapshot(Snapshot(SNAPSHOT[:8], cursor(), 1)), MESSAGE_TYPE),
            ("too many pieces", write_snapshot(Snapshot(SNAPSHOT, cursor(), 65_536)), MESSAGE_TYPE),
            ("no cursor", wire.SnapshotDescription(id=SNAPSHOT).SerializeToString(), MESSAGE_TYPE),
            ("no protobuf", b"\x0a", MESSAGE_TYPE), ("nothing", b"", MESSAGE_TYPE)):
        yield f"a description with {what}", get(
            place=f"snapshots/{SNAPSHOT.hex()}", method="PUT",
            headers=[ONE, TOKEN, ("content-type", kind)], body=body)
    yield "a push of 65,537 bundles", get(method="POST", headers=PUSH, body=b"\x0a\0" * 65_537)
    name, longest = NAME.hex(), "-".join([NAME.hex()] * 65)
    for what, query in (
            ("no want", ""), ("an empty want", "?want="), ("two wants", f"?want={name}&want={name}"),
            ("a name cut", f"?want={name[:-1]}"), ("a name too long", f"?want={name}00"),
            ("other digits", f"?want={name[:-1]}g"), ("a hyphen at the end", f"?want={name}-"), ("a comma", f"?want={name},{name}"),
            ("an empty offset", f"?want={name}."), ("a zero in front", f"?want={name}.01"),
            ("a sign", f"?want={name}.+1"), ("a negative offset", f"?want={name}.-1"), ("an escaped hyphen", f"?want={name}%2D{name}"),
            ("an offset of 2^63", f"?want={name}.{2**63}"), ("65 names", f"?want={longest}")):
        yield f"a fetch with {what}", get(query, place="blobs")
    yield "an upload without a type", get(place="blobs", method="POST", body=blob_parts(*PARTS))
    yield "an upload that is cut", get(
        place="blobs", method="POST", headers=PUSH, body=blob_parts(*PARTS)[:-1])
    for what, part in bad_parts():
        yield f"an upload with {what}", get(
            place="blobs", method="POST", headers=PUSH, body=blob_parts(part))
    yield "a blob put", get(place="blobs", method="PUT")


def bad_parts():
    yield "a name of 31 bytes", Part(NAME[:-1], DIGEST, 5, 0, b"abc")
    yield "a digest of 31 bytes", Part(NAME, DIGEST[:-1], 5, 0, b"abc")
    yield "a digest and no size", Part(NAME, DIGEST)
    yield "a size and no digest", Part(NAME, b"", 5)
    yield "bytes and nothing that they are of", Part(NAME, bytes=b"abc")
    yield "a size over the limit", Part(NAME, DIGEST, BLOB_LIMIT + 1, 0, b"abc")
    yield "an offset past the end", Part(NAME, DIGEST, 5, 6)
    yield "bytes past the end", Part(NAME, DIGEST, 5, 3, b"abc")
    yield "an offset of 2^64 - 1", Part(NAME, DIGEST, 5, END, b"abc")


def bad_cursors():
    log, hash = LOG.hex(), HASH.hex()
    yield "nothing", ""
    yield "an index alone", "12"
    yield "no hash", f"{log}.12"
    yield "a log that is too short", f"{log[:-2]}.12.{hash}"
    yield "a log that is too long", f"{log}00.12.{hash}"
    yield "half a byte", f"{log}.12.{hash[:-1]}"
    yield "other digits", f"{log}.12.{hash[:-1]}g"
    yield "an index with a zero in front", f"{log}.012.{hash}"
    yield "an index with a sign", f"{log}.+12.{hash}"
    yield "a negative index", f"{log}.-1.{hash}"
    yield "no index", f"{log}..{hash}"
    yield "an index of 2^64", f"{log}.{2**64}.{hash}"
    yield "a part too many", f"{log}.12.{hash}."
    yield "an escaped dot", f"{log}%2E12.{hash}"
    yield "a space", f"{log}.12.{hash}%20"


def bad_request(name, message):
    try:
        read_request(message)
    except Problem as problem:
        # A body of 65,537 bundles is not written out.
        is_long = len(message.body) > 10_000
        shown = shown_request(message) | {"body": b"\x0a\0" if is_long else message.body}
        return {"name": name, **shown, "repeated": 65_537 if is_long else 1,
                "type": problem.type, "status": problem.status}
    raise AssertionError(name)


# Replies.

def message(status, kind, body, *headers):
    return Reply(status, [("content-type", kind), *headers], body)


def wire_cursor(index=12):
    return wire.Cursor(log=LOG, index=index, hash=HASH)


def page(bundles=(), more=False, index=12, epoch=0):
    return wire.Page(
        bundles=bundles, cursor=wire_cursor(index), has_more=more, epoch=epoch).SerializeToString()


def keyring(*entries, newest=0):
    return wire.KeyringReply(entries=entries, newest=newest).SerializeToString()


def vector(*origins):
    return wire.VectorReply(origins=[
        wire.VectorReply.Origin(replica=replica, last_seq=seq, tip=tip)
        for replica, seq, tip in origins], end=wire_cursor()).SerializeToString()


def devices(*parts):
    return wire.DeviceList(devices=[
        wire.DeviceList.Device(
            token_digest=digest, created=created, last_seen=seen, cursor_index=at, card=b"".join(card),
            applied_index=at // 2)
        for digest, created, seen, at, *card in parts]).SerializeToString()


def holdings(*parts):
    return wire.BlobHoldings(holdings=[
        wire.BlobHoldings.Holding(name=name, held=held, is_complete=whole)
        for name, held, whole in parts]).SerializeToString()


def document(**members):
    return json.dumps(members, separators=(",", ":")).encode()


DESCRIPTION = document(
    software="gloss-hub 1", versions=[1], requestByteLimit="16777216", pageByteLimit="1048576",
    waitLimitSeconds=60)


def good_replies():
    done = Reply(204, [])
    for name in ("create", "offer", "enrol", "revoke", "card", "entry", "put-piece", "complete"):
        yield f"{name}: done", name, done
    yield "a page", "pull", message(200, MESSAGE_TYPE, page([BUNDLE, b"", b"\1"], True))
    yield "an empty page", "push", message(200, MESSAGE_TYPE, page())
    for value in ("wait", "respond-async", ""):
        yield f"a page with Preference-Applied: {value or 'nothing'}", "pull", message(
            200, MESSAGE_TYPE, page(), ("preference-applied", value))
    yield "a page at the start of the log", "pull", message(200, MESSAGE_TYPE, page(index=0))
    yield "a page at the greatest index", "pull", message(200, MESSAGE_TYPE, page(index=END))
    yield "a page with a field of a later version", "pull", message(
        200, MESSAGE_TYPE, page() + b"\x7a\x02hi")
    yield "a type with a parameter", "pull", message(200, "Application/X-Protobuf ; v=1", page())
    asking = wire.Page(cursor=wire_cursor(), wants_snapshot=True).SerializeToString()
    yield "a page that asks for a snapshot", "pull", message(200, MESSAGE_TYPE, asking)
    yield "the newest snapshot", "latest", message(
        200, MESSAGE_TYPE, write_snapshot(Snapshot(SNAPSHOT, cursor(), 3)))
    yield "a snapshot of nothing", "latest", message(
        200, MESSAGE_TYPE, write_snapshot(Snapshot(SNAPSHOT, cursor(0), 0)))
    yield "a piece", "piece", message(200, BYTES_TYPE, b"\1\2\3")
    yield "an empty piece", "piece", message(200, BYTES_TYPE, b"")
    yield "a vector", "vector", message(
        200, MESSAGE_TYPE, vector((bytes(15) + b"\1", 1, TIP), (b"\xff" * 16, 2**40 - 1, TIP)))
    yield "a vector of nothing", "vector", message(200, MESSAGE_TYPE, vector())
    yield "devices", "devices", message(200, MESSAGE_TYPE, devices(
        (bytes(32), 1_700_000_000_000, 1_700_000_060_000, 12), (b"\xff" * 32, END, 0, 0)))
    yield "devices with cards", "devices", message(200, MESSAGE_TYPE, devices(
        (bytes(32), 1, 2, 3, b"\1card"), (b"\xff" * 32, 1, 2, 3)))
    yield "a page that tells of an epoch", "push", message(
        200, MESSAGE_TYPE, page([BUNDLE], epoch=4_096))
    yield "no keyring", "keyring", message(200, MESSAGE_TYPE, keyring())
    yield "a piece of a keyring", "keyring", message(
        200, MESSAGE_TYPE, keyring(b"\1entry", b"", newest=7))
    yield "the end of a keyring", "keyring", message(200, MESSAGE_TYPE, keyring(newest=2**32 - 1))
    yield "no devices", "devices", message(200, MESSAGE_TYPE, devices())
    yield "holdings", "upload", message(
        200, MESSAGE_TYPE, holdings((NAME, 3, False), (OTHER, BLOB_LIMIT, True)))
    yield "no holdings", "upload", message(200, MESSAGE_TYPE, b"")
    yield "parts of blobs", "fetch", message(200, MESSAGE_TYPE, blob_parts(PARTS[0], PARTS[2]))
    yield "no parts of blobs", "fetch", message(200, MESSAGE_TYPE, b"")
    yield "a description", "describe", message(200, JSON_TYPE, DESCRIPTION)
    yield "a description with more in it", "describe", message(
        200, JSON_TYPE, DESCRIPTION[:-1] + b',"later":{"a":[1]}}')
    yield "numbers as numbers", "describe", message(
        200, JSON_TYPE, b'{"software":"x","versions":[1,2],"requestByteLimit":5}')


def good_reply(name, action, reply):
    value = read_reply(reply, action)
    return {"name": name, "to": action, **shown_reply(reply), "value": shown_value(value, action)}


def shown_reply(reply):
    return {"status": reply.status, "headers": [list(each) for each in reply.headers],
            "body": reply.body}


def shown_value(value, action):
    kind = type(value).__name__
    if action == "upload":
        return {"holdings": [{"name": each.name, "held": str(each.held),
                              "isComplete": each.is_complete} for each in value]}
    if action == "fetch":
        return {"parts": [shown_part(each) for each in value]}
    if kind == "Page":
        return {"bundles": value.bundles, "cursor": value.cursor.text(), "hasMore": value.has_more,
                "hasWaited": value.has_waited, "epoch": value.epoch,
                "wantsSnapshot": value.wants_snapshot}
    if kind == "Keyring":
        return {"entries": value.entries, "newest": value.newest}
    if kind == "Snapshot":
        return {"snapshot": value.id, "cursor": value.cursor.text(), "pieceCount": value.pieces}
    if kind == "bytes":
        return {"piece": value}
    if kind == "Vector":
        return {"origins": [shown_held(each) for each in value.origins.values()],
                "end": value.end.text()}
    if kind == "Description":
        return {"software": value.software, "versions": value.versions,
                "requestByteLimit": str(value.request_byte_limit),
                "pageByteLimit": str(value.page_byte_limit), "waitLimitSeconds": value.wait_limit}
    if kind == "list":
        return {"devices": [
            {"digest": each.digest, "created": str(each.created), "lastSeen": str(each.last_seen),
             "cursorIndex": str(each.cursor_index), "card": each.card,
             "appliedIndex": str(each.applied_index)} for each in value]}
    return {}


def shown_held(held):
    return held and {"origin": held.origin, "lastSeq": str(held.seq), "tip": held.tip}


# Refusals, and replies that no hub gives.

def problem(type, *headers, status=None, **members):
    status = status or STATUSES.get(type, 400)
    body = document(type=PREFIX + type, title="t", status=status, **members)
    return message(status, PROBLEM_TYPE, body, *headers)


ORIGIN = {"origin": "AAAAAAAAAAAAAAAAAAAAAQ=="}
HELD = ORIGIN | {"lastSeq": "7", "tip": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}


def refusals():
    for type in STATUSES:
        held = HELD if type.startswith("bundle-") else {}
        yield type, "push", problem(type, detail=f"about {type}", **held)
    yield "a gap of an origin that is not held", "push", problem("bundle-gap", **ORIGIN)
    yield "a title alone", "pull", problem("malformed")
    yield "a limit", "push", problem("too-large", limit="40000")
    yield "a wait", "pull", problem("slow-down", ("retry-after", "17"))
    yield "a wait of nothing", "pull", problem("unavailable", ("retry-after", "0"))
    for wait in ("-1", "soon", "1.5", "", "Fri, 31 Dec 1999 23:59:59 GMT"):
        yield f"a wait that is no number: {wait or 'empty'}", "pull", problem(
            "unavailable", ("retry-after", wait))
    yield "unavailable by another status", "pull", problem("unavailable", status=507)
    yield "a type of a later version", "pull", problem("moon-phase", status=418, moon=[1])
    for status in (401, 413, 429, 500, 502, 504):
        yield f"a proxy's {status}", "pull", message(
            status, "text/html", b"<html>", ("retry-after", "9"))
    yield "a document of somebody else's", "pull", message(
        503, PROBLEM_TYPE, document(type="about:blank", title="Bad"))
    yield "a document that is no JSON", "pull", message(503, PROBLEM_TYPE, b"{")
    yield "a document of another type", "pull", message(
        401, "text/plain", document(type=PREFIX + "malformed"))


def not_ours():
    yield "a login page", "pull", message(200, "text/html; charset=utf-8", b"<html>")
    yield "no type", "pull", Reply(200, [], page())
    yield "a login page instead of nothing", "create", message(200, "text/html", b"<html>")
    yield "a redirection", "describe", Reply(302, [("location", "http://x/")])
    yield "a portal's 511", "pull", message(511, "text/html", b"<html>")
    yield "a server's 404", "pull", message(404, "text/html", b"<html>")
    yield "a server's 403", "pull", message(403, "text/html", b"<html>")
    yield "nothing to a pull", "pull", Reply(204, [])
    yield "an empty body", "pull", message(200, MESSAGE_TYPE, b"")
    yield "a page that is cut", "pull", message(200, MESSAGE_TYPE, page([BUNDLE])[:-1])
    yield "a page without a cursor", "pull", message(200, MESSAGE_TYPE, b"\x0a\x01x")
    short = wire.Page(cursor=wire.Cursor(log=LOG, index=1, hash=HASH[:8]))
    yield "a cursor with half a hash", "pull", message(
        200, MESSAGE_TYPE, short.SerializeToString())
    for what, origin in (
            ("an origin of 15 bytes", (bytes(15), 1, TIP)),
            ("an origin of nothing", (bytes(16), 0, TIP)),
            ("a number past 2^40 - 1", (bytes(16), 2**40, TIP)),
            ("a tip of 31 bytes", (bytes(16), 1, TIP[:-1]))):
        yield f"a vector with {what}", "vector", message(200, MESSAGE_TYPE, vector(origin))
    same = bytes(16), 1, TIP
    yield "a vector with an origin twice", "vector", message(
        200, MESSAGE_TYPE, vector(same, same))
    for what, body in (
            ("half an identifier", write_snapshot(Snapshot(SNAPSHOT[:8], cursor(), 1))),
            ("too many pieces", write_snapshot(Snapshot(SNAPSHOT, cursor(), 65_536))),
            ("no cursor", wire.SnapshotDescription(id=SNAPSHOT).SerializeToString())):
        yield f"a snapshot with {what}", "latest", message(200, MESSAGE_TYPE, body)
    yield "a piece of another type", "piece", message(200, "text/html", b"<html>")
    yield "a device with a digest of 31 bytes", "devices", message(
        200, MESSAGE_TYPE, devices((bytes(31), 1, 1, 1)))
    yield "a holding with a name of 31 bytes", "upload", message(
        200, MESSAGE_TYPE, holdings((NAME[:-1], 1, False)))
    yield "a holding of more than there can be", "upload", message(
        200, MESSAGE_TYPE, holdings((NAME, BLOB_LIMIT + 1, False)))
    for what, part in bad_parts():
        yield f"a part with {what}", "fetch", message(200, MESSAGE_TYPE, blob_parts(part))
    long = keyring(bytes(ENTRY_LIMIT + 1), newest=2)
    yield "a keyring that is cut", "keyring", message(200, MESSAGE_TYPE, keyring(b"abc", newest=2)[:3])
    yield "a keyring of another type", "keyring", message(200, "text/html", keyring())
    assert read_keyring_is_refused(long)
    yield "a description without versions", "describe", message(200, JSON_TYPE, b"{}")
    yield "a description that is no JSON", "describe", message(200, JSON_TYPE, b"<html>")
    yield "a description of another type", "describe", message(200, "text/json", DESCRIPTION)
    for what, members in (
            ("no origin", {}), ("half an origin", {"origin": "AAAA", "lastSeq": "1"}),
            ("no tip", ORIGIN | {"lastSeq": "1"}), ("a tip of nothing", HELD | {"lastSeq": "0"}),
            ("a number past 2^40 - 1", HELD | {"lastSeq": str(2**40)})):
        yield f"a gap with {what}", "push", problem("bundle-gap", **members)


def read_keyring_is_refused(body):
    """An entry over the limit; too long to be written into the vectors."""
    try:
        read_reply(message(200, MESSAGE_TYPE, body), "keyring")
    except NotOurs:
        return True
    return False


def refused(name, action, reply):
    try:
        read_reply(reply, action)
    except Problem as found:
        outcome = {
            "type": found.type, "detail": found.detail, "held": shown_held(found.held),
            "limit": found.limit and str(found.limit), "retryAfter": found.retry_after}
    except NotOurs:
        outcome = {"type": "not-ours"}
    else:
        raise AssertionError(name)
    return {"name": name, "to": action, **shown_reply(reply), **outcome}


def running_hashes():
    value, hashes = bytes(16), []
    for bundle in (BUNDLE, b"\1", BUNDLE):
        value = hashlib.sha256(value + hashlib.sha256(bundle).digest()).digest()[:16]
        hashes.append(value)
    return {"bundles": [BUNDLE, b"\1", BUNDLE], "hashes": hashes}


def vectors():
    refusal_cases = [refused(*case) for case in refusals()]
    foreign = [refused(*case) for case in not_ours()]
    assert all(each["type"] == "not-ours" for each in foreign)
    assert not any(each["type"] == "not-ours" for each in refusal_cases)
    return {
        "about": "Made by Protocol/reference/http_cases.py. Bytes and bodies are hexadecimal, numbers of 64 "
                 "bits decimal texts. 'requests' are what a client writes and a hub reads; 'alsoRead' "
                 "what a hub reads, too. 'type' is what stands behind urn:gloss:problem:, 'unknown' for "
                 "one of a later version, and 'not-ours' for what is no hub's reply.",
        "requests": [good_request(*case) for case in good_requests()],
        "alsoRead": [read(*case) for case in also_read()],
        "badRequests": [bad_request(*case) for case in bad_requests()],
        "replies": [good_reply(*case) for case in good_replies()],
        "refusals": refusal_cases, "notOurs": foreign, "runningHash": running_hashes()}
