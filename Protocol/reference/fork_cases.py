"""The cases of Protocol/vectors/forks.json; forks.py has what is done about a fork."""

import bundle
import forks
from bundle import BOOL, change
from bundle_cases import A, B, C, NOW, Z, record, text
from replica import merge_change


def title(origin, seq, time, content, *parents, target=1):
    return change(
        origin, seq, NOW + time, record(target), "note", [("title", text(content), *parents)])


def delete(origin, seq, time, covers, *parents):
    return change(
        origin, seq, NOW + time, record(1), "note", [("deleted", (BOOL, True), *parents)], covers)


def left_out(each):
    return each._replace(writes=[write._replace(value=(forks.LEFT_OUT, b"")) for write in each.writes])


def start(count=3):
    """Changes of A, each of which replaces the one before."""
    return [title(A, seq, seq, f"a {seq}", *[(A, seq - 1)] * (seq > 1)) for seq in range(1, count + 1)]


def cases():
    """A name, why, who holds it, the runs that are held, and the number up to which A is agreed on.

    A run is its changes and, where values were left out, the changes as they were.
    """
    yield "a branch", "what the hub does not have is another origin's, from number 1", B, [
        (start(), None)], 1
    yield "the same branch and one more", "the first change alone says which branch it is", B, [
        (start(4), None)], 1
    yield "nothing is agreed on", "tip(0) is 32 zero bytes", B, [(start(), None)], 0
    yield "the holder's own branch", "who made it goes on under a new identifier", A, [
        (start(), None)], 2
    yield "everything is agreed on", "the holder of the name goes on under another one all the same", \
        A, [(start(), None)], 3
    yield "names of its own", "parents and covers, of the branch and of before it", C, [
        (start() + [
            title(A, 4, 4, "other", target=2), title(A, 5, 5, "third", (A, 3), (A, 1)),
            delete(A, 6, 6, [(A, 5), (A, 1)]), delete(A, 7, 7, [(A, 5), (B, 1), (A, 6)], (A, 6))],
         None),
        ([title(B, 1, 2, "b", (A, 1))], None)], 2
    yield "another origin that names it", "what was made after that is made again, too; what was made before is not", \
        B, [
            (start(), None),
            ([title(B, 1, 1, "before", target=2), title(B, 2, 9, "names it", (A, 3)),
              title(B, 3, 10, "does not", target=3), title(B, 4, 11, "names that", (B, 3), target=3)],
             None)], 1
    yield "a cover that names it", "covers count as parents do", C, [
        (start(), None), ([delete(B, 1, 9, [(A, 3)])], None), ([title(C, 1, 9, "c", (A, 1))], None)], 1
    yield "names over names", "who names what is made again, and who names that; in any order", Z, [
        (start(), None),
        ([title(C, 1, 4, "c", target=2), title(C, 2, 11, "names b", (B, 2))], None),
        ([title(B, 1, 3, "b", target=3), title(B, 2, 10, "names a", (A, 2))], None),
        ([title(Z, 1, 12, "names c", (C, 2)), title(Z, 2, 13, "names all", (A, 3), (B, 2), (Z, 1))],
         None)], 1
    yield "an earlier one that names it indirectly", "the first of an origin is looked for again", C, [
        (start(), None),
        ([title(B, 1, 10, "names c", (C, 1)), title(B, 2, 11, "names a", (A, 2))], None),
        ([title(C, 1, 9, "names a", (A, 2))], None)], 1
    yield "what names the agreed part only", "it stays", B, [
        (start(), None), ([title(B, 1, 9, "b", (A, 1))], None)], 1
    held = start(2)
    name = forks.branch_name(held[1:], bundle.tip_after(forks.ZERO_TIP, held[0]))
    yield "a branch that is here already", "others came first: what is new follows, and nothing is there twice", \
        C, [
            (start(4), None),
            ([title(name, 1, 2, "a 2", (A, 1))], None)], 1
    yield "values that are left out", "not everybody has the same of it: all that is held says which branch it is", \
        C, [
            (start(1), None), ([left_out(start(2)[1]), start()[2]], start()[1:])], 1
    yield "values left out of what follows", "the branch as a whole is another one then", C, [
        (start(2), None), ([left_out(start(3)[2]), start(4)[3]], start(4)[2:])], 1
    yield "another origin's values that are left out", \
        "within such a run nothing is cut off: it names what it named", C, [
            (start(), None),
            ([left_out(title(B, 1, 9, "b", target=2)), title(B, 2, 10, "names it", (A, 2)),
              title(B, 3, 11, "does too", (B, 2))],
             [title(B, 1, 9, "b", target=2), title(B, 2, 10, "names it", (A, 2)),
              title(B, 3, 11, "does too", (B, 2))])], 1


def shown_change(each):
    return merge_change(each) | {"record": each.record}


def shown(name, why, holder, runs, agreed):
    log, tips, held = {}, {}, []
    for changes, whole in runs:
        origin, first = changes[0].origin, changes[0].seq
        tip = tips.get(origin, [forks.ZERO_TIP])[-1]
        for each in changes:
            forks.append(log, tips, each)
        for each in whole or []:
            tip = bundle.tip_after(tip, each)
        if whole:
            tips[origin][-1] = tip
        held.append({
            "origin": origin, "first": str(first), "statedTip": tip if whole else None,
            "changes": [shown_change(each) for each in changes]})
    remade = forks.remake(log, tips, A, agreed)
    assert sum(map(len, log.values())) <= sum(len(changes) for changes, _ in runs), name
    return {
        "name": name, "why": why, "holder": holder, "held": held,
        "contradicted": A, "agreedSeq": str(agreed), "isRenewed": holder == A or holder in remade,
        "lost": [{"origin": origin, "first": str(first), "branch": branch}
                 for origin, (first, branch) in sorted(remade.items())],
        "expected": [{"origin": origin, "tip": tips[origin][-1],
                      "canonical": [bundle.canonical(each) for each in log[origin]]}
                     for origin in sorted(log)]}


def vectors():
    return {
        "about": "Runs of changes that are held, and what is held once the hub has other changes of one origin behind "
                 "a number. Made by Protocol/reference/forks.py. A dot is REPLICA:NUMBER, a timestamp the whole 64-bit "
                 "number in decimal; bytes are hexadecimal. 'statedTip' is the tip of a run that values were left out "
                 "of. 'lost' says from which number on an origin's changes are another's, and whose. 'canonical' has "
                 "the canonical encodings from number 1 on, and 'tip' the tip of the last one.",
        "cases": [shown(*case) for case in cases()]}
