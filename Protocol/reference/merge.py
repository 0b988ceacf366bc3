#!/usr/bin/env python3
"""Timestamps and the merge of Gloss, written a second time from the rules, and the test vectors made with it.

`python3 Protocol/reference/merge.py` writes Protocol/vectors/timestamps.json and merges.json, the same bytes each time.
It needs Python 3.11 and nothing else. It is slow and short on purpose: everything is computed anew from the set of
changes, so that it shows what the merge means and not how to do it.
"""

import json
import random
from pathlib import Path

END = 2**64 - 1
LIMITS = {
    "seq": 2**40 - 1, "parents": 64, "covers": 4096, "writes": 256, "name": 200,
    "value": 256 * 1024, "change": 1024 * 1024, "heads": 32,
}
REPLICAS = {letter: f"{number:032x}" for letter, number in {
    "a": 0x0A, "b": 0x0B, "c": 0x0C, "z": 0xFF << 120}.items()}
KIND = {
    "name": "note",
    "fields": [
        {"name": "title", "policy": "keep"}, {"name": "body", "policy": "keep"},
        {"name": "progress", "policy": "latest"}],
    "families": [{"name": "tag", "policy": "latest"}],
}


# Timestamps: 48 bits of milliseconds and 16 of counter, as one number.

def timestamp(milliseconds, counter=0):
    return min(milliseconds, 2**48 - 1) << 16 | counter


def next_timestamp(now, floor):
    """Physical time, or just above the greatest head that is written over."""
    physical = timestamp(now)
    return physical if floor is None else max(physical, min(floor + 1, END))


def may_follow(child, parent):
    return parent < child or child == parent == END


# The merge. A change is a dict as it stands in merges.json.

def parse(dot):
    replica, seq = dot.split(":")
    return replica, int(seq)


def dot_key(dot):
    """Dots are ordered as bytes; a vector names a replica by a letter, everything else by its hexadecimal digits."""
    replica, seq = parse(dot)
    return bytes.fromhex(REPLICAS.get(replica, replica)), seq


def plain(value):
    """The type and content of a value, written out where the vector abbreviates."""
    (kind, content), = value.items()
    if kind == "repeated":
        return "text", content["text"] * content["count"]
    if kind == "unknown":
        return "unknown", (content["tag"], content["bytes"])
    return kind, content


def size(value):
    kind, content = plain(value)
    if kind == "text":
        return len(content.encode())
    if kind == "bytes":
        return len(content) // 2
    if kind == "unknown":
        return len(content[1]) // 2
    return {"null": 0, "bool": 1, "integer": 8, "real": 8, "record": 16, "blob": 32}[kind]


def is_malformed(value):
    kind, content = plain(value)
    return kind == "text" and "\0" in content or kind == "unknown" and content[0] <= 7


def is_bad_name(name):
    return not 1 <= len(name.encode()) <= LIMITS["name"] or "\0" in name


def has_twice(items):
    return len(set(items)) < len(items)


def own_fault(change):
    """The first rule that the change breaks by itself."""
    writes = change["writes"]
    covers = change["covers"]
    if not 1 <= parse(change["dot"])[1] <= LIMITS["seq"]:
        return "seq-out-of-range"
    if is_bad_name(change["kind"]) or any(is_bad_name(write["field"]) for write in writes):
        return "bad-name"
    if not 1 <= len(writes) <= LIMITS["writes"] or has_twice([write["field"] for write in writes]):
        return "bad-writes"
    total = 0
    for write in sorted(writes, key=lambda write: write["field"].encode()):
        parents = write["parents"]
        if len(parents) > LIMITS["parents"] or has_twice(parents) or change["dot"] in parents:
            return "bad-parents"
        if is_malformed(write["value"]):
            return "malformed-value"
        total += size(write["value"])
        if size(write["value"]) > LIMITS["value"] or total > LIMITS["change"]:
            return "too-large"
    is_delete = any(
        write["field"] == "deleted" and write["value"] == {"bool": True} for write in writes)
    if covers and not is_delete or len(covers) > LIMITS["covers"] or has_twice(covers):
        return "bad-covers"
    return None


def policy(kind, field):
    if field == "deleted":
        return "keep"
    for known in kind["fields"]:
        if known["name"] == field:
            return known["policy"]
    for family in kind["families"]:
        if field.startswith(family["name"] + "/") and len(field) > len(family["name"]) + 1:
            return family["policy"]
    return "latest"


