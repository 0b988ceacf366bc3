#!/usr/bin/env python3
"""The bundles of Gloss, written a second time from Protocol/README.md, and the test vectors made with it.

`python3 Protocol/reference/bundle.py` writes Protocol/vectors/bundles.json, the same bytes each time. It needs Python
3.11 and, through seal.py, the package `cryptography`. Protobuf's wire format is written out here, and the zstd frames
that it writes hold blocks that are not compressed: both are valid, and neither is what the Swift implementation uses.
Frames are opened by libzstd.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import zstd

LIMIT = 32 * 1024 * 1024
ENTRY_LIMIT = 1 << 20
SEQ_LIMIT = 2**40 - 1
NULL, BOOL, INTEGER, REAL, TEXT, BYTES, RECORD, BLOB = range(8)


class Refused(Exception):
    """Bytes that must not be accepted; the argument names the error."""


# Changes. A dot is (replica, number); a value is (tag, content), where the content of a real is its 64 bits and that of
# a tag above the known ones, or of bytes that are not what their tag says, is bytes.

class Write(NamedTuple):
    field: str
    value: tuple
    parents: list


class Change(NamedTuple):
    origin: bytes
    seq: int
    timestamp: int
    record: bytes
    kind: str
    writes: list
    covers: list


def change(origin, seq, timestamp, record, kind, writes, covers=()):
    """A change with everything in order: fields by their bytes, dots by replica and number."""
    writes = [Write(field, value, sorted(parents)) for field, value, *parents in writes]
    ordered = sorted(writes, key=lambda write: write.field.encode())
    return Change(origin, seq, timestamp, record, kind, ordered, sorted(covers))


# The canonical encoding of a change, and tips.

def varint(number):
    groups = []
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(groups + [number])


def zigzag(number):
    return (number << 1 ^ number >> 63) & 2**64 - 1


def counted(content):
    return varint(len(content)) + content


def canonical_value(tag, content):
    if tag == NULL:
        return b""
    if tag == BOOL:
        return bytes([content])
    if tag == INTEGER:
        return varint(zigzag(content))
    if tag == REAL:
        return content.to_bytes(8, "big")
    return content if tag == RECORD else counted(content)


def canonical_dots(dots):
    return varint(len(dots)) + b"".join(replica + varint(seq) for replica, seq in dots)


def canonical(change):
    head = change.origin + varint(change.seq) + change.timestamp.to_bytes(8, "big") + change.record
    writes = b"".join(
        counted(write.field.encode()) + bytes([write.value[0]]) + canonical_value(*write.value)
        + canonical_dots(write.parents) for write in change.writes)
    kind = counted(change.kind.encode()) + varint(len(change.writes))
    return head + kind + writes + canonical_dots(change.covers)


def tip_after(tip, change):
    return hashlib.sha256(tip + canonical(change)).digest()


# Protobuf: the number and the type of each field of BundleContent. A packed column of varints is U (unsigned, 32 bits)
# or S (zigzag, 64 bits), one of eight-byte numbers F; B is bytes, and a list of anything else one entry for each.

FIELDS = {
    "names": (1, "text"), "records": (2, "B"), "replicas": (3, "B"), "shapes": (4, "shape"),
    "timestampDeltas": (5, "S"), "shapeIndexes": (6, "U"), "recordReferences": (7, "U"),
    "valueTags": (8, "B"), "parentCounts": (9, "U"), "integers": (10, "S"),
    "valueReferences": (11, "U"), "reals": (12, "F"), "lengths": (13, "U"), "payload": (14, "B"),
    "parentReplicas": (15, "U"), "parentSeqs": (16, "S"), "coverCounts": (17, "U"),
    "coverReplicas": (18, "U"), "coverSeqs": (19, "S"), "blobs": (20, "bytes"),
    "statedTip": (21, "B"),
}
SHAPE_FIELDS = {"kind": (1, "u"), "fields": (2, "U")}
EMPTY = {"B": b"", "u": 0}


def empty(fields):
    return {name: EMPTY.get(kind, []) for name, (_, kind) in fields.items()}


def delimited(number, content):
    return varint(number << 3 | 2) + counted(content)


def encode_field(number, kind, value):
    if kind == "u":
        return varint(number << 3) + varint(value)
    if kind in ("text", "bytes", "shape"):
        parts = {"text": str.encode, "bytes": bytes, "shape": lambda s: encode(s, SHAPE_FIELDS)}
        return b"".join(delimited(number, parts[kind](each)) for each in value)
    packed = {
        "B": lambda: value,
        "F": lambda: b"".join(each.to_bytes(8, "little") for each in value),
        "U": lambda: b"".join(map(varint, value)),
        "S": lambda: b"".join(varint(zigzag(each)) for each in value),
    }
    return delimited(number, packed[kind]())


def encode(message, fields=FIELDS):
    """The message's bytes: fields by ascending number, columns packed, nothing for what is empty or 0."""
    return b"".join(
        encode_field(number, kind, message[name])
        for name, (number, kind) in fields.items() if message[name])


