"""The cases of Protocol/vectors/snapshots.json; snapshot.py has the encodings."""

import bundle
import gloss_pb2 as wire
import seal
from bundle import Refused, Write, frame
from bundle_cases import A, B, FIRST_TIP, LIBRARY, NOW, ROOT, SALT, Z, record, text, title
from messages import Cursor
from snapshot import (
    HEADER_BYTES, End, Head, Run, head_message, header, open_piece, piece_message, read_head,
    read_piece, seal_piece)

NAME = bytes.fromhex("5a5b5c5d5e5f60616263646566676869")
PLACE = Cursor(b"\xab" * 16, 12, b"\x0c" * 16)
TIP = b"\x07" * 32


def run(origin, changes, previous=FIRST_TIP, blobs=()):
    tip = previous
    for each in changes:
        tip = bundle.tip_after(tip, each)
    return Run(origin, changes[0].seq, previous, tip, changes, list(blobs))


def of(origin, seq, time, content, *parents):
    return title(seq, time, content, *parents)._replace(origin=origin)


def heads():
    yield "a head", Head(PLACE, 3, {A: End(7, TIP), Z: End(2**40 - 1, FIRST_TIP)})
    yield "a head of nothing", Head(PLACE._replace(index=0), 0, {})
    yield "a head of pieces that leave values out", Head(PLACE, 1, {A: End(7, TIP)}, False)
    yield "a head of as many pieces as there may be", Head(PLACE, 65_535, {B: End(1, TIP)})


def pieces():
    yield "one run", [run(A, [title(1, NOW, "1"), title(2, NOW + 1, "2", (A, 1))])]
    yield "runs by turns", [
        run(A, [of(A, 1, NOW, "1")]), run(B, [of(B, 1, NOW + 1, "2", (A, 1))]),
        run(A, [of(A, 2, NOW + 2, "3", (B, 1))], TIP)]
    yield "the middle of a run", [run(Z, [of(Z, 8, NOW, "8", (Z, 7))], TIP)]
    yield "a run to the last number", [run(A, [of(A, 2**40 - 1, NOW, "last")], TIP)]
    yield "values that are left out", [run(A, [
        title(1, NOW, "1")._replace(writes=[Write("title", (255, b""), [])]),
        title(2, NOW + 1, "2", (A, 1))])]
    yield "no runs", []


def shown_head(name, head):
    content = frame(head_message(head))
    assert read_head(content) == head, name
    return {
        "name": name, "cursor": head.cursor.text(), "pieceCount": head.pieces,
        "isWhole": head.is_whole,
        "ends": [{"replica": replica, "lastSeq": str(end.seq), "tip": end.tip}
                 for replica, end in sorted(head.ends.items())],
        "message": head_message(head), "sealed": seal_piece(ROOT, LIBRARY, NAME, 0, content, SALT)}


def shown_piece(number, name, runs):
    content = frame(piece_message(runs))
    assert read_piece(content) == runs, name
    sealed = seal_piece(ROOT, LIBRARY, NAME, number, content, SALT)
    assert open_piece(ROOT, LIBRARY, NAME, number, sealed) == content
    return {
        "name": name, "index": number, "message": piece_message(runs), "sealed": sealed,
        "runs": [{"origin": each.origin, "first": str(each.first), "last": str(each.changes[-1].seq),
                  "previousTip": each.previous_tip, "tip": each.tip,
                  "canonical": [bundle.canonical(change) for change in each.changes]}
                 for each in runs]}


# What must not be taken in.

def wire_head(**changed):
    origin = wire.SnapshotHead.Origin(replica=A, last_seq=7, tip=TIP)
    parts = {
        "cursor": wire.Cursor(log=PLACE.log, index=12, hash=PLACE.hash), "piece_count": 3,
        "origins": [origin], "is_whole": True}
    return wire.SnapshotHead(**parts | changed).SerializeToString()


def bad_heads():
    good = wire_head()
    yield "a field of a later version", good + b"\x7a\x01x"
    yield "no cursor", wire_head(cursor=None)
    yield "half a hash", wire_head(cursor=wire.Cursor(log=PLACE.log, index=12, hash=b"12345678"))
    yield "too many pieces", wire_head(piece_count=65_536)
    yield "no protobuf", good[:-1] + b"\xff"
    for what, parts in (
            ("half an identifier", (A[:8], 7, TIP)), ("number 0", (A, 0, TIP)),
            ("a number past 2^40 - 1", (A, 2**40, TIP)), ("half a tip", (A, 7, TIP[:16])),
            ("no tip", (A, 7, b""))):
        origin = wire.SnapshotHead.Origin(replica=parts[0], last_seq=parts[1], tip=parts[2])
        yield f"an origin with {what}", wire_head(origins=[origin])
    twice = wire.SnapshotHead.Origin(replica=A, last_seq=7, tip=TIP)
    yield "an origin twice", wire_head(origins=[twice, twice])
    newer = wire.SnapshotHead.FromString(wire_head(origins=[])).SerializeToString()
    inner = twice.SerializeToString() + b"\x7a\x01x"
    yield "an origin with a field of a later version", newer + b"\x1a" + bytes([len(inner)]) + inner


