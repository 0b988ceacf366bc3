"""The second implementation beside ours: a replica in Python and two of `gloss` at one hub.

Each story ends with all three showing the same, which is compared field by field.
"""

import hashlib
import random
import threading
import time
from copy import deepcopy

import bundle
import client
import gloss_pb2
import programs
import seal
from messages import Problem
from replica import text

WALDEN = """# Where I Lived

I went to the woods because I wished to live deliberately, to front only the essential facts of life.
"""


class Beside:
    """The hub, the machines and the Python, and how often they synced and were compared."""

    def __init__(self, folder, executables):
        self.folder, self.executables = folder, executables
        self.syncs = self.comparisons = 0
        self.hub = programs.HubProcess(executables, folder)
        self.machines = []

    def machine(self, name):
        machine = programs.Machine(self.executables, self.folder, name)
        self.machines.append(machine)
        return machine

    def sync(self, *who):
        for each in who:
            self.syncs += 1
            each.run("sync") if isinstance(each, programs.Machine) else each.sync()

    def sync_all(self, python):
        """Everybody twice: the first ones get what the last ones sent."""
        everybody = [*self.machines, python]
        self.sync(*everybody, *everybody[:-1])

    def check(self, condition, what):
        self.comparisons += 1
        if not condition:
            raise AssertionError(what)

    def agree(self, python, about):
        """Checks that all show the same, conflicts included, and returns the conflicts."""
        shown, conflicts = programs.shown(python.replica), programs.conflicts(python.replica)
        for machine in self.machines:
            for ours, theirs, what in (
                    (shown, machine.shown(), "records"),
                    (conflicts, machine.conflicts(), "conflicts")):
                self.check(ours == theirs, f"{about}: {what} of {machine.name}\n"
                                           f"python {ours}\ngloss  {theirs}")
        return conflicts


def key_of(python, kind, prefix):
    """The record that `gloss` printed the beginning of the name of."""
    return next(key for key in python.replica.records()
                if key[0] == kind and key[1].hex().startswith(prefix))


def stories(beside):
    desk, lap = beside.machine("desk"), beside.machine("lap")
    (desk.folder / "walden.md").write_text(WALDEN)
    desk.run("init", "--name", "desk")
    article = desk.run("add", "walden.md", "--author", "Thoreau", "--tag", "classics")
    mark = desk.run("highlight", article, "live deliberately", "--colour", "green")
    note = desk.run("note", mark, "Quoted by everybody.")
    desk.run("hub", "connect", beside.hub.address)
    beside.sync(desk)
    lap.run("join", "--name", "lap", text=desk.run("pair"))
    python = client.join(desk.run("pair"))
    beside.sync(lap, python, desk)
    beside.check(not beside.agree(python, "after joining"), "no conflict yet")
    digest = hashlib.sha256(WALDEN.encode()).digest()
    beside.check(python.replica.blobs[digest] == WALDEN.encode(), "the text came after its article")

    edit_everywhere(beside, python, article)
    concurrent_edits(beside, python, note, article)
    delete_and_edit(beside, python, note)
    restored_hub(beside, python, article)
    cloned_replica(beside, python, article)
    forgotten_branch(beside, python, article)
    revoked_device(beside, python)
    new_epochs(beside, python, article)
    woken_pull(beside, python, article)
    large_values(beside, python)
    other_way_round(beside)
    return python


def edit_everywhere(beside, python, article):
    """Different fields on all three at once: no conflict, and everybody has all of it."""
    desk, lap = beside.machines
    key = key_of(python, "article", article)
    desk.run("edit", article, "--state", "reading", "--progress", "0.25")
    lap.run("tag", article, "+woods", "-classics")
    python.replica.write(key, {"language": text("en"), "tag/essay": (bundle.BOOL, True)})
    own = python.replica.add_blob("A text that Python wrote: café, 📖.\n".encode())
    python.replica.add("article", {
        "title": text("From Python"), "text": own, "state": (bundle.INTEGER, 0),
        "saved": (bundle.INTEGER, 1_700_000_000_123)})
    beside.sync_all(python)
    beside.check(not beside.agree(python, "fields apart"), "fields apart are no conflict")
    name = next(each for each, item in lap.shown().items() if item["title"] == "From Python")
    beside.check("café, 📖" in lap.run("show", name, "--text"), "gloss shows Python's text")


