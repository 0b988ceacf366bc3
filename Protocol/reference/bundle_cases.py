"""The cases of Protocol/vectors/bundles.json; bundle.py has the encodings."""

import json

import seal
from bundle import (
    BLOB, BOOL, BYTES, FIELDS, INTEGER, LIMIT, NULL, REAL, RECORD, SEQ_LIMIT, TEXT,
    Refused, canonical, change, columns, counted, delimited, encode, frame, header, header_fault,
    open_content, tip_after, varint)
from zstd import MAGIC

ROOT, LIBRARY, SALT = seal.ROOT, seal.LIBRARY, seal.SALT
REPLICAS = {letter: number.to_bytes(16, "big") for letter, number in {
    "a": 0x0A, "b": 0x0B, "c": 0x0C, "z": 0xFF << 120}.items()}
A, B, C, Z = REPLICAS.values()
END = 2**64 - 1
NOW = 1_700_000_000_000 << 16
FIRST_TIP = bytes(32)


def record(number):
    return bytes([0xD0 + number]) * 16


def text(content):
    return TEXT, content.encode()


def title(seq, time, content, *parents, target=1):
    return change(A, seq, time, record(target), "note", [("title", text(content), *parents)])


# Good cases: a name, the changes, and the large values.

def good_cases():
    yield "one change", [title(1, NOW, "A title")]
    yield "values of all types", [change(A, 1, NOW, record(1), "sample", [
        ("blob", (BLOB, bytes(range(32)))), ("bytes", (BYTES, b"\x00\xff")),
        ("false", (BOOL, False)), ("integer", (INTEGER, -1)), ("null", (NULL, None)),
        ("real", (REAL, 0x3FF8000000000000)), ("record", (RECORD, record(2))),
        ("text", text("caf\u00e9, cafe\u0301, \U0001f4d6")), ("true", (BOOL, True))])]
    yield "parents of its own and of others", [
        title(1, NOW, "1"), title(2, NOW + 1, "2", (A, 1)),
        title(3, NOW + 0x30000, "3", (A, 2), (B, 7), (Z, SEQ_LIMIT)),
        title(4, NOW + 0x30001, "4", (A, 3), (B, 8))]
    yield "records that come again", [
        title(1, NOW, "1", target=1), title(2, NOW, "2", target=2), title(3, NOW, "3", target=3),
        title(4, NOW, "4", target=1), title(5, NOW, "5", target=3),
        change(A, 6, NOW, record(4), "link", [
            ("from", (RECORD, record(2))), ("to", (RECORD, record(5))),
            ("via", (RECORD, record(4)))]),
        title(7, NOW, "7", target=5)]
    yield "a delete between edits", [
        title(1, NOW, "1"),
        change(A, 2, NOW + 1, record(1), "note", [("deleted", (BOOL, True))], [
            (Z, 3), (A, 1), (B, 40)]),
        title(3, NOW + 2, "3", (A, 1))]
    yield "what only a newer version knows", [change(A, 1, NOW, record(1), "new kind", [
        ("tag 8", (8, b"\x01\x02")), ("tag 255", (255, b"")), ("tag/\u00e9", (200, b"\xff"))])]
    yield "values that are not what their tag says", [change(A, 1, NOW, record(1), "note", [
        ("blob", (BLOB, b"short")), ("nul", (TEXT, b"a\0b")), ("text", (TEXT, b"\xff\xfe"))])]
    yield "changes that break the rules are carried", [
        change(A, 1, NOW, record(1), "", []),
        change(A, 2, NOW, record(1), "note", [("title", text("1")), ("title", text("2"))]),
        change(A, 3, NOW, record(1), "note", [
            ("a\0b", (NULL, None), (A, 3), (A, 9), (A, 0), (B, 0), (B, END))], [(A, END)])]
    yield "extreme times and numbers", [
        change(A, SEQ_LIMIT - 1, END, record(1), "note", [
            ("least", (INTEGER, -2**63)), ("most", (INTEGER, 2**63 - 1))]),
        change(A, SEQ_LIMIT, 0, record(1), "note", [
            ("nan", (REAL, 0x7FF8000000000001)), ("zero", (REAL, 1 << 63)), ("x", text(""))])]
    yield "the middle of a run", [title(7, NOW, "7", (A, 6)), title(8, NOW - 5, "8", (A, 7))]
    digests = [bytes([number]) * 32 for number in (1, 2)]
    yield "large values", [
        change(A, number, NOW, record(number), "article", [("text", (BLOB, digest))])
        for number, digest in enumerate(digests, 1)], [b"the first text", b""]
    yield "many shapes", [change(A, seq, NOW + seq, record(1), "note" if seq % 2 else "page", [
        (field, text("x" * seq)) for field in ("a", "b", "c")[:seq % 4]]) for seq in range(1, 9)]
    yield "a value that was left out, and the tip that is said", [
        change(A, 1, NOW, record(1), "note", [("title", (255, b"")), ("body", text("kept"))]),
        title(2, NOW + 1, "shown", (A, 1))], [], True


