"""The cases of Protocol/vectors/exports.json: what is written of some changes, and what must not be read."""

import hashlib
import struct

import exports
from bundle import BLOB, BOOL, BYTES, INTEGER, NULL, REAL, RECORD, TEXT, change, counted, varint
from seal import LIBRARY

A, B = bytes([0xA0] + [1] * 15), bytes([0x0B] + [2] * 15)
ARTICLE, NOTE, HIGHLIGHT = bytes([3] * 16), bytes([4] * 16), bytes([5] * 16)
ESSAY = "I went to the woods because I wished to live deliberately. 📖\n".encode()
NO_TEXT = b"\xc3\x28\x00\x01"


def stamp(milliseconds, counter=0):
    return milliseconds << 16 | counter


def real(value):
    return int.from_bytes(struct.pack(">d", value), "big")


def digest(content):
    return hashlib.sha256(content).digest()


def state(changes):
    """The hash over all heads, of changes that are all valid."""
    records = {}
    for item in changes:
        for write in item.writes:
            registers = records.setdefault((item.record, item.kind.encode()), {})
            named, dots = registers.setdefault(write.field.encode(), (set(), set()))
            dots.add((item.origin, item.seq))
            named.update(write.parents)
    chain = bytes(32)
    for (record, kind), registers in sorted(records.items()):
        content = record + counted(kind) + varint(len(registers))
        for field, (named, dots) in sorted(registers.items()):
            heads = sorted(dots - named)
            content += counted(field) + varint(len(heads)) + b"".join(
                replica + varint(seq) for replica, seq in heads)
        chain = hashlib.sha256(chain + content).digest()
    return chain.hex()


def case(name, changes, blobs=(), since=None):
    held = {digest(content): content for content in blobs}
    file = exports.export(LIBRARY, changes, held, state(changes), since)
    if since is None:
        library, read, texts, end = exports.read(file.splitlines(keepends=True))
        assert (library, sorted(read), texts) == (LIBRARY, sorted(changes), held), name
    whole = {"name": name, "library": LIBRARY.hex(), "file": file.decode(), "state": state(changes)}
    return whole | ({} if since is None else {"base": exports.export(LIBRARY, changes, held, state(changes)).decode(),
                                              "since": exports.cursor(LIBRARY, since)})


def story():
    return [
        change(A, 1, stamp(1_700_000_000_000), ARTICLE, "article", [
            ("title", (TEXT, b"Walden")), ("text", (BLOB, digest(ESSAY))), ("saved", (INTEGER, 1_700_000_000_000)),
            ("tag/classics", (BOOL, 1))]),
        change(A, 2, stamp(1_700_000_001_000), ARTICLE, "article", [("title", (TEXT, b"Walden, or"), (A, 1))]),
        change(B, 1, stamp(1_700_000_000_500), ARTICLE, "article", [("title", (TEXT, b"Life"), (A, 1))]),
        change(B, 2, stamp(1_700_000_002_000, 7), NOTE, "note", [
            ("article", (RECORD, ARTICLE)), ("body", (TEXT, "caf\u00e9 cafe\u0301 \u202e\x1b[2J\u2028".encode()))]),
        change(B, 3, stamp(1_700_000_003_000), NOTE, "note", [("deleted", (BOOL, 1))], [(B, 2)]),
    ]


def values():
    contents = [
        (NULL, b""), (BOOL, 0), (INTEGER, -(2**63)), (INTEGER, 2**63 - 1), (REAL, real(0.1)), (REAL, real(-0.0)),
        (REAL, real(5e-324)), (REAL, real(float("inf"))), (REAL, 0x7FF8000000000042), (BYTES, b""),
        (BYTES, b"\xff\x00\x01"), (BLOB, digest(NO_TEXT)), (BLOB, bytes(32)), (200, b"later"), (255, b""), (255, b"x")]
    return [change(A, 1, 2**64 - 1, ARTICLE, "later/kind", [
        (f"field {index:02}", content) for index, content in enumerate(contents)])]


