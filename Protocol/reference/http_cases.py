"""The cases of Protocol/vectors/http.json: requests, replies, refusals and cursors; messages.py has the rules."""

import hashlib
import json

import gloss_pb2 as wire
import seal
from messages import (
    BYTES_TYPE, JSON_TYPE, MESSAGE_TYPE, PREFIX, PROBLEM_TYPE, STATUSES, Action, Cursor, NotOurs,
    Problem, Reply, Request, Snapshot, read_reply, read_request, request, write_snapshot)

LIBRARY = bytes.fromhex("00112233445566778899aabbccddeeff")
HEX = LIBRARY.hex()
DIGEST = hashlib.sha256(b"example-token-2").digest()
NAME = bytes.fromhex("5a5b5c5d5e5f60616263646566676869")
LOG, HASH = b"\xab" * 16, b"\x0c" * 16
TIP = b"\x07" * 32
PLACE = f"{LOG.hex()}.12.{HASH.hex()}"
BUNDLE = seal.bundle_header() + bytes(84)
END = 2**64 - 1


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
    yield "the newest snapshot", Action("latest", LIBRARY), "example-token-1"
    for index in (0, 1, 65_535):
        yield f"piece {index}", Action(
            "piece", LIBRARY, snapshot=NAME, index=index), "example-token-1"
        yield f"send piece {index}", Action(
            "put-piece", LIBRARY, snapshot=NAME, index=index, piece=b"\1\2"), "example-token-1"
    for pieces in (0, 65_535):
        yield f"complete a snapshot of {pieces} pieces", completion(pieces), "example-token-1"


def completion(pieces):
    return Action("complete", LIBRARY, snapshot=NAME, complete=Snapshot(NAME, cursor(), pieces))


def shown_request(message):
    return {"method": message.method, "target": message.target,
            "headers": [list(each) for each in message.headers], "body": message.body}


def shown_action(action):
    return {
        "do": action.name, "library": action.library, "digest": action.digest,
        "bundles": list(action.bundles), "after": action.after and action.after.text(),
        "wait": action.wait, "snapshot": action.snapshot, "index": action.index,
        "piece": action.piece, "complete": shown_value(action.complete) or None}


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
    yield "a snapshot in capitals", get(place=f"snapshots/{NAME.hex().upper()}/7")
    yield "an empty piece", get(
        place=f"snapshots/{NAME.hex()}/7", method="PUT", headers=[
            ONE, TOKEN, ("content-type", "Application/Octet-Stream; x=1")])
    yield "a body where none is called for", get(body=b"body")
    yield "the description in another version", Request(
        "GET", "/.well-known/gloss", [("gloss-protocol", "7")])
    yield "the description without a version", Request("GET", "/.well-known/gloss", [])
    yield "no secret", get(headers=[ONE])
    for value in ("respond-async, wait=10", 'wait="7"', "Wait = 5 ; x=1", "wait=3, wait=4", "wait=0"):
        yield f"Prefer: {value}", get(headers=[ONE, TOKEN, ("prefer", value)])
    for value in ("wait", "wait=", "wait=soon", "wait=-1", "wait=1.5", 'wait="', "waits=3", ""):
        yield f"no preference in {value or 'nothing'}", get(headers=[ONE, TOKEN, ("prefer", value)])
    yield "a preference of a push", get(method="POST", headers=[*PUSH, ("prefer", "wait=9")])
    yield "a field of a later version", get(
        method="POST", headers=PUSH, body=b"\x0a\x01\x07" + b"\x7a\x02hi")


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
            ("PUT", "snapshots/latest"), ("GET", f"snapshots/{NAME.hex()}"),
            ("POST", f"snapshots/{NAME.hex()}/1"), ("DELETE", f"snapshots/{NAME.hex()}")):
        yield f"{method} {place.split('/')[0]}", get(place=place, method=method)
    for what, text in bad_cursors():
        yield f"a cursor with {what}", get(f"?after={text}")
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
        place=f"snapshots/{NAME.hex()}/1", method="PUT", headers=PUSH, body=b"x")
    for what, body, kind in (
            ("another type", write_snapshot(Snapshot(NAME, cursor(), 1)), BYTES_TYPE),
            ("another identifier", write_snapshot(Snapshot(LIBRARY, cursor(), 1)), MESSAGE_TYPE),
            ("half an identifier", write_snapshot(Snapshot(NAME[:8], cursor(), 1)), MESSAGE_TYPE),
            ("too many pieces", write_snapshot(Snapshot(NAME, cursor(), 65_536)), MESSAGE_TYPE),
            ("no cursor", wire.SnapshotDescription(id=NAME).SerializeToString(), MESSAGE_TYPE),
            ("no protobuf", b"\x0a", MESSAGE_TYPE), ("nothing", b"", MESSAGE_TYPE)):
        yield f"a description with {what}", get(
            place=f"snapshots/{NAME.hex()}", method="PUT",
            headers=[ONE, TOKEN, ("content-type", kind)], body=body)
    yield "a push of 65,537 bundles", get(method="POST", headers=PUSH, body=b"\x0a\0" * 65_537)


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


