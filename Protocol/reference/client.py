"""A client of a Gloss hub: the conversation of Protocol/README.md over the HTTP of Protocol/http.md.

    hub = Hub("http://127.0.0.1:8080")
    desk = create(hub)                       # a new library, and its first replica
    desk.replica.add("note", {"body": text("draft")})
    desk.sync()
    lap = join(desk.pair())                  # another device, from a pairing code
    lap.sync()
"""

import hashlib
import http.client
import os
from urllib.parse import urlsplit

import blob
import seal
import snapshot
from bundle import Refused, frame
from messages import (
    WANT_LIMIT, Action, Cursor, NotOurs, Part, Problem, Reply, Snapshot, Want, read_reply, request)
from replica import VALUE_BYTES, Replica

REFUSALS = 16  # How many in a row a sync answers before it gives up.
UNASKED_BYTES = 64 * 1024  # Large values of so many bytes are uploaded without a question.
BODY_LIMIT = 64 * 1024 * 1024


class Hub:
    """A hub at a base address. Each request is a connection of its own: this client is small, not fast."""

    def __init__(self, address):
        self.address, self.requests = address.rstrip("/"), 0
        self.parts = urlsplit(self.address)

    def ask(self, action, credential=""):
        message = request(action, credential)
        secure = self.parts.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self.parts.netloc, timeout=60)
        try:
            connection.request(
                message.method, self.parts.path + message.target, message.body or None,
                dict(message.headers))
            raw = connection.getresponse()
            body = raw.read(BODY_LIMIT + 1)  # Raises IncompleteRead where the body is cut.
        finally:
            connection.close()
        self.requests += 1
        if len(body) > BODY_LIMIT:
            raise NotOurs("a reply without end")
        headers = [(name.lower(), value) for name, value in raw.getheaders()]
        return read_reply(Reply(raw.status, headers, body), action.name)


def running_hash(start, bundles):
    value = start
    for each in bundles:
        value = hashlib.sha256(value + hashlib.sha256(each).digest()).digest()[:16]
    return value


def fits(page, after, sent):
    """Whether the page's cursor is where its bundles end, be it with the sent ones among them or without.

    Where the sent one stands in the log only the running hash tells: mostly at the end.
    """
    start = after or Cursor(page.cursor.log, 0, bytes(16))
    if page.cursor.log != start.log or page.has_more and page.cursor.index == start.index:
        return False
    places = range(len(page.bundles), -1, -1)
    orders = [page.bundles] + [page.bundles[:at] + sent + page.bundles[at:] for at in places]
    return any(
        start.index + len(order) == page.cursor.index
        and running_hash(start.hash, order) == page.cursor.hash for order in orders)