def anchors():
    """What has a quote beside its bytes, and what has none though it is as near to one as can be."""
    text = ESSAY.decode()
    words = "to live deliberately"
    start = text.index(words)
    parts = [words, text[start - 32:start], text[start + len(words):]]
    anchor = (b"\x01" + b"".join(counted(part.encode()) for part in parts)
              + varint(start) + varint(len(words)) + digest(ESSAY))
    contents = [anchor, b"\x02" + anchor[1:], anchor + b"\0", anchor[:-1], anchor.replace(b"live", b"l\xffve"), b""]
    highlights = [change(A, 1, stamp(1_000), HIGHLIGHT, "highlight", [
        ("anchor", (BYTES, anchor)), ("article", (RECORD, ARTICLE)), ("colour", (BYTES, anchor))])]
    highlights += [
        change(A, seq, stamp(1_000 * seq), HIGHLIGHT, "highlight", [("anchor", (BYTES, content), (A, seq - 1))])
        for seq, content in enumerate(contents[1:], 2)]
    return highlights + [
        change(B, 1, stamp(500), HIGHLIGHT, "highlight", [("anchor", (TEXT, b"\x01"))]),
        change(B, 2, stamp(9_000), NOTE, "note", [("anchor", (BYTES, anchor))])]


def many():
    """Changes that are simple to make again."""
    counts, changes = {A: 0, B: 0}, []
    for index in range(2_100):
        origin = A if index % 3 == 0 else B
        counts[origin] += 1
        changes.append(change(
            origin, counts[origin], stamp(1_000 + index + index * 7 % 50, index % 3),
            digest(b"%d" % index)[:16], "note", [("body", (TEXT, b"%d" % index))]))
    return changes


def hash_of(case):
    """A large file is vouched for by its hash."""
    text = case.pop("file")
    return case | {"sha256": hashlib.sha256(text.encode()).hexdigest(), "lines": text.count("\n")}


def refused(name, file):
    try:
        exports.read(file.splitlines(keepends=True))
    except exports.Refused as error:
        return {"name": name, "file": file.decode(), "error": error.args[0]}
    raise AssertionError(name)


def refusals():
    good = exports.export(LIBRARY, story(), {digest(ESSAY): ESSAY}, state(story()))
    lines = good.splitlines(keepends=True)
    yield "nothing", b""
    yield "another file", b"An essay.\n"
    yield "a later version", lines[0].replace(b'"version":1', b'"version":2')
    yield "the end is missing", b"".join(lines[:-1])
    yield "the check is missing", b"".join(lines[:-2] + lines[-1:])
    yield "a line is missing", b"".join(lines[:3] + lines[4:])
    yield "two lines are exchanged", b"".join([*lines[:3], lines[4], lines[3], *lines[5:]])
    yield "a title is another", good.replace(b'"Life"', b'"Live"')
    yield "a text is another", good.replace(b"deliberately", b"deliberatelY")
    yield "a number is missing", good.replace(b'"seq":2,', b"")
    yield "a type that is none", good.replace(b'"type":"record"', b'"type":"recard"')
    yield "a line that is none", b"".join(lines[:2] + [b'{"type":"later"}\n'] + lines[2:])
    yield "a member twice", good.replace(b'"seq":2,', b'"seq":2,"seq":2,')
    # Whoever makes the hashes anew has not made the tips.
    forged = lines[:-2]
    forged[3] = forged[3].replace(b'"Life"', b'"Live"')
    sums = hashlib.sha256(b"".join(forged)).hexdigest().encode()
    check = lines[-2].replace(hashlib.sha256(b"".join(lines[:-2])).hexdigest().encode(), sums)
    yield "a title is another, and the hash", b"".join(forged) + check


def vectors():
    return {
        "exports": [
            case("a conflict, a delete and a text", story(), [ESSAY]), case("nothing", []),
            case("a text that is missing", story()), case("every type of value", values(), [NO_TEXT]),
            case("a highlight's quote", anchors()),
            case("since a cursor", story(), [ESSAY], {A: 1, B: 1}),
        ],
        "hashes": [hash_of(case("more than a check's worth", many()))],
        "refused": [refused(name, file) for name, file in refusals()],
    }