class Bytes:
    """Bytes that are read from their start."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        if count > len(self.data) - self.place:
            raise Refused("badColumns")
        self.place += count
        return self.data[self.place - count : self.place]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 2**64 - 1
        raise Refused("badColumns")

    def all(self, read):
        items = []
        while self.place < len(self.data):
            items.append(read())
        return items


def signed(number):
    return number >> 1 ^ -(number & 1)


def decode_field(kind, wire, content):
    """What a field holds, given its varint or its bytes; None where the wire type is not one of the field's."""
    if wire != (0 if kind == "u" else 2):
        return None
    if kind == "u":
        return content & 2**32 - 1
    if kind == "text":
        try:
            return [content.decode()]
        except UnicodeDecodeError:
            raise Refused("badColumns") from None
    if kind == "shape":
        return [decode(content, SHAPE_FIELDS)]
    reader = Bytes(content)
    if kind == "F":
        return reader.all(lambda: int.from_bytes(reader.take(8), "little"))
    if kind == "S":
        return reader.all(lambda: signed(reader.varint()))
    if kind == "U":
        return reader.all(lambda: reader.varint() & 2**32 - 1)
    return [content] if kind == "bytes" else content


def decode(data, fields=FIELDS):
    message, reader, by_number = empty(fields), Bytes(data), {}
    for name, (number, kind) in fields.items():
        by_number[number] = name, kind
    is_newer = False
    while reader.place < len(data):
        key = reader.varint()
        number, wire = key >> 3, key & 7
        if number == 0 or wire not in (0, 1, 2, 5):
            raise Refused("badColumns")
        content = reader.varint() if wire == 0 else reader.take(
            reader.varint() if wire == 2 else 8 if wire == 1 else 4)
        name, kind = by_number.get(number, (None, None))
        value = None if name is None else decode_field(kind, wire, content)
        if value is None:
            is_newer = True
        else:
            message[name] = message[name] + value if isinstance(value, list) else value
    if is_newer or any(shape.get("isNewer") for shape in message.get("shapes", [])):
        if fields is FIELDS:
            raise Refused("newerVersion")
        message["isNewer"] = True
    return message


# Columns.

def columns(changes, blobs=(), stated_tip=b""):
    message = empty(FIELDS) | {"blobs": list(blobs), "statedTip": stated_tip}
    names, shapes, records, replicas = [], [], [], []

    def index(items, item):
        if item not in items:
            items.append(item)
        return items.index(item)

    def reference(record):
        if record in records:
            return len(records) - records.index(record)
        records.append(record)
        return 0

    def dot_columns(prefix, change, dots):
        for replica, seq in dots:
            is_own = replica == change.origin
            add(prefix + "Replicas", 0 if is_own else index(replicas, replica) + 1)
            number = (change.seq - seq if is_own else seq) & 2**64 - 1
            add(prefix + "Seqs", number - 2**64 if number >> 63 else number)

    def add(column, entry):
        message[column] = message[column] + [entry]

    previous = 0
    for change in changes:
        delta = (change.timestamp - previous) & 2**64 - 1
        add("timestampDeltas", delta - 2**64 if delta >> 63 else delta)
        previous = change.timestamp
        kind = index(names, change.kind)
        fields = [index(names, write.field) for write in change.writes]
        add("shapeIndexes", index(shapes, {"kind": kind, "fields": fields}))
        add("recordReferences", reference(change.record))
        for write in change.writes:
            tag, content = write.value
            message["valueTags"] += bytes([tag])
            if tag in (BOOL, INTEGER):
                add("integers", int(content))
            elif tag == REAL:
                add("reals", content)
            elif tag == RECORD:
                add("valueReferences", reference(content))
            elif tag != NULL:
                add("lengths", len(content))
                message["payload"] += content
            add("parentCounts", len(write.parents))
            dot_columns("parent", change, write.parents)
        add("coverCounts", len(change.covers))
        dot_columns("cover", change, change.covers)
    if not any(message["coverCounts"]):
        message["coverCounts"] = []
    return message | {
        "names": names, "shapes": shapes, "records": b"".join(records),
        "replicas": b"".join(replicas)}