class Client:
    """A replica, its hub and its token."""

    def __init__(self, replica, hub, token):
        self.replica, self.hub, self.token = replica, hub, token
        self.value_bytes, self.refusals = VALUE_BYTES, 0
        self.refused = {}  # Large values that the hub has something else of, and what is wrong with that.
        self.needs_snapshot = self.wants_snapshot = False
        self.starts = {}  # Of each origin that is to be pushed: the first number that the hub lacks.
        self.reads_first = False  # Whether nothing is pushed before the log is read to its end.
        self.is_contradicted = False  # Whether the hub has something else, and nothing of its log has shown what.
        self.shown = None  # The card that the hub has.

    def ask(self, name, **parts):
        return self.hub.ask(Action(name, self.replica.library, **parts), self.token)

    def pair(self):
        """Offers an enrolment and returns the pairing code for one more device."""
        self.follow_keyring()
        secret = os.urandom(16)
        self.ask("offer", digest=hashlib.sha256(secret.hex().encode()).digest())
        replica = self.replica
        epoch = max(replica.secrets)
        newest = (epoch, replica.secrets[epoch]) if epoch > 1 else None
        return seal.pairing_code(self.hub.address, replica.library, replica.root, secret, newest)

    def digest(self):
        return hashlib.sha256(self.token.encode()).digest()

    def show_card(self):
        """Lets the others know this replica's key, unless the hub has its card."""
        card = self.replica.card(self.digest())
        if self.shown != card:
            self.ask("card", digest=self.digest(), content=card)
            self.shown = card

    def follow_keyring(self, newest=None):
        """Brings this replica's keyring and the hub's to the same; `newest` is what a page said of the hub's.

        - Raises: `seal.Refused`, where the hub's cannot be followed.
        """
        replica = self.replica
        if newest is not None and max(newest, 1) == replica.keyring_end():
            return
        fetched = []
        while True:
            piece = self.ask("keyring", epoch=replica.keyring_end() + len(fetched))
            fetched += piece.entries
            if replica.keyring_end() + len(fetched) >= piece.newest:
                break
            if not piece.entries:
                raise NotOurs("a keyring that leaves out an epoch")
        replica.take_entries(fetched)
        lost = range(max(piece.newest, 1) + 1, replica.keyring_end() + 1)
        if lost:
            self.compare_keyring()  # What does not follow on the hub's entries is nobody else's history.
        for epoch in lost:
            self.ask("entry", epoch=epoch, content=replica.entries[epoch])
        self.show_card()

    def compare_keyring(self):
        """Looks whether the hub's keyring is this replica's, as far as both go.

        - Raises: `seal.Refused`, where they differ. Nothing is sent then, and no place is kept.
        """
        entries, epoch = self.replica.entries, 1
        while epoch + 1 in entries:
            piece = self.ask("keyring", epoch=epoch)
            if not piece.entries:
                return
            for entry in piece.entries:
                epoch += 1
                if entries.get(epoch, entry) != entry:
                    raise seal.Refused("otherEpoch")

    def look_for_other_epoch(self, bundles):
        """Compares the keyrings where a bundle does not open under the key of its epoch, which is none of the root's."""
        for each in bundles:
            try:
                self.replica.open(each)
            except seal.Refused as refused:
                if refused.args[0] == "wrongKey" and int.from_bytes(each[17:21], "big") > 1:
                    return self.compare_keyring()
            except Refused:
                pass  # The replica sets it aside.

    def revoke(self, digest):
        """Takes a device's token from it and gives the others a new key; returns the digests of those who get it.

        - Raises: `Problem`, `NotOurs` or `seal.Refused`. Once the token is gone, a repeat begins the epoch.
        """
        self.ask("revoke", digest=digest)
        while True:
            self.follow_keyring()
            good = [each for each in self.ask("devices") if each.digest != self.digest()
                    and self.replica.vouches(each.card, each.digest)]
            secret, entry = self.replica.new_entry([each.card for each in good])
            try:
                self.ask("entry", epoch=max(self.replica.secrets) + 1, content=entry)
            except Problem as problem:
                if problem.type != "keyring-conflict":
                    raise
                continue  # Somebody else was faster.
            self.replica.begin_epoch(secret, entry)
            self.show_card()
            return {self.digest(), *(each.digest for each in good)}

    def sync(self):
        """Sends what the hub lacks and takes in what it has; returns how many changes were new here.

        - Raises: `Problem`, `NotOurs`, `Gap`, or a `Refused` of a header. What was done by then stays done.
        """
        replica, count, self.refusals, has_more = self.replica, 0, 0, True
        self.show_card()
        self.reads_first = self.is_contradicted = has_compared_again = False
        self.queue()
        if replica.unconfirmed:
            replica.unsent |= replica.blobs.keys()
        is_new = replica.cursor is None
        # A hub that lost its keyring may have another one by now, with whose keys large values are to be sealed.
        looks_first = not is_new and max(replica.secrets) > 1
        if is_new:
            self.compare_keyring()
        if is_new and replica.log.keys() - {replica.id} or replica.is_comparing:
            is_new = False
            self.compare()
        while has_more or self.unsent() or self.lacks_blobs():
            after, origin = replica.cursor, self.unsent()
            if self.reads_first and has_more or looks_first:
                origin = None
            try:
                if self.needs_snapshot:
                    count += self.take_snapshot()
                    continue
                if not looks_first:
                    self.upload_blobs()
                if origin is None:
                    page, sent = self.ask("pull", after=after), []
                else:
                    sent = [replica.bundle(origin, self.starts[origin], self.value_bytes)]
                    page = self.ask("push", after=after, bundles=tuple(sent))
            except Problem as problem:
                self.answer(problem)
                has_more, looks_first = True, False
                continue
            self.refusals, self.wants_snapshot = 0, self.wants_snapshot or page.wants_snapshot
            self.follow_keyring(page.epoch)
            if origin is not None:
                self.acknowledge(origin, int.from_bytes(sent[0][45:53], "big"))
            if fits(page, after, sent):
                self.look_for_other_epoch(page.bundles)
                name, branches = replica.id, dict(replica.branches)
                count += replica.apply_page(page.bundles, page.cursor)
                has_more, looks_first = page.has_more, False
                self.settled(name, branches)
                if self.is_contradicted and not has_more and not has_compared_again:
                    # Nothing of the log is: the refusal, or the log, was not what the hub has.
                    has_more = has_compared_again = True
                    self.compare()
                # A log of one page is read faster than a snapshot.
                self.needs_snapshot = is_new and has_more
                is_new = False
            elif origin is None:
                raise NotOurs("a page leaves out part of the log")
            else:
                has_more = True  # The bundle is taken, maybe as it was sealed before; a pull can be checked.
        replica.is_comparing = False
        self.fetch_blobs()
        if self.wants_snapshot:
            self.wants_snapshot = False
            self.make_snapshot(os.urandom(16), VALUE_BYTES)
        return count

    # Large values.

    def upload_blobs(self):
        """Uploads the large values that the hub is not known to have: asks first where they are many, then small ones
        together, large ones in pieces."""
        replica = self.replica
        digests = sorted(replica.unsent)
        if sum(len(replica.blobs[each]) for each in digests) > UNASKED_BYTES:
            for at in range(0, len(digests), 1000):
                asked = digests[at : at + 1000]
                self.upload(asked, [Part(self.name(each)) for each in asked])
        room, digests, parts = 0, [], []
        for digest in sorted(replica.unsent):
            data = blob.seal_blob(
                replica.root, replica.library, replica.blobs[digest], replica.secrets)
            part = Part(self.name(digest), hashlib.sha256(data).digest(), len(data), 0, data)
            if len(data) > self.value_bytes:
                self.upload_pieces(digest, part)
                continue
            if len(data) > room:
                self.upload(digests, parts)
                room, digests, parts = self.value_bytes, [], []
            room -= len(data)
            digests.append(digest)
            parts.append(part)
        self.upload(digests, parts)

    def upload(self, digests, parts):
        holdings = self.ask("upload", parts=tuple(parts)) if parts else []
        complete = {
            digest for digest, each in zip(digests, holdings, strict=True) if each.is_complete}
        self.replica.unsent -= complete
        self.replica.unconfirmed |= complete
        return holdings

    def lacks_blobs(self):
        """Asks whether the hub has still what large values were sent, and returns whether it lacks any."""
        replica, digests = self.replica, sorted(self.replica.unconfirmed)
        for at in range(0, len(digests), 1000):
            asked = digests[at : at + 1000]
            holdings = self.ask("upload", parts=tuple(Part(self.name(each)) for each in asked))
            replica.unsent |= {
                digest for digest, each in zip(asked, holdings, strict=True)
                if not each.is_complete}
        replica.unconfirmed = set()
        return bool(replica.unsent)

    def upload_pieces(self, digest, part):
        """Goes on where the hub's piece of the blob ends."""
        held = self.upload([digest], [part._replace(bytes=b"")])[0].held
        while digest in self.replica.unsent:
            piece = part._replace(offset=held, bytes=part.bytes[held : held + self.value_bytes])
            answer = self.upload([digest], [piece])[0]
            if not answer.is_complete and answer.held <= held:
                raise NotOurs("a hub that does not keep what it is sent")
            held = answer.held

    def name(self, digest):
        return blob.name(self.replica.root, self.replica.library, digest)

    def fetch_blobs(self):
        """Fetches the large values that changes name; those that the hub lacks or has altered stay wanted."""
        wanted = self.replica.wanted()
        while wanted:
            asked = wanted[:WANT_LIMIT]
            wants = tuple(
                Want(self.name(each), len(self.replica.parts.get(each, (b"", b""))[1]))
                for each in asked)
            parts = {each.name: each for each in self.ask("fetch", wants=wants)}
            left = [each for each in asked
                    if self.name(each) in parts and not self.take(each, parts[self.name(each)])]
            if len(left) == len(asked) and not any(each.bytes for each in parts.values()):
                raise NotOurs("a hub that has blobs and sends nothing of them")
            wanted = left + wanted[WANT_LIMIT:]

    def take(self, digest, part):
        """Keeps what came of a large value, and returns whether that settles it."""
        replica = self.replica
        sealed_digest, held = replica.parts.pop(digest, (part.digest, b""))
        if sealed_digest != part.digest:
            return False  # Another device's seal: it begins at the start.
        data = held + part.bytes
        if part.offset == len(held) and len(data) < part.size:
            replica.parts[digest] = part.digest, data
            return False
        try:
            replica.blobs[digest] = blob.open_blob(
                replica.root, replica.library, digest, data, replica.secrets)
        except seal.Refused as error:
            self.refused[digest] = error.args[0]
        else:
            self.refused.pop(digest, None)
        return True

    def unsent(self):
        """An origin of which the hub is known to lack something."""
        return next((origin for origin, first in self.starts.items()
                     if first <= self.replica.held(origin)), None)

    def acknowledge(self, origin, seq):
        self.starts[origin] = seq + 1
        if origin in self.replica.branches:
            self.replica.branches[origin] = seq
        if origin == self.replica.id:
            self.replica.acknowledged = seq

    def queue(self, others=()):
        """Pushes others' changes, then the branches that were made again, then the own ones, which may name any of these."""
        replica = self.replica
        self.starts = {origin: 1 for origin in others}
        self.starts |= {origin: seq + 1 for origin, seq in replica.branches.items()}
        self.starts[replica.id] = replica.acknowledged + 1

    def settled(self, name, branches):
        """Goes on after changes were taken in: branches that are new are pushed, and who was another replica enrols."""
        replica = self.replica
        if replica.id == name and branches == replica.branches:
            return
        self.is_contradicted, self.reads_first = False, True
        starts = {origin: first for origin, first in self.starts.items()
                  if origin not in replica.branches and origin not in (name, replica.id)}
        self.queue()
        self.starts = starts | self.starts
        if replica.id != name:
            self.renew()

    def answer(self, problem):
        """Does what the table "What a client does about a refusal" says, or raises."""
        self.refusals += 1
        if self.refusals > REFUSALS:
            raise problem
        if problem.type in ("bundle-gap", "bundle-fork"):
            queue, origin = list(self.starts), problem.held.origin
            if not self.meet(problem.held):
                self.is_contradicted = self.reads_first = True
                if origin in {*self.replica.branches, self.replica.id} & set(queue):
                    for later in queue[queue.index(origin) + 1 :]:
                        del self.starts[later]
        elif problem.type == "cursor-unknown":
            self.compare()
        elif problem.type == "compacted" and not self.needs_snapshot:
            if self.replica.cursor:
                self.compare()
            self.needs_snapshot = True
        elif problem.type == "too-large" and self.value_bytes > 4096:
            self.value_bytes //= 2
        else:
            raise problem

    def compare(self):
        """Finds out by the vector what the hub lacks, of every origin; the log is pulled from the start then."""
        vector, self.shown = self.ask("vector"), None
        self.compare_keyring()
        self.show_card()
        replica = self.replica
        replica.unsent, self.reads_first, self.is_contradicted = set(replica.blobs), True, False
        replica.cursor, replica.acknowledged, replica.is_comparing = None, 0, True
        replica.branches = dict.fromkeys(replica.branches, 0)
        self.queue(sorted(replica.log.keys() - replica.branches.keys() - {replica.id}))
        for held in vector.origins.values():
            if held.seq <= self.replica.held(held.origin):
                self.meet(held)
            else:
                self.starts.pop(held.origin, None)  # The pull brings the rest, and compares.

    def vector_at(self, index):
        """What the hub held when its log had so many entries. A hub of before this answers as of now."""
        vector = self.ask("vector", at=index)
        if vector.end.index != index:
            raise NotOurs("a vector of another place: the hub is older than this client")
        return vector

    def meet(self, held):
        """Goes on behind what the hub holds of an origin, where that is a place in the own run of it, and returns whether it is.

        Where it is not, nothing of that origin is pushed: a pull shows where the two went apart.
        """
        is_ours = not held.seq \
            or self.replica.tip_commitment(held.origin, held.seq) == held.tip
        if is_ours:
            self.acknowledge(held.origin, held.seq)
        else:
            self.starts.pop(held.origin, None)
            self.replica.cursor = None
        return is_ours

    # Snapshots.

    def piece(self, found, index):
        replica = self.replica
        data = self.ask("piece", snapshot=found.id, index=index)
        return snapshot.open_piece(
            replica.root, replica.library, found.id, index, data, replica.secrets)

    def take_snapshot(self):
        """Takes in the hub's newest snapshot, where it has one; returns how many changes were new here.

        The place that it ends at is kept only when all is here that its head lists.
        """
        replica, name, count, self.needs_snapshot = self.replica, self.replica.id, 0, False
        branches = dict(replica.branches)
        try:
            found = self.ask("latest")
        except Problem as problem:
            if problem.type in ("no-snapshot", "not-found"):
                return 0
            raise
        if replica.cursor and replica.cursor.log == found.cursor.log \
                and replica.cursor.index >= found.cursor.index:
            return 0
        head = snapshot.read_head(self.piece(found, 0))
        if (head.cursor, head.pieces) != (found.cursor, found.pieces):
            raise Refused("otherPiece")
        for index in range(1, found.pieces + 1):
            for run in snapshot.read_piece(self.piece(found, index)):
                count += replica.take_run(run)
        self.settled(name, branches)
        # Only now: what was set aside before may have been altered on its way.
        aside = {each[21:37] for each in replica.aside}
        for origin, end in head.ends.items():
            tip = seal.tip_commitment(replica.root, replica.library, end.tip)
            if origin not in aside and replica.tip_commitment(origin, end.seq) != tip:
                raise Refused("incomplete")
        replica.cursor = head.cursor
        return count

    def make_snapshot(self, name, value_bytes):
        """Makes a snapshot of what the hub holds, where this replica and the hub are of one mind about all of it."""
        replica, vector = self.replica, self.ask("vector")
        ends = {origin: snapshot.End(held.seq, replica.tips[origin][held.seq])
                for origin, held in vector.origins.items()
                if replica.tip_commitment(origin, held.seq) == held.tip}
        others = {origin: seq for origin, seq in replica.vector().items() if origin != replica.id}
        if vector.end != replica.cursor or replica.aside or len(ends) < len(vector.origins) \
                or any(origin not in ends or ends[origin].seq < seq
                       for origin, seq in others.items()):
            return
        # Bundles may have large values inside, and may be dropped now.
        replica.unsent = set(replica.blobs)
        self.upload_blobs()
        head, index = snapshot.Head(vector.end, 0, ends), 0
        for index, runs in enumerate(snapshot.cut(replica, ends, value_bytes), 1):
            self.put_piece(name, index, snapshot.piece_message(runs))
        self.put_piece(name, 0, snapshot.head_message(head._replace(pieces=index)))
        self.ask("complete", snapshot=name, complete=Snapshot(name, vector.end, index))

    def put_piece(self, name, index, message):
        replica = self.replica
        data = snapshot.seal_piece(
            replica.root, replica.library, name, index, frame(message), os.urandom(32),
            replica.secrets)
        self.ask("put-piece", snapshot=name, index=index, piece=data)

    def renew(self):
        """Enrols as a device of its own, because the replica is a copy, and the original has the same token."""
        secret, token = os.urandom(16).hex(), os.urandom(32).hex()
        self.ask("offer", digest=hashlib.sha256(secret.encode()).digest())
        digest = hashlib.sha256(token.encode()).digest()
        self.hub.ask(Action("enrol", self.replica.library, digest=digest), secret)
        self.token = token
        self.replica.device_key = os.urandom(32)
        self.show_card()

    def wait(self, seconds):
        """Lets a hub that has nothing new answer when it has, and takes that in; returns how many changes came."""
        page = self.ask("pull", after=self.replica.cursor, wait=seconds)
        if not fits(page, self.replica.cursor, []):
            raise NotOurs("a page leaves out part of the log")
        self.follow_keyring(page.epoch)
        return self.replica.apply_page(page.bundles, page.cursor)


def create(hub, **options):
    """A new library on a hub, and its first device."""
    token = os.urandom(32).hex()
    client = Client(Replica(os.urandom(16), os.urandom(32), **options), hub, token)
    client.ask("create")
    client.show_card()
    return client


def join(code, **options):
    """One more device of the library that a pairing code moves."""
    parts, token = seal.parse_pairing_code(code), os.urandom(32).hex()
    client = Client(
        Replica(parts["library"], parts["root"], **options), Hub(parts["address"]), token)
    digest = hashlib.sha256(token.encode()).digest()
    action = Action("enrol", client.replica.library, digest=digest)
    client.hub.ask(action, parts["secret"].hex())
    client.replica.secrets[parts["epoch"]] = parts["epochSecret"]
    client.show_card()
    return client


__all__ = ["Client", "Hub", "create", "join"]