def wire_piece(**changed):
    each = run(A, [title(1, NOW, "1"), title(2, NOW + 1, "2", (A, 1))])
    parts = {
        "origin": A, "first": 1, "previous_tip": FIRST_TIP, "tip": each.tip,
        "content": bundle.encode(bundle.columns(each.changes))}
    return wire.SnapshotPiece(
        runs=[wire.SnapshotPiece.Run(**parts | changed)]).SerializeToString()


def bad_pieces():
    good = wire_piece()
    columns = bundle.encode(bundle.columns([title(1, NOW, "1")]))
    yield "a field of a later version", good + b"\x7a\x01x"
    yield "no protobuf", b"\x0a\x05abc"
    yield "half an origin", wire_piece(origin=A[:8])
    yield "number 0", wire_piece(first=0)
    yield "a number past 2^40 - 1", wire_piece(first=2**40)
    yield "a run past 2^40 - 1", wire_piece(first=2**40 - 1)
    yield "half a tip", wire_piece(tip=TIP[:16])
    yield "no previous tip", wire_piece(previous_tip=b"")
    yield "a run of no changes", wire_piece(content=b"")
    yield "columns that do not fit", wire_piece(content=columns + bytes([11 << 3 | 2, 1, 0]))
    yield "columns of a later version", wire_piece(content=columns + b"\xfa\x01\x01x")
    yield "columns that are no protobuf", wire_piece(content=b"\x0a")
    inner = wire.SnapshotPiece.FromString(good).runs[0].SerializeToString() + b"\x7a\x01x"
    yield "a run with a field of a later version", b"\x0a" + bundle.varint(len(inner)) + inner


def refused(name, content, read):
    try:
        read(content)
    except (Refused, seal.Refused) as error:
        return {"name": name, "error": str(error), "content": content}
    raise AssertionError(name)


def bad_frames(content):
    yield "nothing", b""
    yield "a frame that is cut", content[:-1]
    yield "a byte behind the frame", content + b"\0"


def bad_seals():
    """What is not piece 1 of the snapshot."""
    content = frame(wire_piece())
    good = seal_piece(ROOT, LIBRARY, NAME, 1, content, SALT)
    yield "nothing", b""
    yield "half a header", good[:20]
    yield "another suite", b"\2" + good[1:]
    yield "another suite alone", b"\2"
    yield "epoch 0", good[:17] + bytes(4) + good[21:]
    yield "another epoch", good[:20] + b"\2" + good[21:]
    yield "another library", seal_piece(ROOT, bytes(16), NAME, 1, content, SALT)
    yield "another snapshot", seal_piece(ROOT, LIBRARY, bytes(16), 1, content, SALT)
    yield "another piece", seal_piece(ROOT, LIBRARY, NAME, 2, content, SALT)
    yield "another key", seal_piece(bytes(32), LIBRARY, NAME, 1, content, SALT)
    head = header(LIBRARY, NAME, 1)
    yield "the seal of a bundle", head + seal.seal(ROOT, LIBRARY, head, content, SALT)
    yield "another piece's seal", head + seal_piece(
        ROOT, LIBRARY, NAME, 2, content, SALT)[HEADER_BYTES:]
    yield "a seal that is cut", good[:-1]
    yield "a seal that is cut short", good[:HEADER_BYTES + 83]
    yield "another tag", good[:-1] + bytes([good[-1] ^ 1])


def bad_seal(name, data):
    try:
        open_piece(ROOT, LIBRARY, NAME, 1, data)
    except (Refused, seal.Refused) as error:
        return {"name": name, "error": str(error), "piece": data}
    raise AssertionError(name)


def vectors():
    head, piece = frame(wire_head()), frame(wire_piece())
    return {
        "about": "Made by Protocol/reference/snapshot_cases.py. Bytes are hexadecimal, numbers of 64 bits decimal "
                 "texts. The pieces are of one snapshot, whose head has the number 0; 'badSeals' are not its piece 1.",
        "root": ROOT, "library": LIBRARY, "snapshot": NAME, "salt": SALT,
        "heads": [shown_head(*case) for case in heads()],
        "pieces": [shown_piece(number, *case) for number, case in enumerate(pieces(), 1)],
        "badHeads": [refused(name, frame(body), read_head) for name, body in bad_heads()]
        + [refused(name, data, read_head) for name, data in bad_frames(head)],
        "badPieces": [refused(name, frame(body), read_piece) for name, body in bad_pieces()]
        + [refused(name, data, read_piece) for name, data in bad_frames(piece)],
        "badSeals": [bad_seal(*case) for case in bad_seals()]}
