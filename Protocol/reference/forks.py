"""Two histories of one origin: how the one that the hub does not have is made again, after Protocol/README.md, Forks.

A log has the changes of each origin, the first one at 0, in the order in which the origins were heard of; `tips` has tip(0),
tip(1) and so on of each, None where it is not known.
"""

import hashlib

import bundle

ZERO_TIP = bytes(32)
LEFT_OUT = 255  # The tag of a value that was replaced, and is in no snapshot.


def lacks_values(change):
    return any(write.value[0] == LEFT_OUT for write in change.writes)


def is_same(one, other):
    """Whether two changes differ in nothing but values that are left out of one of them."""
    if len(one.writes) != len(other.writes):
        return False
    writes = [
        write._replace(value=theirs.value)
        if LEFT_OUT in (write.value[0], theirs.value[0]) else write
        for write, theirs in zip(one.writes, other.writes)]
    return one._replace(writes=writes) == other


def append(log, tips, change):
    """Takes in the change that follows what is held of its origin."""
    known = tips.setdefault(change.origin, [ZERO_TIP])
    is_known = known[-1] is not None and not lacks_values(change)
    known.append(bundle.tip_after(known[-1], change) if is_known else None)
    log.setdefault(change.origin, []).append(change)


def drop(log, tips, origin, held):
    """Forgets the changes of an origin behind a number."""
    del log[origin][held:], tips[origin][held + 1 :]
    if not held:
        del log[origin], tips[origin]


def named(change):
    return [*change.covers, *(dot for write in change.writes for dot in write.parents)]


def first_lost(log, tips, origin, agreed):
    """Of each origin that loses changes, the number of the first one: the contradicted origin's, and of every other one from
    the first change on that names a lost one."""
    firsts = {origin: agreed + 1}

    def is_lost(dot):
        return dot[0] in firsts and dot[1] >= firsts[dot[0]]

    has_more = True
    while has_more:
        has_more = False
        for other in [each for each in log if each != origin]:
            for change in log[other][: firsts.get(other, 2**40) - 1]:
                # Where values are missing no tip is known, and nothing can be cut off.
                if any(map(is_lost, named(change))) and tips[other][change.seq - 1] is not None:
                    firsts[other], has_more = change.seq, True
                    break
    return firsts


def branch_name(changes, tip):
    """The origin that changes behind a tip are made again as, by everybody who holds the first of them."""
    for change in changes if any(map(lacks_values, changes)) else changes[:1]:
        tip = bundle.tip_after(tip, change)
    return hashlib.sha256(b"gloss branch" + tip).digest()[:16]


def remake(log, tips, origin, agreed):
    """Makes what is held of an origin behind a number again, and all that names it.

    Returns of each origin that lost changes the number of the first one, and the branch that they are now.
    """
    if agreed >= len(log.get(origin, [])):
        return {}
    firsts = first_lost(log, tips, origin, agreed)
    lost = {each: log[each][first - 1 :] for each, first in firsts.items()}
    branches = {each: branch_name(changes, tips[each][firsts[each] - 1])
                for each, changes in lost.items()}
    for each, first in firsts.items():
        drop(log, tips, each, first - 1)

    def now(dot):
        first = firsts.get(dot[0])
        return dot if first is None or dot[1] < first else (branches[dot[0]], dot[1] - first + 1)

    for each, changes in lost.items():
        held = len(log.get(branches[each], []))
        is_thin = any(map(lacks_values, changes))
        if is_thin and held:
            continue
        again = []
        for change in changes:
            writes = [write._replace(parents=sorted(map(now, write.parents)))
                      for write in change.writes]
            dot = now((each, change.seq))
            again.append(change._replace(
                origin=dot[0], seq=dot[1], writes=writes, covers=sorted(map(now, change.covers))))
        for change in again[held:]:
            append(log, tips, change)
        if is_thin:
            tip = ZERO_TIP
            for change in again:
                tip = bundle.tip_after(tip, change)
            tips[branches[each]][-1] = tip
            # Within a run that values were left out of no tip is known.
            tips[branches[each]][1:-1] = [None] * (len(again) - 1)
    return {each: (first, branches[each]) for each, first in firsts.items()}