def concurrent_edits(beside, python, note, article):
    """One field on all three at once, settled by Python; then another one, settled by `gloss`."""
    desk, lap = beside.machines
    key = key_of(python, "note", note)
    desk.run("edit", note, "--body", "desk")
    lap.run("edit", note, "--body", "lap")
    python.replica.write(key, {"body": text("python")})
    beside.sync_all(python)
    conflicts = beside.agree(python, "three bodies")
    beside.check(len(conflicts[key[1].hex(), "body"][1]) == 3, "all three bodies are kept")
    python.replica.resolve(key, "body", text("desk, lap and python"))
    beside.sync_all(python)
    beside.check(not beside.agree(python, "settled by Python"), "Python settled it for all")

    python.replica.write(key_of(python, "article", article), {"title": text("Solitude")})
    lap.run("edit", article, "--title", "Economy")
    beside.sync_all(python)
    beside.check(len(beside.agree(python, "two titles")) == 1, "both titles are kept")
    desk.run("resolve", article, "--keep", "other")
    beside.sync_all(python)
    beside.check(not beside.agree(python, "settled by gloss"), "gloss settled it for all")


def delete_and_edit(beside, python, note):
    """A delete and an edit that it did not see: the record stays, and is listed; both ways round."""
    desk, lap = beside.machines
    key = key_of(python, "note", note)
    python.replica.delete(key)
    lap.run("edit", note, "--body", "kept, because lap did not know")
    beside.sync_all(python)
    beside.check((key[1].hex(), "deleted") in beside.agree(python, "deleted and edited"),
                 "an edit that the delete did not see is a conflict")
    desk.run("undelete", note)
    beside.sync_all(python)
    beside.check(not beside.agree(python, "undeleted"), "gloss brought it back")

    other = python.replica.add("note", {"article": (bundle.RECORD, bytes(16)), "body": text("?")})
    beside.sync_all(python)
    desk.run("delete", other[1].hex())
    python.replica.write(other, {"body": text("not lost")})
    beside.sync_all(python)
    beside.agree(python, "edited here, deleted there")
    python.replica.delete(other)
    beside.sync_all(python)
    beside.check(not beside.agree(python, "deleted at last"), "Python let it go")
    beside.check(other[1].hex() not in desk.shown(), "it is gone everywhere")


def restored_hub(beside, python, article):
    """The hub comes back from an old copy: Python fills it, with the others' bundles too."""
    desk, lap = beside.machines
    beside.hub.back_up("copy")
    desk.run("edit", article, "--site", "walden.org")
    python.replica.write(key_of(python, "article", article), {"published": text("1854-08-09")})
    beside.sync_all(python)
    beside.hub.restore("copy")
    beside.sync(python)
    vector = python.ask("vector")
    beside.check({each: held.seq for each, held in vector.origins.items()}
                 == python.replica.vector(), "the hub has everything again")
    fourth = client.join(desk.run("pair"))
    beside.sync(fourth)
    beside.check(programs.shown(fourth.replica) == programs.shown(python.replica),
                 "who joins now gets all of it")
    lap.run("edit", article, "--author", "H. D. Thoreau")
    beside.sync_all(python)
    beside.agree(python, "after the restore")