def changes_in(message, origin, first, last):
    """The changes of the columns, which have to fit together and to be used up."""
    def check(condition):
        if not condition:
            raise Refused("badColumns")

    check(len(message["timestampDeltas"]) == last - first + 1)
    check(all(len(message[name]) <= ENTRY_LIMIT for name in FIELDS if name not in (
        "records", "replicas", "payload")))
    check(sum(len(shape["fields"]) for shape in message["shapes"]) <= ENTRY_LIMIT)
    check(len(message["records"]) % 16 == 0 and len(message["replicas"]) % 16 == 0)
    names, payload = message["names"], Bytes(message["payload"])
    for shape in message["shapes"]:
        check(all(name < len(names) for name in [shape["kind"], *shape["fields"]]))
    iterators = {name: iter(message[name]) for name in FIELDS}
    records = [message["records"][i : i + 16] for i in range(0, len(message["records"]), 16)]
    replicas = [message["replicas"][i : i + 16] for i in range(0, len(message["replicas"]), 16)]
    used = 0

    def take(column):
        for entry in iterators[column]:
            return entry
        raise Refused("badColumns")

    def record(number):
        nonlocal used
        check(number <= used if number else used < len(records))
        if number:
            return records[used - number]
        used += 1
        return records[used - 1]

    def dots(prefix, count, seq):
        taken = []
        for _ in range(count):
            replica, number = take(prefix + "Replicas"), take(prefix + "Seqs")
            check(replica <= len(replicas))
            name = replicas[replica - 1] if replica else origin
            taken.append((name, (number if replica else seq - number) & 2**64 - 1))
        return taken

    def value():
        tag = take("valueTags")
        if tag == NULL:
            return tag, None
        if tag in (BOOL, INTEGER):
            number = take("integers")
            check(tag == INTEGER or number in (0, 1))
            return tag, number if tag == INTEGER else number == 1
        if tag == REAL:
            return tag, take("reals")
        if tag == RECORD:
            return tag, record(take("valueReferences"))
        return tag, payload.take(take("lengths"))

    changes, timestamp, has_covers = [], 0, bool(message["coverCounts"])
    for seq in range(first, last + 1):
        timestamp = timestamp + take("timestampDeltas") & 2**64 - 1
        index = take("shapeIndexes")
        check(index < len(message["shapes"]))
        shape = message["shapes"][index]
        target = record(take("recordReferences"))
        writes = [
            (names[field], value(), *dots("parent", take("parentCounts"), seq))
            for field in shape["fields"]]
        covers = dots("cover", take("coverCounts") if has_covers else 0, seq)
        changes.append(change(origin, seq, timestamp, target, names[shape["kind"]], writes, covers))
    rest = set(FIELDS) - {"names", "records", "replicas", "shapes", "payload", "blobs", "statedTip"}
    check(len(message["statedTip"]) in (0, 32))
    check(not any(list(iterators[column]) for column in rest))
    check(used == len(records) and payload.place == len(payload.data))
    return changes


# A zstd frame (RFC 8878) that says its size and holds its content as it is.

def frame(content, size=None):
    size = len(content) if size is None else size
    blocks = [content[i : i + 2**17] for i in range(0, len(content), 2**17)] or [b""]
    if size < 256:
        header = bytes([0x20, size])
    else:
        header = bytes([0xA0]) + size.to_bytes(4, "little")
    return zstd.MAGIC + header + b"".join(
        (len(block) << 3 | (number == len(blocks))).to_bytes(3, "little") + block
        for number, block in enumerate(blocks, 1))


def unframe(data):
    content = zstd.decompress(data, LIMIT)
    if content is None:
        raise Refused("badCompression")
    return content


def open_content(content, origin, first, last):
    """The changes, the blobs, and the tip that is said where it cannot be computed."""
    message = decode(unframe(content))
    changes = changes_in(message, origin, first, last)
    return changes, message["blobs"], message["statedTip"] or None


# The header of a bundle.

class Header(NamedTuple):
    library: bytes
    epoch: int
    origin: bytes
    first: int
    last: int
    previous_tip: bytes
    tip: bytes


def parts(bundle):
    """The header of a bundle that has no `header_fault`."""
    epoch, first, last = (
        int.from_bytes(bundle[at:end], "big") for at, end in ((17, 21), (37, 45), (45, 53)))
    return Header(
        bundle[1:17], epoch, bundle[21:37], first, last, bundle[53:85], bundle[85:117])


def header(library, origin, first, last, previous_tip, tip, suite=1, epoch=1):
    numbers = first.to_bytes(8, "big") + last.to_bytes(8, "big")
    return bytes([suite]) + library + epoch.to_bytes(4, "big") + origin + numbers + previous_tip + tip


def header_fault(bundle):
    if not bundle:
        return "tooShort"
    if bundle[0] != 1:
        return "unknownSuite"
    if len(bundle) < 117:
        return "tooShort"
    first, last = (int.from_bytes(bundle[at : at + 8], "big") for at in (37, 45))
    if not 1 <= first <= last <= SEQ_LIMIT:
        return "badRun"
    return "badEpoch" if bundle[17:21] == bytes(4) else None


if __name__ == "__main__":
    import bundle_cases

    path = Path(__file__).resolve().parent.parent / "vectors" / "bundles.json"
    path.write_text(bundle_cases.rendered(), encoding="ascii")