def merge(changes, kind):
    """What a record is, given the changes to it in any order."""
    received = {}
    for change in changes:
        received.setdefault(change["dot"], change)

    def time(dot):
        return int(received[dot]["timestamp"])

    quarantined = {}
    for dot, change in received.items():
        fault = own_fault(change)
        parents = [parent for write in change["writes"] for parent in write["parents"]]
        if fault is None and not all(
                may_follow(time(dot), time(parent)) for parent in parents if parent in received):
            fault = "parent-not-older"
        if fault is not None:
            quarantined[dot] = fault

    values, named = {}, {}
    for dot, change in received.items():
        if dot not in quarantined:
            for write in change["writes"]:
                values.setdefault(write["field"], {})[dot] = write["value"]
                named.setdefault(write["field"], set()).update(write["parents"])
    heads = {
        field: sorted(
            written.keys() - named[field], key=lambda dot: (time(dot), dot_key(dot)), reverse=True)
        for field, written in values.items()}
    awaited = {field: sorted(dots - received.keys(), key=dot_key) for field, dots in named.items()}
    displayed = {field: values[field][dots[0]] for field, dots in heads.items() if dots}

    covered = {dot for head in heads.get("deleted", []) for dot in received[head]["covers"]}
    is_deleted = displayed.get("deleted") == {"bool": True}
    is_seen = all(
        covered.issuperset(dots) for field, dots in heads.items()
        if field != "deleted" and (kind is None or policy(kind, field) == "keep"))
    is_hidden = is_deleted and is_seen

    conflicts = {}
    if kind is not None:
        for field, dots in heads.items():
            distinct = {plain(values[field][dot]) for dot in dots}
            if policy(kind, field) == "keep" and len(distinct) > 1:
                if field == "deleted" or not is_hidden:
                    conflicts[field] = "values"
        if is_deleted and not is_hidden:
            conflicts["deleted"] = "edited-and-deleted"

    def in_order(mapping):
        return sorted(mapping.items(), key=lambda item: item[0].encode())

    return {
        "registers": [
            {"field": field, "heads": dots, "awaited": awaited[field]}
            for field, dots in in_order(heads)],
        "displayed": [{"field": field, "value": value} for field, value in in_order(displayed)],
        "conflicts": [{"field": field, "reason": why} for field, why in in_order(conflicts)],
        "hidden": is_hidden,
        "quarantined": [
            {"dot": dot, "reason": quarantined[dot]} for dot in sorted(quarantined, key=dot_key)],
    }


# The cases.

def text(content):
    return {"text": content}


def change(dot, time, *writes, covers=(), kind="note"):
    return {
        "dot": dot, "timestamp": str(time), "kind": kind,
        "writes": list(writes), "covers": list(covers)}


def write(field, value, *parents):
    return {"field": field, "value": value, "parents": list(parents)}


def title(dot, time, content, *parents):
    return change(dot, time, write("title", text(content), *parents))


def delete(dot, time, *parents, covers=()):
    return change(dot, time, write("deleted", {"bool": True}, *parents), covers=covers)


def undelete(dot, time, *parents):
    return change(dot, time, write("deleted", {"bool": False}, *parents))


