"""A replica of a Gloss library in memory: what Protocol/README.md says of merging, editing and applying bundles.

merge.py says what a record is, bundle.py, seal.py and epochs.py how changes travel. Here they are put together: the log, the
vector and the tips that a replica keeps, the edits that a person makes, and the bundles that go out and come in.
"""

import copy
import hashlib
import os
import time

import bundle
import epochs
import forks
import merge
import seal
from bundle import BLOB, BOOL, BYTES, INTEGER, NULL, REAL, RECORD, TEXT
from forks import ZERO_TIP, lacks_values

VALUE_BYTES = 768 * 1024


class Fork(Exception):
    """Two histories of one origin: whose, and the number at which they are known to differ."""


class Contradicted(Fork):
    """Two histories of one origin that can be told apart: whose, and the last number at which they agree."""


class Gap(Exception):
    """A bundle that does not continue what is held of its origin."""


def kind(name, keep, latest):
    fields = [{"name": each, "policy": "keep"} for each in keep.split()]
    fields += [{"name": each, "policy": "latest"} for each in latest.split()]
    families = [{"name": "tag", "policy": "latest"}] if name not in ("device", "query") else []
    return {"name": name, "fields": fields, "families": families}


# The kinds of the appendix of Protocol/README.md.
READING = {each["name"]: each for each in (
    kind("article", "url title author site language published text", "saved state favourite progress archived"),
    kind("highlight", "article anchor", "colour review saved"),
    kind("note", "article highlight body", "saved"),
    kind("device", "", "name"),
    kind("query", "", "name text"))}


# Values and changes as merge.py has them: a dict of type and content, and dots as text.

def merge_value(tag, content):
    if tag == TEXT:
        try:
            return {"text": content.decode()}
        except UnicodeDecodeError:
            return {"unknown": {"tag": tag, "bytes": content.hex()}}
    if tag > BLOB or tag == BLOB and len(content) != 32:
        return {"unknown": {"tag": tag, "bytes": content.hex()}}
    name = {NULL: "null", BOOL: "bool", INTEGER: "integer", REAL: "real", BYTES: "bytes",
            RECORD: "record", BLOB: "blob"}[tag]
    shown = {NULL: lambda: True, BOOL: lambda: content, INTEGER: lambda: str(content),
             REAL: lambda: f"{content:016x}"}
    return {name: shown.get(tag, lambda: content.hex())()}


def dot_text(dot):
    return f"{dot[0].hex()}:{dot[1]}"


def dot_of(text):
    replica, seq = merge.parse(text)
    return bytes.fromhex(replica), seq


def merge_change(change):
    return {
        "dot": dot_text((change.origin, change.seq)), "timestamp": str(change.timestamp),
        "kind": change.kind, "covers": [dot_text(dot) for dot in change.covers],
        "writes": [
            {"field": write.field, "value": merge_value(*write.value),
             "parents": [dot_text(dot) for dot in write.parents]} for write in change.writes]}


def heads_of(view, field):
    """The heads of a field, the displayed one first."""
    return next((each["heads"] for each in view["registers"] if each["field"] == field), [])


def text(content):
    return TEXT, content.encode()