def cloned_replica(beside, python, article):
    """Python's replica is copied, and both copies go on: the second one to sync takes a new identifier."""
    key = key_of(python, "article", article)
    copy = client.Client(deepcopy(python.replica), python.hub, python.token)
    python.replica.write(key, {"author": text("the first copy")})
    copy.replica.write(key, {"site": text("the second copy")})
    copy.replica.write(key, {"site": text("the second copy, edited")})
    beside.sync(python, copy)
    beside.check(copy.replica.id != python.replica.id, "a copy learns that it is one")
    beside.check(copy.token != python.token, "and becomes a device of its own")
    beside.sync_all(python)
    beside.sync(copy)
    beside.check(not beside.agree(python, "after a clone"), "both copies' edits are kept")
    beside.check(programs.shown(copy.replica) == programs.shown(python.replica), "by the copy too")
    values = python.replica.values(python.replica.view(key))
    beside.check((values["author"], values["site"]) == (
        "the first copy", "the second copy, edited"), "nothing that the copies wrote is lost")


def forgotten_branch(beside, python, article):
    """The hub forgets one of two histories of Python's replica, which `gloss` and another Python hold: both make the same of it."""
    desk = beside.machines[0]
    key = key_of(python, "article", article)
    third = client.join(desk.run("pair"))
    beside.sync_all(python)
    beside.sync(third)
    beside.hub.back_up("before-the-fork")
    copy = client.Client(deepcopy(python.replica), python.hub, python.token)
    copy.replica.write(key, {"site": text("branch.example")})
    copy.replica.write(key, {"author": text("the branch")})
    beside.sync(copy, desk, third)
    desk.run("edit", article, "--site", "desk.example")  # It names the branch.
    beside.hub.restore("before-the-fork")
    python.replica.write(key, {"site": text("other.example")})
    beside.sync(python)
    name, before = third.replica.id, python.replica.held(python.replica.id)
    beside.sync(third, desk, copy)
    beside.sync_all(python)
    beside.sync(third, copy, python)
    beside.check(third.replica.id == name, "who only held the branch stays who it is")
    beside.check(copy.replica.id != python.replica.id, "who made it does not")
    beside.check(python.replica.held(python.replica.id) == before, "the hub's branch has the name")
    conflicts = beside.agree(python, "after a fork")
    beside.check(sorted(conflicts[key[1].hex(), "site"][1]) == ["desk.example", "other.example"],
                 "desk replaced what it saw, and nothing else")
    beside.check(python.replica.values(python.replica.view(key))["author"] == "the branch",
                 "what nobody else wrote over is shown")
    for each in (third, copy):
        beside.check(each.replica.vector() == python.replica.vector() and not each.replica.aside
                     and each.replica.tips == python.replica.tips, "everybody has the same changes")
    python.replica.resolve(key, "site", text("settled.example"))
    beside.sync_all(python)
    beside.check(not beside.agree(python, "after a fork was settled"), "no conflict is left")


def revoked_device(beside, python):
    """A device is listed until it is revoked; then it gets nothing any more, and keeps what it wrote."""
    guest = client.join(python.pair())
    beside.sync(guest)
    digest = hashlib.sha256(guest.token.encode()).digest()
    listed = {each.digest: each for each in python.ask("devices")}
    beside.check(len(listed) >= 4 and digest in listed, "every device is listed")
    beside.check(listed[digest].created <= listed[digest].last_seen, "it was seen after it came")
    python.ask("revoke", digest=digest)
    python.ask("revoke", digest=digest)  # A repeat is answered as the first one was.
    beside.check(digest not in [each.digest for each in python.ask("devices")], "it is gone")
    guest.replica.add("note", {"body": text("unsent")})
    requests = guest.hub.requests
    try:
        beside.sync(guest)
        raise AssertionError("a revoked token still works")
    except Problem as problem:
        beside.check(problem.type == "unauthorised", "a revoked token is none")
    beside.check(guest.hub.requests == requests + 1, "nobody asks twice")
    beside.check(guest.replica.held(guest.replica.id) == 1, "what is unsent stays")
    beside.sync_all(python)
    beside.agree(python, "after a device was revoked")