def heads_cases():
    yield "one write", "a write that nothing replaces is the head", [title("a:1", 5, "x")]
    yield "a replacement", "a named parent is no head", [
        title("a:1", 5, "x"), title("b:1", 6, "y", "a:1")]
    yield "two siblings", "concurrent writes of different values are a conflict", [
        title("a:1", 5, "x"), title("b:1", 6, "y", "a:1"), title("c:1", 7, "z", "a:1")]
    yield "equal siblings", "concurrent writes of the same bytes are no conflict", [
        title("a:1", 5, "x"), title("b:1", 6, "x")]
    yield "same time", "the greater replica is displayed, compared as 16 bytes", [
        title("a:1", 5, "a"), title("z:1", 5, "z"), title("c:1", 5, "c")]
    yield "same time and replica", "the greater number is displayed, as a number", [
        title("a:9", 5, "nine"), title("a:10", 5, "ten")]
    yield "time before replica", "a greater time wins over a greater replica", [
        title("z:1", 5, "z"), title("a:1", 6, "a")]
    yield "all 64 bits count", "times are unsigned and compared whole", [
        title("a:1", 2**63, "late"), title("b:1", 2**63 - 1, "early")]
    yield "parent elsewhere", "a parent in another field replaces nothing there", [
        title("a:1", 5, "x"), change("b:1", 6, write("body", text("y"), "a:1"))]
    yield "two fields at once", "each field of a change is a register of its own", [
        change("a:1", 5, write("body", text("x")), write("title", text("x"))),
        title("b:1", 6, "y", "a:1")]
    yield "cleared", "null is a value", [
        title("a:1", 5, "x"), change("b:1", 6, write("title", {"null": True}, "a:1"))]
    yield "duplicates", "the same change a second time is ignored", [
        title("b:1", 6, "y", "a:1"), title("a:1", 5, "x"), title("b:1", 6, "y", "a:1"),
        title("a:1", 5, "x")]
    yield "child first", "a parent that comes after its child is no head", [
        title("b:1", 6, "y", "a:1"), title("a:1", 5, "x")]
    yield "parent never", "a parent that does not come is awaited, by each field that names it", [
        change("b:1", 6, write("body", text("y"), "a:1"), write("title", text("y"), "a:1", "c:4"))]
    yield "a chain backwards", "only the last of a chain is a head", [
        title("c:1", 8, "4", "b:1"), title("b:1", 7, "3", "a:2"), title("a:2", 6, "2", "a:1"),
        title("a:1", 5, "1")]
    yield "a settled conflict", "a write that names all heads settles the register", [
        title("c:1", 9, "both", "a:1", "b:1"), title("a:1", 5, "x"), title("b:1", 6, "y")]
    yield "policy latest", "the latest is shown, and no conflict", [
        change("a:1", 5, write("progress", {"integer": 1})),
        change("b:1", 6, write("progress", {"integer": 2}))]
    yield "tags", "each member of a family is a register of its own", [
        change("a:1", 5, write("tag/x", {"bool": True})),
        change("b:1", 6, write("tag/y", {"bool": True})),
        change("b:2", 7, write("tag/x", {"bool": False}, "a:1"))]
    yield "a newer field", "what the kind does not know is merged, and is no conflict", [
        change("a:1", 5, write("mood", {"unknown": {"tag": 200, "bytes": "0102"}})),
        change("b:1", 6, write("mood", {"integer": -1}))]
    yield "values of all types", "values are compared with their types", [
        change("a:1", 5, write("body", {"bytes": "78"}), write("title", {"real": "0" * 16})),
        change("b:1", 6, write("body", text("x")), write("title", {"real": "8" + "0" * 15})),
        change("c:1", 7, write("progress", {"record": REPLICAS["a"]}),
               write("tag/x", {"blob": "ab" * 32}))]


def byte_cases():
    yield "equivalent texts", "texts of different bytes differ though Unicode calls them equivalent", [
        title("a:1", 5, "caf\u00e9"), title("b:1", 6, "cafe\u0301")]
    yield "equivalent names", "names of different bytes are different registers, in byte order", [
        change("a:1", 5, write("tag/caf\u00e9", {"bool": True})),
        change("b:1", 6, write("tag/cafe\u0301", {"bool": False}))]
    yield "order of names", "fields are in the order of UTF-8, which is not that of UTF-16", [
        change("a:1", 5, write("tag/\uffff", {"null": True}), write("tag/\U00010000", {"null": True}))]


def delete_cases():
    yield "deleted", "a delete that saw every head hides the record", [
        title("a:1", 5, "x"), delete("b:1", 6, covers=["a:1"])]
    yield "edited and deleted", "an edit that the delete did not see keeps the record", [
        title("a:1", 5, "x"), delete("b:1", 6, covers=["a:1"]), title("c:1", 4 + 2, "y", "a:1")]
    yield "progress and deleted", "a field of policy latest brings nothing back", [
        title("a:1", 5, "x"), delete("b:1", 6, covers=["a:1"]),
        change("c:1", 9, write("progress", {"integer": 3})),
        change("c:2", 9, write("tag/x", {"bool": True}))]
    yield "two deletes", "the deletes that are heads cover together", [
        title("a:1", 5, "x"), title("b:1", 6, "y", "a:1"),
        change("c:1", 6, write("body", text("z"))),
        delete("b:2", 7, covers=["b:1"]), delete("c:2", 8, covers=["a:1", "c:1"])]
    yield "a replaced delete", "a delete that is no head any more covers nothing", [
        title("a:1", 5, "x"), delete("a:2", 6, covers=["a:1"]), undelete("a:3", 7, "a:2"),
        delete("a:4", 8, "a:3")]
    yield "undeleted", "the record is back", [
        title("a:1", 5, "x"), delete("b:1", 6, covers=["a:1"]), undelete("b:2", 7, "b:1")]
    yield "deleted and undeleted", "deleted is a field of policy keep", [
        title("a:1", 5, "x"), delete("a:2", 6, covers=["a:1"]), undelete("a:3", 7, "a:2"),
        delete("b:1", 8, "a:2", covers=["a:1"])]
    yield "undeleted and deleted", "the later undelete is displayed, the delete stays a head", [
        title("a:1", 5, "x"), delete("b:1", 8, covers=["a:1"]), undelete("a:3", 9)]
    yield "conflict and deleted", "a hidden record shows no conflict of its fields", [
        title("a:1", 5, "x"), title("b:1", 5, "y"), delete("c:1", 6, covers=["a:1", "b:1"])]
    yield "deleted before written", "covers may come before what they cover", [
        delete("b:1", 6, covers=["a:1"]), title("a:1", 5, "x")]