class Replica:
    """Everything that a replica keeps, and what may be done to it.

    `blobs` has the large values by their SHA-256, `unsent` those that the hub is not known to have, and `parts` what has come
    of one that was cut: the SHA-256 of the whole sealed blob, and its first bytes. `log` has the changes of each origin, the first one at 0; `tips` has tip(0), tip(1) and so on of each. `acknowledged`
    is the number of the last own change that the hub has taken; `cursor` is a place in its log. `branches` has what was made
    again after a fork and is to be pushed, each with the number of the last change that the hub has taken.
    """

    def __init__(self, library, root, kinds=READING, clock=None, random=os.urandom):
        self.library, self.root, self.kinds, self.random = library, root, kinds, random
        self.device_key = random(32)
        self.secrets = {1: root}  # Of each epoch.
        self.entries = {}  # Of the keyring, by their epochs.
        self.clock = clock or (lambda: time.time_ns() // 1_000_000)
        self.id = random(16)
        self.log, self.tips, self.blobs = {}, {}, {}
        self.unsent, self.parts = set(), {}
        self.unconfirmed = set()  # Large values that were sent, and not asked for since.
        self.acknowledged, self.cursor = 0, None
        self.branches = {}
        self.is_comparing = False  # Whether the hub lacked something, and may lack some of it still.
        self.aside = []  # Bundles that could not be taken in, as they were received.
        self.forked = set()  # Those of them that are of another history than what is here.

    # What is held.

    def held(self, origin):
        return len(self.log.get(origin, []))

    def vector(self):
        return {origin: len(changes) for origin, changes in self.log.items()}

    def tip_commitment(self, origin, seq):
        """The commitment to the tip of `origin` at `seq`, or None where that is not held, or not known."""
        tips = self.tips.get(origin, [ZERO_TIP])
        tip = tips[seq] if seq < len(tips) else None
        return tip and seal.tip_commitment(self.root, self.library, tip)

    def append(self, change):
        """Takes in the change that follows what is held of its origin."""
        forks.append(self.log, self.tips, change)

    # What is shown.

    def records(self):
        """The identifiers of all records, each with its kind."""
        keys = {(each.kind, each.record) for changes in self.log.values() for each in changes}
        return sorted(keys, key=lambda key: (key[0].encode(), key[1]))

    def changes_to(self, key):
        return [each for origin in sorted(self.log) for each in self.log[origin]
                if (each.kind, each.record) == key]

    def view(self, key):
        """What the record is: the result of the merge, which is also what an edit is based on."""
        changes = [merge_change(each) for each in self.changes_to(key)]
        return merge.merge(changes, self.kinds.get(key[0]))

    def values(self, view):
        return {each["field"]: merge.plain(each["value"])[1] for each in view["displayed"]}

    def text_of(self, key):
        """The value of the field `text`: its type, and what names the text."""
        heads = heads_of(self.view(key), "text")
        return self.value_at(heads[0], "text") if heads else (NULL, None)

    def conflicts(self):
        """Of each record in conflict, the fields at odds."""
        views = ((key, self.view(key)) for key in self.records())
        return {key: [each["field"] for each in view["conflicts"]]
                for key, view in views if view["conflicts"]}

    # Edits. Each is based on a view: what the author was shown, be it current or not.

    def parents(self, key, view, field):
        """The parents that rule 3 and rule 5 call for."""
        shown = heads_of(view, field)
        known = self.kinds.get(key[0])
        is_keep = field == "deleted" or known is not None and merge.policy(known, field) == "keep"
        named = [dot for dot in shown if not is_keep
                 or self.value_at(dot, field) == self.value_at(shown[0], field)]
        siblings = [dot for dot in heads_of(self.view(key), field) if dot not in named]
        while len(siblings) + 1 > merge.LIMITS["heads"]:
            named.append(siblings.pop())  # The greatest is first.
        return [dot_of(dot) for dot in named[: merge.LIMITS["parents"]]]

    def is_shown(self, view, field, value):
        heads = heads_of(view, field)
        return bool(heads) and self.value_at(heads[0], field) == value

    def value_at(self, dot, field):
        origin, seq = dot_of(dot)
        return next(each.value for each in self.log[origin][seq - 1].writes if each.field == field)

    def make(self, key, writes, covers=()):
        """Makes a change of (field, value, parents), now or just above what it writes over."""
        view = self.view(key)
        floors = [
            self.log[origin][seq - 1].timestamp for field, _, _ in writes
            for origin, seq in map(dot_of, heads_of(view, field))]
        timestamp = merge.next_timestamp(self.clock(), max(floors, default=None))
        seq = self.held(self.id) + 1
        self.append(bundle.change(
            self.id, seq, timestamp, key[1], key[0],
            [(field, value, *parents) for field, value, parents in writes], covers))

    def write(self, key, values, view=None):
        """Edits the fields of a record as somebody who was shown `view`; values already shown are left out."""
        view = view or self.view(key)
        writes = [(field, value, self.parents(key, view, field))
                  for field, value in values.items() if not self.is_shown(view, field, value)]
        if writes:
            self.make(key, writes)

    def add(self, kind, values, record=None):
        key = kind, record or self.random(16)
        self.write(key, values)
        return key

    def add_blob(self, content):
        """Keeps a large value, and returns the value that names it."""
        digest = hashlib.sha256(content).digest()
        if digest not in self.blobs:
            self.blobs[digest] = content
            self.unsent.add(digest)
        return BLOB, digest

    def wanted(self):
        """The large values that changes name and that are not here."""
        named = {write.value[1] for changes in self.log.values() for each in changes
                 for write in each.writes if write.value[0] == BLOB and len(write.value[1]) == 32}
        return sorted(named - self.blobs.keys())

    def resolve(self, key, field, value, view=None):
        """Settles a conflict by a write that names exactly the heads that were shown."""
        view = view or self.view(key)
        self.make(key, [(field, value, [dot_of(dot) for dot in heads_of(view, field)])])

    def delete(self, key, view=None):
        """Deletes a record, and those that refer to it."""
        view = view or self.view(key)
        if view["hidden"]:
            return
        covers = {dot_of(dot) for each in view["registers"] for dot in each["heads"]}
        parents = self.parents(key, view, "deleted")
        self.make(key, [("deleted", (BOOL, True), parents)], sorted(covers))
        for other in self.records():
            shown = self.view(other)
            refers = {"record": key[1].hex()} in [each["value"] for each in shown["displayed"]]
            if refers and other != key:
                self.delete(other, shown)

    # Bundles.

    def bundle(self, origin, first, value_bytes=VALUE_BYTES):
        """A sealed bundle of the changes of `origin` from `first` on, of about so many bytes of values.

        It ends where the tip is known: a run that came without some of its values is passed on whole.
        """
        changes, room, tips = [], value_bytes, self.tips[origin]
        for change in self.log[origin][first - 1 :]:
            size = len(bundle.canonical(change))
            if changes and size > room and tips[change.seq - 1] is not None:
                break
            room -= size
            changes.append(change)
        last = changes[-1].seq
        stated = tips[last] if any(map(lacks_values, changes)) else b""
        content = bundle.frame(bundle.encode(bundle.columns(changes, [], stated)))
        tips = [self.tip_commitment(origin, seq) for seq in (first - 1, last)]
        epoch = max(self.secrets)
        header = bundle.header(self.library, origin, first, last, *tips, epoch=epoch)
        secret = self.secrets[epoch]
        return header + seal.seal(secret, self.library, header, content, self.random(32), epoch)

    def open(self, data):
        """The header's parts, the changes, the blobs and the stated tip of a bundle, checked in the order of
        Protocol/README.md.

        - Raises: `bundle.Refused` or `seal.Refused`, with the name of the error.
        """
        fault = bundle.header_fault(data)
        if fault:
            raise bundle.Refused(fault)
        head = bundle.parts(data)
        if head.library != self.library:
            raise seal.Refused("otherLibrary")
        content = seal.open_sealed(
            self.root, self.library, head.epoch, data[:117], data[117:], self.secrets)
        return head, *bundle.open_content(content, head.origin, head.first, head.last)

    def apply(self, data):
        """Applies one bundle, by the table under "Applying a bundle"; returns how many changes were new.

        - Raises: `Gap`, `Fork`, or a `Refused`. Nothing of the bundle stays applied then.
        """
        head, changes, blobs, stated = self.open(data)
        held = self.held(head.origin)
        tip = self.tip_commitment(head.origin, head.last) if head.last <= held else None
        if tip == head.tip:
            return 0
        agreed = self.agreed(head, changes)
        if head.origin == self.id:
            if agreed != head.last or head.last > held or tip is not None:
                raise Contradicted(head.origin, agreed or 0)
            return 0  # All are the same, and one of the two lacks values.
        if head.last <= held and tip is None and agreed in (None, head.last):
            return 0
        if head.first > held + 1:
            raise Gap(head.origin, held, head.first)
        if head.first == held + 1 and self.tip_commitment(head.origin, held) != head.previous_tip:
            raise Fork(head.origin, head.first)
        if agreed is not None and agreed < min(held, head.last) \
                and self.tip_commitment(head.origin, agreed) is not None:
            raise Contradicted(head.origin, agreed)
        if head.last <= held or stated and (agreed or 0) < min(held, head.last):
            raise Fork(head.origin, head.last)
        for change in changes[held + 1 - head.first :]:
            self.append(change)
        if stated and self.tips[head.origin][head.last] is None:
            self.tips[head.origin][head.last] = stated
        if self.tip_commitment(head.origin, head.last) != head.tip:
            forks.drop(self.log, self.tips, head.origin, held)
            raise Fork(head.origin, held + 1)
        for each in blobs:
            self.add_blob(each)  # Of an earlier program: the hub has it nowhere else.
        return head.last - held

    def agreed(self, head, changes):
        """The last number at which a bundle and what is held agree, or None where the bundle does not tell."""
        before = head.first - 1
        if before > self.held(head.origin) \
                or self.tip_commitment(head.origin, before) not in (None, head.previous_tip):
            return None
        for own, change in zip(self.log.get(head.origin, [])[before:], changes):
            if not forks.is_same(own, change):
                return change.seq - 1
        return min(self.held(head.origin), head.last)

    def take(self, data, is_retry=False):
        """Applies a bundle, or sets it aside where it cannot be taken in and need not stop the rest.

        - Raises: `Contradicted`, where what is here is to be made again first; not for what was set aside as a fork before.
        """
        fault = bundle.header_fault(data)
        if fault or data[1:17] != self.library:
            raise bundle.Refused(fault or "otherLibrary")
        head = bundle.parts(data)
        try:
            return self.apply(data)
        except Gap:
            if head.origin not in {bundle.parts(each).origin for each in self.aside}:
                raise
        except Fork as fork:
            if isinstance(fork, Contradicted) and not (is_retry and data in self.forked):
                raise
            self.forked.add(data)
        except (bundle.Refused, seal.Refused):
            pass
        self.aside.append(data)
        return 0

    def take_run(self, run):
        """Takes in a run of a snapshot by the rules of a bundle: it is made into one, which can be set aside."""
        content = bundle.frame(bundle.encode(bundle.columns(run.changes, run.blobs, run.tip)))
        tips = [seal.tip_commitment(self.root, self.library, tip)
                for tip in (run.previous_tip, run.tip)]
        epoch, secret = max(self.secrets.items())
        head = bundle.header(
            self.library, run.origin, run.first, run.changes[-1].seq, *tips, epoch=epoch)
        sealed = seal.seal(secret, self.library, head, content, self.random(32), epoch)
        return self.take_all([head + sealed])

    def take_all(self, bundles):
        """Takes in bundles in order, or none of them. What was set aside before is tried again first, and what they contradict
        is made again.
        """
        while True:
            before = copy.deepcopy(vars(self))
            try:
                waiting, self.aside = self.aside, []
                return sum([self.take(each, is_retry=True) for each in waiting]
                           + [self.take(each) for each in bundles])
            except Contradicted as found:
                vars(self).update(before)
                self.settle(*found.args)
            except Exception:
                vars(self).update(before)
                raise

    def apply_page(self, bundles, cursor):
        """Applies a page and saves its cursor, or does neither."""
        count = self.take_all(bundles)
        self.cursor = cursor
        return count

    # The keyring.

    def keyring_end(self):
        """The last epoch up to which all entries are here: 1 for none."""
        end = 1
        while end + 1 in self.entries:
            end += 1
        return end

    def take_entries(self, entries):
        """Takes in the entries after those that are here.

        - Raises: `seal.Refused`; nothing is taken in then.
        """
        first = self.keyring_end() + 1
        for number, entry in enumerate(entries, first):
            if epochs.entry_parts(entry)[0] != number:
                raise seal.Refused("malformed")
        self.secrets = epochs.take_entries(entries, self.library, self.secrets, self.device_key)
        self.entries |= dict(enumerate(entries, first))

    def card(self, token_digest):
        """What the others see of this replica's key."""
        epoch = max(self.secrets)
        return epochs.device_card(
            self.secrets[epoch], self.library, epoch, epochs.public_key(self.device_key), token_digest)

    def vouches(self, card, token_digest):
        """Whether a device with this card may get the key of the next epoch."""
        if not epochs.is_good_card(card, token_digest, self.library, self.secrets):
            return False
        epoch, newest = int.from_bytes(card[1:5], "big"), max(self.secrets)
        if epoch == newest:
            return True
        # Who was revoked since could have made a card of an earlier epoch.
        return newest in self.entries and card[5:37] in epochs.entry_parts(self.entries[newest])[2]

    def new_entry(self, cards):
        """The secret of a new epoch, and its entry for this replica and for those who have these cards."""
        secret, keys = self.random(32), {epochs.public_key(self.device_key)}
        keys |= {card[5:37] for card in cards}
        wraps = [(key, self.random(32)) for key in keys]
        return secret, epochs.keyring_entry(self.secrets, self.library, secret, wraps)

    def begin_epoch(self, secret, entry):
        """Notes that the entry is in the keyring."""
        epoch = epochs.entry_parts(entry)[0]
        self.secrets[epoch], self.entries[epoch] = secret, entry

    # Forks.

    def settle(self, origin, agreed):
        """Makes what is held of an origin behind a number again, because the hub has something else; goes on under a new
        identifier where some of that was made here.
        """
        remade = forks.remake(self.log, self.tips, origin, agreed)
        for branch in self.branches.keys() & remade.keys():
            self.branches[branch] = min(self.branches[branch], remade[branch][0] - 1)
        if self.id in remade and self.id != origin and self.acknowledged < self.held(self.id):
            self.branches[self.id] = self.acknowledged  # What names no lost change stays as it was.
        self.branches |= {branch: 0 for _, branch in remade.values()}
        if self.id == origin or self.id in remade:
            self.acknowledged, self.id = 0, self.random(16)