def large_values(beside, python):
    """Texts go both ways, many small ones and one in pieces; each side goes on with what the other one's hub has of it."""
    desk, lap = beside.machines
    generator, large = random.Random(7), WALDEN.encode()
    large += "".join(generator.choices("abcdefghijklmnopqrstuvwxyz \n", k=3_000_000)).encode()
    (desk.folder / "large.txt").write_bytes(large)
    article = desk.run("add", "large.txt", "--title", "Large")
    for number in range(100):
        own = python.replica.add_blob(f"Text {number}, by Python. {generator.random()}\n".encode())
        python.replica.add("article", {"title": text(f"Text {number}"), "text": own})
    from_python = bytes(generator.randbytes(2_000_000)).hex().encode()
    python.replica.add("article", {
        "title": text("Large, from Python"), "text": python.replica.add_blob(from_python)})
    lap.run("sync", "--lazy-text")
    beside.sync(desk)
    before = python.hub.requests
    beside.sync(python)
    beside.check(python.hub.requests - before < 20, "small texts share requests")
    beside.check(python.replica.blobs[hashlib.sha256(large).digest()] == large, "Python has it whole")
    beside.check(not python.replica.wanted() and not python.refused, "Python misses nothing")
    lap.run("sync", "--lazy-text")
    beside.check(lap.json("status")["textsMissing"] == 102, "lap left the texts on the hub")
    shown = lap.json("show", article, "--text")["text"]
    beside.check(shown.encode() == large, "and fetches the one that it shows")
    beside.sync_all(python)
    beside.agree(python, "after large texts")
    for machine in beside.machines:
        beside.check(machine.json("status")["textsMissing"] == 0, "everybody has all of them")
        for key in python.replica.records():
            tag, digest = python.replica.text_of(key)
            if key[0] == "article" and tag == bundle.BLOB:
                theirs = machine.json("show", key[1].hex(), "--text")["text"]
                beside.check(theirs.encode() == python.replica.blobs[digest], "the same text")


def new_epochs(beside, python, article):
    """A third device is revoked by `gloss`, then one by Python: the others go on in new epochs, and those read nothing new."""
    desk, lap = beside.machines
    key = key_of(python, "article", article)
    guest = client.join(desk.run("pair"))
    guest.replica.add("note", {"body": text("by the guest")})
    beside.sync(guest)
    beside.sync_all(python)
    digest = hashlib.sha256(guest.token.encode()).digest()
    desk.run("devices", "revoke", digest.hex()[:8])
    desk.run("edit", article, "--site", "sealed.example")
    beside.sync(desk)
    python.replica.write(key, {"language": text("de")})
    beside.sync_all(python)
    beside.agree(python, "in epoch 2")
    beside.check(max(python.replica.secrets) == 2, "Python follows to the epoch that gloss began")
    log = whole_log(python)
    epochs = {int.from_bytes(each[17:21], "big") for each in log}
    beside.check(epochs == {1, 2}, "what is new is sealed under it")
    beside.check(refusal(guest.replica.open, next(
        each for each in log if each[17:21] == seal.big(2, 4))) == "unknownEpoch",
        "the guest has no key for it")
    entries = python.ask("keyring").entries
    beside.check(refusal(guest.replica.take_entries, entries) == "notForThisDevice",
                 "the hub's whole keyring does not help it")
    listed = {each.digest: each for each in python.ask("devices")}
    beside.check(all(python.replica.vouches(listed[each].card, each) for each in (
        python.digest(), *(each for each in listed if listed[each].card[1:5] == seal.big(2, 4)))),
        "cards that gloss made are good")

    newcomer = client.join(desk.run("pair"))
    beside.sync(newcomer)
    beside.check(programs.shown(newcomer.replica) == programs.shown(python.replica),
                 "who joins now reads both epochs")
    holders = python.revoke(newcomer.digest())
    beside.check(python.digest() in holders and len(holders) >= 3, "gloss's cards count for Python")
    python.replica.write(key, {"site": text("epoch-3.example")})
    beside.sync(python)
    lap.run("edit", article, "--author", "H. D. T.")
    beside.sync_all(python)
    beside.agree(python, "in epoch 3")
    beside.check(max(python.replica.secrets) == 3, "it is epoch 3")
    beside.check(refusal(newcomer.replica.take_entries, python.ask("keyring", epoch=2).entries)
                 == "notForThisDevice", "and the newcomer is out of it")
    machine = programs.Machine(beside.executables, beside.folder, "tablet")
    machine.run("join", "--name", "tablet", text=python.pair())
    beside.sync(machine, python)
    beside.check(machine.shown() == programs.shown(python.replica), "gloss reads Python's newer code")
    tablet = next(each.digest for each in python.ask("devices") if each.digest not in holders)
    python.revoke(tablet)
    beside.sync_all(python)