def bad_cases():
    yield "parent as old", "a parent is older than its child", [
        title("a:1", 5, "x"), title("b:1", 5, "y", "a:1")]
    yield "late young parent", "a child is invalid though it was merged before its parent came", [
        title("b:1", 5, "y", "a:1"), title("c:1", 9, "z", "b:1"), title("a:1", 6, "x")]
    yield "invalid young parent", "a parent judges its child although it is invalid itself", [
        title("a:1", 5, "x", "b:1"), title("c:1", 30, "z"), title("b:1", 9, "y", "c:1")]
    yield "malformed young parent", "also where it breaks a rule of its own", [
        title("a:1", 5, "x", "b:1"), title("b:1", 9, "\0")]
    yield "malformed old parent", "an invalid parent is received, and not awaited", [
        title("a:1", 5, "x", "b:1"), title("b:1", 2, "\0"), title("c:1", 4, "z", "a:1")]
    yield "a two-cycle", "changes that name each other do not erase the value", [
        title("a:1", 5, "x", "b:1"), title("b:1", 6, "y", "a:1")]
    yield "a ring of the same time", "nor do three", [
        title("a:1", 5, "x", "b:1"), title("b:1", 5, "y", "c:1"), title("c:1", 5, "z", "a:1")]
    yield "the end of time", "at the greatest time a parent may be as old", [
        title("a:1", END, "x"), title("b:1", END, "y", "a:1"), title("c:1", END - 1, "z")]
    yield "no parents of the invalid", "what an invalid change names stays a head", [
        title("a:1", 5, "x"), title("b:1", 6, "\0", "a:1")]
    good = title("c:1", 1, "good")
    faults = {
        "number 0": change("a:0", 5, write("title", text("x"))),
        "number 2^40": change("a:1099511627776", 5, write("title", text("x"))),
        "no name": change("a:1", 5, write("", text("x"))),
        "no kind": change("a:1", 5, write("title", text("x")), kind=""),
        "NUL in a name": change("a:1", 5, write("a\0", text("x"))),
        "long name": change("a:1", 5, write("\u00e9" * 100 + "x", text("x"))),
        "no writes": change("a:1", 5),
        "a field twice": change("a:1", 5, write("title", text("x")), write("title", text("y"))),
        "a parent twice": title("a:1", 5, "x", "b:1", "b:1"),
        "itself as parent": title("a:1", 5, "x", "a:1"),
        "65 parents": title("a:1", 5, "x", *(f"b:{seq}" for seq in range(1, 66))),
        "an edit that covers": change("a:1", 5, write("title", text("x")), covers=["c:1"]),
        "an undelete that covers": change(
            "a:1", 5, write("deleted", {"bool": False}), covers=["c:1"]),
        "covered twice": delete("a:1", 5, covers=["c:1", "c:1"]),
        "a large value": change(
            "a:1", 5, write("title", {"repeated": {"text": "\u00e9", "count": 131073}})),
        "large together": change("a:1", 5, *(
            write(field, {"repeated": {"text": "x", "count": 262144}}) for field in "vwxyz")),
        "not of its type": change(
            "a:1", 5, write("title", {"unknown": {"tag": 4, "bytes": "ff"}})),
    }
    for name, fault in faults.items():
        yield name, "the change breaks a rule of its own; others are merged", [fault, good]
    yield "largest value", "what is just within a limit is valid", [change(
        "a:1099511627775", 5, write("title", {"repeated": {"text": "\u00e9", "count": 131072}},
                                    *(f"b:{seq}" for seq in range(1, 65))))]


def random_case(seed):
    """A history without sense, in no order: every replica names what it likes."""
    rng = random.Random(seed)
    changes = []
    for replica in "abc":
        for seq in range(1, rng.randint(2, 5)):
            writes = []
            for field in rng.sample(["body", "progress", "title"], rng.randint(1, 2)):
                parents = rng.sample(
                    [f"{other}:{n}" for other in "abc" for n in range(1, 5)
                     if (other, n) != (replica, seq)], rng.randint(0, 3))
                writes.append(write(field, text(rng.choice("xy")), *parents))
            changes.append(change(f"{replica}:{seq}", rng.randint(1, 12), *writes))
    rng.shuffle(changes)
    return f"random {seed}", "many parents, some young, some never seen", changes