def good(name, changes, blobs=(), says_tip=False):
    first, last = changes[0].seq, changes[-1].seq
    previous = FIRST_TIP if first == 1 else bytes([first % 256]) * 32
    tips, tip = [], previous
    for each in changes:
        tip = tip_after(tip, each)
        tips.append(tip)
    stated = tip if says_tip else b""
    message = encode(columns(changes, blobs, stated))
    content = frame(message)
    assert open_content(content, A, first, last) == (changes, list(blobs), stated or None), name
    commitments = [seal.tip_commitment(ROOT, LIBRARY, each) for each in (previous, tip)]
    head = header(LIBRARY, A, first, last, *commitments)
    sealed = seal.seal(ROOT, LIBRARY, head, content, SALT)
    assert seal.open_sealed(ROOT, LIBRARY, 1, head, sealed) == content and not header_fault(head)
    return {
        "name": name, "changes": [shown(each) for each in changes], "blobs": list(blobs),
        "statedTip": stated, "canonical": [canonical(each) for each in changes], "previousTip": previous, "tips": tips,
        "message": message, "bundle": head + sealed}


def shown(change):
    return {
        "seq": str(change.seq), "timestamp": str(change.timestamp), "record": change.record,
        "kind": change.kind,
        "writes": [
            {"field": write.field, "value": shown_value(*write.value),
             "parents": shown_dots(write.parents)} for write in change.writes],
        "covers": shown_dots(change.covers)}


def shown_dots(dots):
    letters = {replica: letter for letter, replica in REPLICAS.items()}
    return [f"{letters[replica]}:{seq}" for replica, seq in dots]


def shown_value(tag, content):
    if tag == TEXT:
        try:
            return {"text": content.decode()}
        except UnicodeDecodeError:
            return {"unknown": {"tag": tag, "bytes": content}}
    if tag > BLOB or tag == BLOB and len(content) != 32:
        return {"unknown": {"tag": tag, "bytes": content}}
    return {
        NULL: lambda: {"null": True}, BOOL: lambda: {"bool": content},
        INTEGER: lambda: {"integer": str(content)}, REAL: lambda: {"real": f"{content:016x}"},
        BYTES: lambda: {"bytes": content}, RECORD: lambda: {"record": content},
        BLOB: lambda: {"blob": content}}[tag]()


# Bad contents: a name, the frame, and the run that the header promises.

RICH = [
    change(A, 1, NOW, record(1), "note", [
        ("count", (INTEGER, 7)), ("link", (RECORD, record(2))), ("real", (REAL, 0)),
        ("title", text("first"), (B, 1))]),
    change(A, 2, NOW + 1, record(1), "note", [("deleted", (BOOL, True), (A, 1))], [(A, 1), (B, 2)]),
]
EXTRA = {
    "records": record(3), "replicas": bytes(16), "valueTags": b"\0", "payload": b"x", "blobs": None,
    "names": None, "shapes": None, "statedTip": b"x"}


def altered(**changed):
    return frame(encode(columns(RICH) | changed))


def bad_cases():
    whole = columns(RICH)
    for name, (_, kind) in FIELDS.items():
        column = whole[name]
        width = 16 if name in ("records", "replicas") else 1
        if name not in ("blobs", "statedTip"):
            yield f"{name} cut", altered(**{name: column[:-width]}), 1, 2
        extra = EXTRA.get(name, [1])
        if extra is not None and name != "replicas":
            yield f"{name} with one more", altered(**{name: column + extra}), 1, 2
    yield "half an identifier of a record", altered(records=whole["records"][:-8]), 1, 2
    yield "half an identifier of a replica", altered(replicas=whole["replicas"] + bytes(8)), 1, 2
    yield "fewer changes than the header says", altered(), 1, 3
    yield "more changes than the header says", altered(), 1, 1
    yield "a header of a great run", altered(), 1, SEQ_LIMIT
    yield "no message", frame(b""), 1, 1
    yield "a shape that is not there", altered(shapeIndexes=[0, 2]), 1, 2
    yield "the greatest index of a shape", altered(shapeIndexes=[0, 2**32 - 1]), 1, 2
    shapes = whole["shapes"]
    yield "a kind that is not there", altered(
        shapes=[shapes[0] | {"kind": len(whole["names"])}, shapes[1]]), 1, 2
    yield "a field that is not there", altered(
        shapes=[shapes[0], shapes[1] | {"fields": [2**32 - 1]}]), 1, 2
    yield "a record before the first", altered(recordReferences=[1, 2]), 1, 2
    yield "a record far back", altered(recordReferences=[0, 2**32 - 1]), 1, 2
    yield "a record that is not used up", altered(recordReferences=[0, 1], valueReferences=[1]), 1, 2
    yield "a replica that is not there", altered(parentReplicas=[2, 0]), 1, 2
    yield "the greatest index of a replica", altered(coverReplicas=[2**32 - 1, 1]), 1, 2
    yield "more parents than there are", altered(parentCounts=[2**32 - 1] + [0] * 4), 1, 2
    yield "more covers than there are", altered(coverCounts=[0, 2**32 - 1]), 1, 2
    yield "covers without counts", altered(coverCounts=[]), 1, 2
    yield "a length past the payload", altered(lengths=[6]), 1, 2
    yield "the greatest length", altered(lengths=[2**32 - 1]), 1, 2
    yield "a boolean of 2", altered(integers=[7, 2]), 1, 2
    yield "a boolean of -1", altered(integers=[7, -1]), 1, 2
    message = encode(whole)
    yield "a name that is not UTF-8", frame(message + delimited(1, b"\xff")), 1, 2
    yield "a name that is a surrogate", frame(message + delimited(1, b"\xed\xa0\x80")), 1, 2
    yield "a message that is cut", frame(message[:-1]), 1, 2
    yield "a column longer than the message", frame(message + varint(20 << 3 | 2) + b"\x05a"), 1, 2
    yield "half a number of 8 bytes", frame(message + delimited(12, bytes(7))), 1, 2
    yield "an unknown field", frame(message + delimited(22, b"")), 1, 2
    yield "an unknown number", frame(message + varint(1000 << 3) + b"\x01"), 1, 2
    shape = delimited(4, encode(shapes[0], {"kind": (1, "u"), "fields": (2, "U")}) + delimited(3, b""))
    yield "an unknown field in a shape", frame(message + shape), 1, 2
    yield "a column of another wire type", frame(message + varint(8 << 3) + b"\x01"), 1, 2
    yield "an unknown field and columns that do not fit", frame(
        encode(whole | {"lengths": []}) + delimited(22, b"")), 1, 2
    yield from bad_frames(frame(message))