def whole_log(python):
    log, after = [], None
    while after is None or page.has_more:
        page = python.ask("pull", after=after)
        log, after = log + page.bundles, page.cursor
    return log


def refusal(body, *arguments):
    """The name of the error that the call is refused with, or None."""
    try:
        body(*arguments)
    except seal.Refused as refused:
        return refused.args[0]
    return None


def woken_pull(beside, python, article):
    """A pull that waits is answered when somebody else's bundle lands, long before its time is over."""
    desk = beside.machines[0]
    began, arrived = time.monotonic(), []
    waiter = threading.Thread(target=lambda: arrived.append(python.wait(50)))
    waiter.start()
    desk.run("edit", article, "--site", "woken.example")
    beside.sync(desk)
    waiter.join(60)
    beside.check(arrived == [1], "the waiting pull brought the change")
    beside.check(time.monotonic() - began < 40, "it was woken, and did not wait to the end")
    end = python.replica.cursor.index
    beside.check(python.vector_at(end) == python.ask("vector"), "the end is a place like others")
    past, held = python.vector_at(end - 1), python.ask("vector")
    moved = [origin for origin in held.origins if past.origins.get(origin) != held.origins[origin]]
    beside.check(len(moved) == 1, "one bundle back, one origin held less")
    page = python.ask("pull", after=python.replica.cursor, wait=1)
    beside.check(page.has_waited and not page.bundles, "a hub says that it waits")
    beside.sync_all(python)
    beside.agree(python, "after a wait")


def other_way_round(beside):
    """A library that Python makes, with a code that Python writes, opened by `gloss`."""
    maker = client.create(client.Hub(beside.hub.address))
    key = maker.replica.add("note", {"article": (bundle.RECORD, bytes(16)), "body": text("first")})
    beside.sync(maker)
    guest = programs.Machine(beside.executables, beside.folder, "guest")
    guest.run("join", "--name", "guest", text=maker.pair())
    beside.sync(guest)
    beside.check(guest.shown() == programs.shown(maker.replica), "gloss opens what Python made")
    guest.run("edit", key[1].hex(), "--body", "second")
    beside.sync(guest, maker)
    beside.check(guest.shown() == programs.shown(maker.replica), "and Python what gloss made of it")


# Snapshots: at a hub that asks for one every four bundles, and drops at once what it holds.

def snapshots(beside):
    folder = beside.folder / "dropping"
    folder.mkdir()
    hub = programs.HubProcess(
        beside.executables, folder, "--snapshot-bundles", "4", "--log-retention", "0",
        "--page-size", "4K")
    try:
        from_gloss(beside, hub)
        from_python(beside, hub)
    finally:
        hub.stop()


def dropped(python):
    """Whether nobody can read the log from its start any more."""
    try:
        python.ask("pull")
        return False
    except Problem as problem:
        return problem.type == "compacted"


