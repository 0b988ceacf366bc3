"""The exports of Gloss, read and written after Protocol/export.md, and the cases of Protocol/vectors/exports.json.

    exports.py FILE     checks an export and says what is in it
"""

import base64
import hashlib
import json
import math
import struct
import sys

import bundle
from bundle import BLOB, BOOL, BYTES, INTEGER, NULL, REAL, RECORD, TEXT, change, counted, tip_after, varint

NAMES = ["null", "bool", "integer", "real", "text", "bytes", "record", "blob"]
LEFT_OUT = (255, b"")
BATCH_CHANGES, BATCH_BYTES = 1_000, 1 << 20
HIDDEN = [(0, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069),
          (0xFFF9, 0xFFFB), (0xE0000, 0xE007F)]
SHORT = {"\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Refused(Exception):
    """A file that must not be taken in; the arguments are the error and its line."""


# Writing

def quoted(text):
    def escaped(character):
        if character in SHORT:
            return SHORT[character]
        if not any(first <= ord(character) <= last for first, last in HIDDEN):
            return character
        units = character.encode("utf-16-be")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
    return "\"" + "".join(map(escaped, text)) + "\""


def render(value):
    """JSON with members in their order. A number that is written already is a Raw."""
    if isinstance(value, dict):
        return "{" + ",".join(quoted(name) + ":" + render(member) for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(render, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)


def dot(dot):
    return f"{dot[0].hex()}:{dot[1]}"


def value_members(tag, content):
    if (tag, content) == LEFT_OUT:
        return {"type": "left-out"}
    if tag > BLOB or isinstance(content, bytes) and is_malformed(tag, content):
        return {"type": "unknown", "tag": tag, "value": base64.b64encode(content).decode()}
    named = {"type": NAMES[tag]}
    if tag == REAL:
        real, = struct.unpack(">d", content.to_bytes(8, "big"))
        return named | ({"value": real} if math.isfinite(real) else {"bits": f"{content:016x}"})
    plain = {
        NULL: lambda: None, BOOL: lambda: bool(content), INTEGER: lambda: content, TEXT: lambda: content.decode(),
        BYTES: lambda: base64.b64encode(content).decode(), RECORD: lambda: content.hex(), BLOB: lambda: content.hex()}
    return named | {"value": plain[tag]()}


def is_malformed(tag, content):
    if tag == TEXT:
        try:
            content.decode()
        except UnicodeDecodeError:
            return True
    return tag == BLOB and len(content) != 32


def quote(anchor):
    """The words that an anchor marks, or None where it is none, or one of another version."""
    reader = bundle.Bytes(anchor[1:])
    try:
        parts = [reader.take(reader.varint()) for _ in range(3)]
        start, count = reader.varint(), reader.varint()
        again = b"\x01" + b"".join(map(counted, parts)) + varint(start) + varint(count) + reader.take(32)
        texts = [part.decode() for part in parts]
    except (bundle.Refused, UnicodeDecodeError):
        return None
    return texts[0] if again == anchor and start + count < 2**63 else None


def iso(milliseconds):
    days, rest = divmod(milliseconds, 86_400_000)
    days += 719_468
    era, day = divmod(days, 146_097)
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (month <= 2)
    seconds, thousandths = divmod(rest, 1_000)
    return (f"{year:04}-{month:02}-{day:02}T{seconds // 3_600:02}:{seconds // 60 % 60:02}:"
            f"{seconds % 60:02}.{thousandths:03}Z")


def change_line(item):
    line = {
        "type": "change", "replica": item.origin.hex(), "seq": item.seq, "milliseconds": item.timestamp >> 16}
    if item.timestamp & 0xFFFF:
        line["counter"] = item.timestamp & 0xFFFF
    line |= {"time": iso(item.timestamp >> 16), "kind": item.kind, "record": item.record.hex()}
    writes = []
    for write in item.writes:
        members = value_members(*write.value)
        if (item.kind, write.field, write.value[0]) == ("highlight", "anchor", BYTES):
            words = quote(write.value[1])
            members |= {} if words is None else {"quote": words}
        if write.parents:
            members["parents"] = [dot(parent) for parent in write.parents]
        writes.append((write.field, members))
    fields = [field for field, _ in writes]
    line["writes"] = (dict(writes) if len(set(fields)) == len(fields)
                      else [{"field": field} | members for field, members in writes])
    if item.covers:
        line["covers"] = [dot(cover) for cover in item.covers]
    return line


def cursor(library, vector):
    content = hashlib.sha256(library).digest()[:4] + b"".join(
        replica[:8] + varint(seq) for replica, seq in sorted(vector.items()) if seq)
    content += hashlib.sha256(content).digest()[:3]
    return "c1" + base64.urlsafe_b64encode(content).decode().rstrip("=")


def export(library, changes, blobs, state, since=None):
    """`changes` are whole; `state` is their hash; `since` is a vector."""
    logs = {}
    for item in sorted(changes, key=lambda item: (item.origin, item.seq)):
        logs.setdefault(item.origin, []).append(item)
    vector = {origin: len(log) for origin, log in logs.items()}
    known = since or {}
    lines, digest, seen, tips, count, size = [], hashlib.sha256(), set(), {}, 0, 0
    totals = {"changes": 0, "texts": 0, "textsMissing": 0, "valuesLeftOut": 0}

    def put(line):
        nonlocal size
        data = (render(line) + "\n").encode()
        size += len(data)
        digest.update(data)
        lines.append(data)

    head = {"type": "gloss-export", "version": 1, "library": library.hex(),
            "changes": sum(vector.values()) - sum(known.values())}
    if since is not None:
        head["since"] = cursor(library, known)
    put(head | {"cursor": cursor(library, vector),
                "vector": {origin.hex(): seq for origin, seq in sorted(vector.items())}})
    chain = {origin: bytes(32) for origin in logs}
    for origin, log in logs.items():
        for item in log[:known.get(origin, 0)]:
            chain[origin] = tip_after(chain[origin], item)
    waiting = {origin: log[known.get(origin, 0):] for origin, log in logs.items()}
    while any(waiting.values()):
        origin = min((log[0].timestamp, origin) for origin, log in waiting.items() if log)[1]
        item = waiting[origin].pop(0)
        for write in item.writes:
            tag, name = write.value
            if tag != BLOB or is_malformed(tag, name):
                continue
            if name not in blobs:
                totals["textsMissing"] += 1
            elif name not in seen:
                seen.add(name)
                totals["texts"] += 1
                put({"type": "text", "sha256": name.hex()} | blob_members(blobs[name]))
        put(change_line(item))
        totals["changes"] += 1
        totals["valuesLeftOut"] += sum(write.value == LEFT_OUT for write in item.writes)
        chain[origin] = tip_after(chain[origin], item)
        tips[f"{origin.hex()}"] = (item.seq, chain[origin])
        count += 1
        if count >= BATCH_CHANGES or size >= BATCH_BYTES:
            put(check_line(tips, digest))
            tips, count, size = {}, 0, 0
    if tips:
        put(check_line(tips, digest))
    end = {"type": "end"} | totals
    if since is None:
        end["state"] = state
    put(end | {"cursor": cursor(library, vector), "sha256": digest.hexdigest()})
    return b"".join(lines)


def blob_members(content):
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def check_line(tips, digest):
    return {"type": "check", "tips": {f"{origin}:{seq}": tip.hex() for origin, (seq, tip) in sorted(tips.items())},
            "sha256": digest.hexdigest()}


# Reading

def no_twins(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member is there twice")
    return dict(pairs)


def read_dot(text):
    replica, number = text.split(":")
    return bytes.fromhex(replica), int(number)


def read_value(write):
    kind = write["type"]
    if kind == "left-out":
        return LEFT_OUT
    if kind == "real":
        return REAL, (int(write["bits"], 16) if "bits" in write
                      else int.from_bytes(struct.pack(">d", float(write["value"])), "big"))
    value = write["value"]
    if kind == "unknown":
        return write["tag"], base64.b64decode(value, validate=True)
    tag = NAMES.index(kind)
    return tag, {
        NULL: lambda: b"", BOOL: lambda: int(value), INTEGER: lambda: value, TEXT: lambda: value.encode(),
        BYTES: lambda: base64.b64decode(value, validate=True), RECORD: lambda: bytes.fromhex(value),
        BLOB: lambda: bytes.fromhex(value)}[tag]()


def read_change(line):
    writes = line["writes"]
    writes = list(writes.items()) if isinstance(writes, dict) else [(write["field"], write) for write in writes]
    return change(
        bytes.fromhex(line["replica"]), line["seq"], line["milliseconds"] << 16 | line.get("counter", 0),
        bytes.fromhex(line["record"]), line["kind"],
        [(field, read_value(write), *map(read_dot, write.get("parents", []))) for field, write in writes],
        map(read_dot, line.get("covers", [])))


def read(lines):
    """Checks the lines of one export that begins with the first change of each origin; returns its library, changes and texts."""
    digest, chain, thin = hashlib.sha256(), {}, {}
    changes, blobs, batch, library = [], {}, [], None
    for number, data in enumerate(lines, 1):
        try:
            line = json.loads(data, object_pairs_hook=no_twins)
            kind = line["type"]
        except (ValueError, KeyError, TypeError):
            raise Refused("notAnExport" if number == 1 else "badLine", number) from None
        if (kind == "gloss-export") != (number == 1):
            raise Refused("notAnExport" if number == 1 else "badLine", number)
        if kind == "gloss-export":
            if line["version"] != 1:
                raise Refused("newerVersion", number)
            library = bytes.fromhex(line["library"])
        elif kind == "text":
            content = line["text"].encode() if "text" in line else base64.b64decode(line["base64"])
            if hashlib.sha256(content).hexdigest() != line["sha256"]:
                raise Refused("badLine", number)
            blobs[hashlib.sha256(content).digest()] = content
        elif kind == "left-out":
            thin[bytes.fromhex(line["replica"])] = (line["last"], bytes.fromhex(line["tip"]))
        elif kind == "change":
            try:
                item = read_change(line)
            except (ValueError, KeyError, TypeError, AttributeError):
                raise Refused("badLine", number) from None
            batch.append(item)
            chain[item.origin] = tip_after(chain.get(item.origin, bytes(32)), item)
            if thin.get(item.origin, (0, b""))[0] == item.seq:
                chain[item.origin] = thin.pop(item.origin)[1]
        elif kind in ("check", "end"):
            if line["sha256"] != digest.hexdigest():
                raise Refused("altered", number)
            for name, tip in line.get("tips", {}).items():
                if chain[read_dot(name)[0]].hex() != tip:
                    raise Refused("contradicts", number)
            changes += batch
            batch = []
            if kind == "end":
                if len(lines) != number or not data.endswith(b"\n"):
                    raise Refused("badLine", number + 1)
                return library, changes, blobs, line
        else:
            raise Refused("badLine", number)
        digest.update(data)
    raise Refused("cutShort", len(lines)) if lines else Refused("notAnExport", 0)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        try:
            library, changes, blobs, end = read(file.readlines())
        except Refused as error:
            sys.exit(f"{sys.argv[1]}: {error.args[0]} in line {error.args[1]}")
    print(f"library {library.hex()}, {len(changes)} changes, {len(blobs)} texts, state {end.get('state')}")
