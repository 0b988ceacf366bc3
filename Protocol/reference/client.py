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

import seal
import snapshot
from bundle import Refused, frame
from messages import Action, Cursor, NotOurs, Problem, Reply, Snapshot, read_reply, request
from replica import VALUE_BYTES, Replica

REFUSALS = 16  # How many in a row a sync answers before it gives up.
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
        self.needs_snapshot = self.wants_snapshot = False
        self.starts = {}  # Of each origin that is to be pushed: the first number that the hub lacks.

    def ask(self, name, **parts):
        return self.hub.ask(Action(name, self.replica.library, **parts), self.token)

    def pair(self):
        """Offers an enrolment and returns the pairing code for one more device."""
        secret = os.urandom(16)
        self.ask("offer", digest=hashlib.sha256(secret.hex().encode()).digest())
        replica = self.replica
        return seal.pairing_code(self.hub.address, replica.library, replica.root, secret)

    def sync(self):
        """Sends what the hub lacks and takes in what it has; returns how many changes were new here.

        - Raises: `Problem`, `NotOurs`, `Gap`, or a `Refused` of a header. What was done by then stays done.
        """
        replica, count, self.refusals, has_more = self.replica, 0, 0, True
        self.starts = {replica.id: replica.acknowledged + 1}
        is_new = replica.cursor is None
        if is_new and replica.log.keys() - {replica.id}:
            is_new = False
            self.compare()
        while has_more or self.unsent():
            after, origin = replica.cursor, self.unsent()
            try:
                if self.needs_snapshot:
                    count += self.take_snapshot()
                    continue
                if origin is None:
                    page, sent = self.ask("pull", after=after), []
                else:
                    sent = [replica.bundle(origin, self.starts[origin], self.value_bytes)]
                    page = self.ask("push", after=after, bundles=tuple(sent))
            except Problem as problem:
                self.answer(problem)
                has_more = True
                continue
            self.refusals, self.wants_snapshot = 0, page.wants_snapshot
            if origin is not None:
                self.acknowledge(origin, int.from_bytes(sent[0][45:53], "big"))
            if fits(page, after, sent):
                name = replica.id
                count += replica.apply_page(page.bundles, page.cursor)
                has_more = page.has_more
                if replica.id != name:
                    self.renew()
                # A log of one page is read faster than a snapshot.
                self.needs_snapshot = is_new and has_more
                is_new = False
            elif origin is None:
                raise NotOurs("a page leaves out part of the log")
            else:
                has_more = True  # The bundle is taken, maybe as it was sealed before; a pull can be checked.
        if self.wants_snapshot:
            self.make_snapshot(os.urandom(16), VALUE_BYTES)
        return count

    def unsent(self):
        """An origin of which the hub is known to lack something."""
        return next((origin for origin, first in self.starts.items()
                     if first <= self.replica.held(origin)), None)

    def acknowledge(self, origin, seq):
        self.starts[origin] = seq + 1
        if origin == self.replica.id:
            self.replica.acknowledged = seq

    def answer(self, problem):
        """Does what the table "What a client does about a refusal" says, or raises."""
        self.refusals += 1
        if self.refusals > REFUSALS:
            raise problem
        if problem.type in ("bundle-gap", "bundle-fork"):
            self.meet(problem.held)
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
        vector = self.ask("vector")
        self.replica.cursor, self.replica.acknowledged = None, 0
        self.starts = {origin: 1 for origin in {self.replica.id, *self.replica.log}}
        for held in vector.origins.values():
            if held.seq <= self.replica.held(held.origin):
                self.meet(held)
            else:
                self.starts.pop(held.origin, None)  # The pull brings the rest, and compares.

    def meet(self, held):
        """Goes on behind what the hub holds of an origin, where that is a place in the own run of it.

        Where it is not, nothing of that origin is pushed: a pull shows where the two went apart.
        """
        if held.seq and self.replica.tip_commitment(held.origin, held.seq) != held.tip:
            self.starts.pop(held.origin, None)
            self.replica.cursor = None
        else:
            self.acknowledge(held.origin, held.seq)

    # Snapshots.

    def piece(self, found, index):
        replica = self.replica
        data = self.ask("piece", snapshot=found.id, index=index)
        return snapshot.open_piece(replica.root, replica.library, found.id, index, data)

    def take_snapshot(self):
        """Takes in the hub's newest snapshot, where it has one; returns how many changes were new here.

        The place that it ends at is kept only when all is here that its head lists.
        """
        replica, name, count, self.needs_snapshot = self.replica, self.replica.id, 0, False
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
        if replica.id != name:
            self.renew()
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
        head, index = snapshot.Head(vector.end, 0, ends), 0
        for index, runs in enumerate(snapshot.cut(replica, ends, value_bytes), 1):
            self.put_piece(name, index, snapshot.piece_message(runs))
        self.put_piece(name, 0, snapshot.head_message(head._replace(pieces=index)))
        self.ask("complete", snapshot=name, complete=Snapshot(name, vector.end, index))

    def put_piece(self, name, index, message):
        replica = self.replica
        data = snapshot.seal_piece(
            replica.root, replica.library, name, index, frame(message), os.urandom(32))
        self.ask("put-piece", snapshot=name, index=index, piece=data)

    def renew(self):
        """Enrols as a device of its own, because the replica is a copy, and the original has the same token."""
        secret, token = os.urandom(16).hex(), os.urandom(32).hex()
        self.ask("offer", digest=hashlib.sha256(secret.encode()).digest())
        digest = hashlib.sha256(token.encode()).digest()
        self.hub.ask(Action("enrol", self.replica.library, digest=digest), secret)
        self.token, self.starts = token, {self.replica.id: 1}

    def wait(self, seconds):
        """Lets a hub that has nothing new answer when it has, and takes that in; returns how many changes came."""
        page = self.ask("pull", after=self.replica.cursor, wait=seconds)
        if not fits(page, self.replica.cursor, []):
            raise NotOurs("a page leaves out part of the log")
        return self.replica.apply_page(page.bundles, page.cursor)


def create(hub, **options):
    """A new library on a hub, and its first device."""
    token = os.urandom(32).hex()
    client = Client(Replica(os.urandom(16), os.urandom(32), **options), hub, token)
    client.ask("create")
    return client


def join(code, **options):
    """One more device of the library that a pairing code moves."""
    parts, token = seal.parse_pairing_code(code), os.urandom(32).hex()
    client = Client(
        Replica(parts["library"], parts["root"], **options), Hub(parts["address"]), token)
    digest = hashlib.sha256(token.encode()).digest()
    action = Action("enrol", client.replica.library, digest=digest)
    client.hub.ask(action, parts["secret"].hex())
    return client


__all__ = ["Client", "Hub", "create", "join"]