def from_gloss(beside, hub):
    """Python starts from a snapshot that `gloss` made, goes away, and comes back to the next one."""
    desk = programs.Machine(beside.executables, beside.folder, "maker")
    desk.run("init", "--name", "maker")
    desk.run("hub", "connect", hub.address)
    for number in range(4):
        (desk.folder / "a.md").write_text(f"# Article {number}\n\n{WALDEN}")
        desk.run("add", "a.md")
        beside.sync(desk)
    python = client.join(desk.run("pair"))
    beside.check(dropped(python), "gloss made a snapshot, and the hub dropped its log")
    beside.sync(python, desk)
    beside.check(programs.shown(python.replica) == desk.shown(), "Python starts from it")
    beside.check(WALDEN in next(iter(python.replica.blobs.values())).decode(), "texts and all")

    name = next(iter(desk.shown()))
    python.replica.write(key_of(python, "article", name), {"title": text("away")})
    desk.run("edit", name, "--title", "at home")
    hub.stop()
    hub.start()  # It asks again.
    before = python.replica.cursor.index
    for number in range(5):
        desk.run("edit", name, "--site", f"site {number}")
        beside.sync(desk)
    beside.check(python.ask("latest").cursor.index > before, "the hub asked again")
    beside.sync(python, desk)
    shown = programs.shown(python.replica)
    beside.check(shown == desk.shown(), "who was away gets through")
    found = programs.conflicts(python.replica)
    beside.check(found == desk.conflicts() and sorted(found[name, "title"][1]) == [
        "at home", "away"], "and keeps its edit")


def from_python(beside, hub):
    """`gloss` starts from a snapshot that Python made, of several pieces."""
    hub.stop()
    hub.start()
    maker = client.create(client.Hub(hub.address))
    for number in range(3):
        maker.replica.add("note", {
            "article": (bundle.RECORD, bytes(16)), "body": text(f"note {number}")})
        beside.sync(maker)
    maker.make_snapshot(bytes(range(16)), 1)
    beside.check(maker.ask("latest").pieces == 3, "a piece for each change")
    beside.check(dropped(maker), "the hub dropped its log")
    guest = programs.Machine(beside.executables, beside.folder, "newcomer")
    guest.run("join", "--name", "newcomer", text=maker.pair())
    beside.sync(guest, maker)
    beside.check(guest.shown() == programs.shown(maker.replica), "gloss starts from it")


# Two epochs of one number: the hub comes back from before the first one, and somebody who never had that begins another.

def two_epochs(beside):
    folder = beside.folder / "forgetting"
    folder.mkdir()
    hub = programs.HubProcess(beside.executables, folder)
    try:
        maker = client.create(client.Hub(hub.address))
        key = maker.replica.add("note", {"article": (bundle.RECORD, bytes(16)), "body": text("first")})
        other, guest = client.join(maker.pair()), client.join(maker.pair())
        beside.sync(maker, other, guest)
        hub.back_up("before")
        maker.revoke(guest.digest())
        maker.replica.write(key, {"body": text("in one epoch")})
        beside.sync(maker)
        hub.restore("before")
        other.revoke(guest.digest())
        other.replica.write(key, {"body": text("in another epoch")})
        beside.sync(other)
        held = other.ask("vector")
        for _ in range(2):
            beside.check(refusal(maker.sync) == "otherEpoch", "the two keyrings are told apart")
            beside.check(other.ask("vector") == held, "and nothing is sent")
    finally:
        hub.stop()


# Bundles that must not be opened.

FIELDS = {"suite": 0, "library": 1, "epoch": 20, "origin": 21, "first": 44, "last": 52,
          "previous tip": 53, "tip": 85, "salt": 117, "commitment": 149, "ciphertext": 181, "tag": -1}


def damaged(bundles):
    """Every kind of damage, by name: of one bundle, and between two of them."""
    one, two = bundles[:2]
    for name, at in FIELDS.items():
        altered = bytearray(one)
        altered[at] ^= 1
        yield name, bytes(altered)
    yield "cut", one[:-1]
    yield "cut to its header", one[:117]
    yield "a header cut", one[:116]
    yield "longer", one + b"\0"
    yield "another one's content", one[:117] + two[117:]
    yield "another epoch", one[:17] + (99).to_bytes(4, "big") + one[21:]
    yield "another library", one[:1] + bytes(16) + one[17:]