def page(bundles=(), more=False, index=12):
    return wire.Page(
        bundles=bundles, cursor=wire_cursor(index), has_more=more).SerializeToString()


def vector(*origins):
    return wire.VectorReply(origins=[
        wire.VectorReply.Origin(replica=replica, last_seq=seq, tip=tip)
        for replica, seq, tip in origins], end=wire_cursor()).SerializeToString()


def devices(*parts):
    return wire.DeviceList(devices=[
        wire.DeviceList.Device(token_digest=digest, created=created, last_seen=seen, cursor_index=at)
        for digest, created, seen, at in parts]).SerializeToString()


def document(**members):
    return json.dumps(members, separators=(",", ":")).encode()


DESCRIPTION = document(
    software="gloss-hub 1", versions=[1], requestByteLimit="16777216", pageByteLimit="1048576",
    waitLimitSeconds=60)


def good_replies():
    done = Reply(204, [])
    for name in ("create", "offer", "enrol", "revoke", "put-piece", "complete"):
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
        200, MESSAGE_TYPE, write_snapshot(Snapshot(NAME, cursor(), 3)))
    yield "a snapshot of nothing", "latest", message(
        200, MESSAGE_TYPE, write_snapshot(Snapshot(NAME, cursor(0), 0)))
    yield "a piece", "piece", message(200, BYTES_TYPE, b"\1\2\3")
    yield "an empty piece", "piece", message(200, BYTES_TYPE, b"")
    yield "a vector", "vector", message(
        200, MESSAGE_TYPE, vector((bytes(15) + b"\1", 1, TIP), (b"\xff" * 16, 2**40 - 1, TIP)))
    yield "a vector of nothing", "vector", message(200, MESSAGE_TYPE, vector())
    yield "devices", "devices", message(200, MESSAGE_TYPE, devices(
        (bytes(32), 1_700_000_000_000, 1_700_000_060_000, 12), (b"\xff" * 32, END, 0, 0)))
    yield "no devices", "devices", message(200, MESSAGE_TYPE, devices())
    yield "a description", "describe", message(200, JSON_TYPE, DESCRIPTION)
    yield "a description with more in it", "describe", message(
        200, JSON_TYPE, DESCRIPTION[:-1] + b',"later":{"a":[1]}}')
    yield "numbers as numbers", "describe", message(
        200, JSON_TYPE, b'{"software":"x","versions":[1,2],"requestByteLimit":5}')


def good_reply(name, action, reply):
    value = read_reply(reply, action)
    return {"name": name, "to": action, **shown_reply(reply), "value": shown_value(value)}


def shown_reply(reply):
    return {"status": reply.status, "headers": [list(each) for each in reply.headers],
            "body": reply.body}


def shown_value(value):
    kind = type(value).__name__
    if kind == "Page":
        return {"bundles": value.bundles, "cursor": value.cursor.text(), "hasMore": value.has_more,
                "hasWaited": value.has_waited, "wantsSnapshot": value.wants_snapshot}
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
             "cursorIndex": str(each.cursor_index)} for each in value]}
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
            ("half an identifier", write_snapshot(Snapshot(NAME[:8], cursor(), 1))),
            ("too many pieces", write_snapshot(Snapshot(NAME, cursor(), 65_536))),
            ("no cursor", wire.SnapshotDescription(id=NAME).SerializeToString())):
        yield f"a snapshot with {what}", "latest", message(200, MESSAGE_TYPE, body)
    yield "a piece of another type", "piece", message(200, "text/html", b"<html>")
    yield "a device with a digest of 31 bytes", "devices", message(
        200, MESSAGE_TYPE, devices((bytes(31), 1, 1, 1)))
    yield "a description without versions", "describe", message(200, JSON_TYPE, b"{}")
    yield "a description that is no JSON", "describe", message(200, JSON_TYPE, b"<html>")
    yield "a description of another type", "describe", message(200, "text/json", DESCRIPTION)
    for what, members in (
            ("no origin", {}), ("half an origin", {"origin": "AAAA", "lastSeq": "1"}),
            ("no tip", ORIGIN | {"lastSeq": "1"}), ("a tip of nothing", HELD | {"lastSeq": "0"}),
            ("a number past 2^40 - 1", HELD | {"lastSeq": str(2**40)})):
        yield f"a gap with {what}", "push", problem("bundle-gap", **members)


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