def bad_frames(content):
    yield "nothing", b"", 1, 2
    yield "no frame", b"not a frame at all", 1, 2
    yield "a frame that is cut", content[:-1], 1, 2
    yield "the head of a frame", content[:6], 1, 2
    yield "a byte after the frame", content + b"\0", 1, 2
    yield "two frames", content + content, 1, 2
    yield "an empty frame behind", content + frame(b""), 1, 2
    skippable = bytes.fromhex("502a4d18") + (4).to_bytes(4, "little") + b"skip"
    yield "a skippable frame", skippable, 1, 2
    yield "a skippable frame in front", skippable + content, 1, 2
    yield "a frame that does not say its size", MAGIC + b"\x00\x50" + b"\x01\x00\x00", 1, 2
    yield "a frame of more than it says", frame(bytes(40), size=39), 1, 2
    yield "a frame of less than it says", frame(bytes(40), size=41), 1, 2
    yield "a frame that claims 1 GiB", frame(b"x", size=2**30), 1, 2
    yield "a frame that claims a byte over the limit", frame(b"x", size=LIMIT + 1), 1, 2
    blocks = b"\x02\x00\x10" * 1023 + b"\x03\x00\x10"
    yield "128 MiB in 3 KiB", MAGIC + b"\xa0" + (2**27).to_bytes(4, "little") + b"".join(
        blocks[at : at + 3] + b"\0" for at in range(0, len(blocks), 3)), 1, 2


def bad(name, content, first, last):
    try:
        open_content(content, A, first, last)
    except Refused as refused:
        return {
            "name": name, "content": content, "first": str(first), "last": str(last),
            "error": refused.args[0]}
    raise AssertionError(name)


# Bad headers.

def bad_headers():
    def of(first=1, last=3, **changed):
        return header(LIBRARY, A, first, last, bytes(32), bytes(range(32)), **changed)

    yield "nothing", b""
    yield "one byte less than a header", of()[:-1]
    yield "suite 0", of(suite=0)
    yield "suite 2, laid out in another way", b"\x02"
    yield "a first number of 0", of(first=0)
    yield "a last number below the first", of(first=4)
    yield "a last number of 2^40", of(last=SEQ_LIMIT + 1)
    yield "the greatest numbers", of(first=END, last=END)
    yield "epoch 0", of(epoch=0)


def vectors():
    cases = [good(*case) for case in good_cases()]
    headers = [
        {"name": name, "bundle": data, "error": header_fault(data)} for name, data in bad_headers()]
    assert all(each["error"] for each in headers)
    return {
        "about": "Made by Protocol/reference/bundle.py. Bytes are hexadecimal; numbers of 64 bits are "
                 "decimal texts; a dot is REPLICA:NUMBER; a real is its IEEE 754 bits. The origin is "
                 "always replica a. 'message' is what the frame in 'bundle' holds.",
        "root": ROOT, "library": LIBRARY, "salt": SALT, "replicas": REPLICAS, "origin": A,
        "bundles": cases, "badContents": [bad(*case) for case in bad_cases()], "badHeaders": headers}


def rendered():
    return json.dumps(vectors(), indent=1, ensure_ascii=True, default=bytes.hex) + "\n"