EXPECTED = {
    "suite": "unknownSuite", "library": "otherLibrary", "epoch": None, "last": None,
    "first": None, "ciphertext": "tampered", "tag": "tampered", "cut": "tampered",
    "cut to its header": "truncated", "a header cut": "tooShort", "longer": "tampered",
    "another epoch": "unknownEpoch", "another library": "otherLibrary"}


def bad_bundles(beside, python):
    """Bundles that `gloss` made, damaged: Python refuses each with its error, and applies nothing."""
    log = whole_log(python)
    foreign = [each for each in log if each[21:37] != python.replica.id]
    replica = python.replica
    for each in log:
        head = replica.open(each)[0]
        content = bundle.unframe(seal.open_sealed(
            replica.root, replica.library, head.epoch, each[:117], each[117:], replica.secrets))
        again = gloss_pb2.BundleContent.FromString(content).SerializeToString(deterministic=True)
        beside.check(again == content == bundle.encode(bundle.decode(content)),
                     "a message is as protobuf's own library writes it")
    reader = client.join(beside.machines[0].run("pair"))
    reader.follow_keyring()
    before = reader.replica.vector()
    for first, second in zip(foreign, foreign[1:]):
        for name, data in damaged([first, second]):
            try:
                reader.replica.apply(data)
            except (bundle.Refused, seal.Refused) as refused:
                error = refused.args[0]
            else:
                error = "opened"
            expected = EXPECTED.get(name, "wrongKey")
            if expected is None:
                is_known = int.from_bytes(data[17:21], "big") in reader.replica.secrets
                expected = bundle.header_fault(data) or ("wrongKey" if is_known else "unknownEpoch")
            beside.check(error == expected, f"{name}: {error} instead of {expected}")
    beside.check(reader.replica.vector() == before == {}, "nothing was applied")


def faulty_writer(beside):
    """A hub with bundles that no honest program makes: `gloss` shows what it showed before, and loses nothing."""
    maker = client.create(client.Hub(beside.hub.address))
    key = maker.replica.add("note", {"article": (bundle.RECORD, bytes(16)), "body": text("good")})
    beside.sync(maker)
    reader = programs.Machine(beside.executables, beside.folder, "reader")
    reader.run("join", "--name", "reader", text=maker.pair())
    beside.sync(reader)
    before = reader.shown()
    maker.replica.write(key, {"body": text("never shown")})
    good = maker.replica.bundle(maker.replica.id, 2)
    bad = bytearray(good)
    bad[-1] ^= 1
    maker.ask("push", bundles=(bytes(bad),))  # A hub cannot tell.
    reader.run("sync", may_fail=True)
    beside.check(reader.shown() == before, "a bundle with a wrong tag changes nothing")
    guest = client.join(maker.pair())
    guest.replica.add("note", {"article": (bundle.RECORD, bytes(16)), "body": text("goes on")})
    beside.sync(guest)
    beside.check(guest.replica.aside == [bytes(bad)], "Python sets it aside")
    reader.run("sync", may_fail=True)
    beside.check(reader.shown() == programs.shown(guest.replica), "and both go on without it")
    try:
        maker.ask("push", bundles=(good[:85] + bytes(32) + good[117:],))
        raise AssertionError("the hub took a second history")
    except Problem as problem:
        beside.check(problem.type == "bundle-fork", "the hub sees a second history")


def run(folder, executables):
    """Returns how often somebody synced and how often something was compared."""
    beside = Beside(folder, executables)
    try:
        python = stories(beside)
        bad_bundles(beside, python)
        faulty_writer(beside)
        snapshots(beside)
        two_epochs(beside)
    finally:
        beside.hub.stop()
    return beside.syncs, beside.comparisons


if __name__ == "__main__":
    import sys
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as name:
        print(run(Path(name), Path(sys.argv[1]).resolve()))
