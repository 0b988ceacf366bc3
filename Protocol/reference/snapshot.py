"""Snapshots of Gloss: their heads and pieces, and how they are sealed, after Protocol/README.md and Protocol/seal.md."""

from typing import NamedTuple

import bundle
import gloss_pb2 as wire
import seal
from bundle import Refused
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from messages import PIECE_LIMIT, SEQ_LIMIT, Cursor

HEADER_BYTES, LABEL = 41, b"gloss snapshot 1"


class End(NamedTuple):
    """Where a replica's run of changes ends: `tip` is the tip itself."""
    seq: int
    tip: bytes


class Head(NamedTuple):
    cursor: Cursor
    pieces: int  # Besides the head.
    ends: dict  # of replica: End
    is_whole: bool = True  # Whether no value is left out.


class Run(NamedTuple):
    origin: bytes
    first: int
    previous_tip: bytes
    tip: bytes
    changes: list
    blobs: list


# The seal.

def header(library, snapshot, index, suite=1, epoch=1):
    return bytes([suite]) + library + epoch.to_bytes(4, "big") + snapshot + index.to_bytes(4, "big")


def seal_piece(root, library, snapshot, index, content, salt, secrets=None):
    """Sealed under the newest epoch of `secrets`, by default the first."""
    epoch, secret = max((secrets or {1: root}).items())
    head = header(library, snapshot, index, epoch=epoch)
    return head + seal.seal(secret, library, head, content, salt, epoch, LABEL)


def open_piece(root, library, snapshot, index, data, secrets=None):
    """What piece `index` of a snapshot holds, checked in the order of Protocol/README.md."""
    if not data:
        raise Refused("tooShort")
    if data[0] != 1:
        raise Refused("unknownSuite")
    if len(data) < HEADER_BYTES:
        raise Refused("tooShort")
    head, epoch = data[:HEADER_BYTES], int.from_bytes(data[17:21], "big")
    if epoch == 0:
        raise Refused("badEpoch")
    if head != header(library, snapshot, index, epoch=epoch):
        raise Refused("otherPiece")
    return seal.open_sealed(root, library, epoch, head, data[HEADER_BYTES:], secrets, LABEL)


# The content.

def check(condition):
    if not condition:
        raise Refused("badColumns")


def read_message(content, kind, parts):
    """The message of a frame, in which neither it nor its `parts` have fields that are not known."""
    try:
        message = kind.FromString(bundle.unframe(content))
    except DecodeError:
        raise Refused("badColumns") from None
    if any(len(UnknownFieldSet(each)) for each in (message, *getattr(message, parts))):
        raise Refused("newerVersion")
    return message


def head_message(head):
    place = wire.Cursor(log=head.cursor.log, index=head.cursor.index, hash=head.cursor.hash)
    ends = [wire.SnapshotHead.Origin(replica=replica, last_seq=end.seq, tip=end.tip)
            for replica, end in sorted(head.ends.items())]
    return wire.SnapshotHead(
        cursor=place, piece_count=head.pieces, origins=ends,
        is_whole=head.is_whole).SerializeToString()


def read_head(content):
    message = read_message(content, wire.SnapshotHead, "origins")
    place, ends = message.cursor, {}
    check(len(place.log) == len(place.hash) == 16 and message.piece_count <= PIECE_LIMIT)
    for each in message.origins:
        check(len(each.replica) == 16 and each.replica not in ends)
        check(1 <= each.last_seq <= SEQ_LIMIT and len(each.tip) == 32)
        ends[each.replica] = End(each.last_seq, each.tip)
    return Head(
        Cursor(place.log, place.index, place.hash), message.piece_count, ends, message.is_whole)


def piece_message(runs):
    return wire.SnapshotPiece(runs=[
        wire.SnapshotPiece.Run(
            origin=run.origin, first=run.first, previous_tip=run.previous_tip, tip=run.tip,
            content=bundle.encode(bundle.columns(run.changes, run.blobs)))
        for run in runs]).SerializeToString()


def read_piece(content):
    message, runs = read_message(content, wire.SnapshotPiece, "runs"), []
    for each in message.runs:
        check(len(each.origin) == 16 and 1 <= each.first <= SEQ_LIMIT)
        check(len(each.previous_tip) == len(each.tip) == 32)
        columns = bundle.decode(each.content)
        count = len(columns["timestampDeltas"])
        check(1 <= count <= SEQ_LIMIT - each.first + 1)
        changes = bundle.changes_in(columns, each.origin, each.first, each.first + count - 1)
        runs.append(Run(
            each.origin, each.first, each.previous_tip, each.tip, changes, columns["blobs"]))
    return runs


# Cutting.

def cut(replica, ends, value_bytes):
    """Yields the runs of one piece after another, of about so many bytes of values: all changes up to `ends`.

    By time, as far as each origin's order lets them, so that changes mostly come after their parents.
    """
    done, runs, room = dict.fromkeys(ends, 0), [], value_bytes
    while any(done[origin] < end.seq for origin, end in ends.items()):
        times = {origin: replica.log[origin][seq].timestamp
                 for origin, seq in done.items() if seq < ends[origin].seq}
        origin = min(times, key=lambda each: (times[each], each))
        others = [time for each, time in times.items() if each != origin]
        first, changes = done[origin], []
        for change in replica.log[origin][first : ends[origin].seq]:
            if changes and (room <= 0 or others and change.timestamp > min(others)):
                break
            room -= len(bundle.canonical(change))
            changes.append(change)
        done[origin], tips = first + len(changes), replica.tips[origin]
        runs.append(Run(origin, first + 1, tips[first], tips[done[origin]], changes, []))
        if room <= 0:
            yield runs
            runs, room = [], value_bytes
    if runs:
        yield runs