def merge_vectors():
    cases = []
    groups = (heads_cases(), byte_cases(), delete_cases(), bad_cases(), map(random_case, range(12)))
    for group in groups:
        for name, why, changes in group:
            expected = merge(changes, KIND)
            assert expected == merge(changes[::-1], KIND), name
            cases.append(
                {"name": name, "why": why, "kind": "note", "changes": changes, "expected": expected})
    for name, why, changes in (
            ("unknown kind", "every field of a kind that is not known counts against a delete", [
                title("a:1", 5, "x"), delete("b:1", 6, covers=["a:1"]),
                change("c:1", 6, write("progress", {"integer": 1}))]),
            ("unknown kind, deleted", "a delete hides a record of any kind", [
                title("a:1", 5, "x"), title("c:1", 5, "y"), delete("b:1", 6, covers=["a:1", "c:1"])]),
            ("unknown kind, two heads", "nothing of a kind that is not known is at odds", [
                title("a:1", 5, "x"), title("c:1", 5, "y")])):
        cases.append({
            "name": name, "why": why, "kind": None, "changes": changes,
            "expected": merge(changes, None)})
    return {
        "about": "Changes to one record, in an order of delivery, and what they come to in any order. "
                 "Made by Protocol/reference/merge.py. A dot is REPLICA:NUMBER, a timestamp the whole "
                 "64-bit number in decimal. A real is its IEEE 754 bits; bytes are hexadecimal. "
                 "'repeated' stands for a text repeated so many times. Heads: the displayed one first. "
                 "A kind of null is one that the program does not know.",
        "replicas": REPLICAS, "kinds": [KIND], "cases": cases}


def timestamp_vectors():
    now = 1_700_000_000_000
    following = [
        ("a new field", "nothing is overwritten: physical time", now, None),
        ("an older floor", "physical time is above what is overwritten", now, timestamp(now - 1, 9)),
        ("the same millisecond", "the counter grows", now, timestamp(now)),
        ("the same millisecond again", "the counter grows", now, timestamp(now, 41)),
        ("a clock that went back", "just above the floor", now - 5000, timestamp(now, 7)),
        ("a floor years ahead", "just above the floor", now, timestamp(now * 2, 0)),
        ("a full counter", "it carries into the milliseconds", now, timestamp(now, 65535)),
        ("a full counter, one behind", "physical time is above it", now, timestamp(now - 1, 65535)),
        ("a clock at 0", "1970 is a time like others", 0, None),
        ("a clock at 0, a floor at 0", "the counter grows", 0, 0),
        ("a clock past 48 bits", "it stays at the greatest milliseconds", 2**48, None),
        ("the greatest clock", "it stays at the greatest milliseconds", END, None),
        ("the greatest clock again", "the counter grows", END, timestamp(2**48 - 1)),
        ("one below the end", "the end is reached", now, END - 1),
        ("the end of time", "there is nothing above it", now, END),
        ("the top bit", "the number is unsigned", now, 2**63),
    ]
    pairs = [
        ("older", "a parent is older", 6, 5), ("as old", "as old is not older", 5, 5),
        ("younger", "a younger parent is refused", 5, 6), ("zero", "as old is not older", 0, 0),
        ("unsigned", "the top bit is no sign", 2**63, 2**63 - 1),
        ("the end", "at the end of time a parent may be as old", END, END),
        ("below the end", "only at the very end", END - 1, END - 1),
        ("after the end", "nothing else follows the end", END - 1, END),
    ]
    return {
        "about": "Timestamps: 48 bits of milliseconds since the Unix epoch, 16 of counter, as one "
                 "number in decimal. Made by Protocol/reference/merge.py.",
        "next": [
            {"name": name, "why": why, "now": str(at), "floor": None if floor is None else str(floor),
             "expected": str(next_timestamp(at, floor)),
             "milliseconds": next_timestamp(at, floor) >> 16,
             "counter": next_timestamp(at, floor) & 0xFFFF}
            for name, why, at, floor in following],
        "follows": [
            {"name": name, "why": why, "child": str(child), "parent": str(parent),
             "expected": may_follow(child, parent)}
            for name, why, child, parent in pairs]}


def main():
    vectors = Path(__file__).resolve().parent.parent / "vectors"
    vectors.mkdir(exist_ok=True)
    for name, content in ("timestamps", timestamp_vectors()), ("merges", merge_vectors()):
        lines = json.dumps(content, indent=1, ensure_ascii=True)
        (vectors / f"{name}.json").write_text(lines + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
