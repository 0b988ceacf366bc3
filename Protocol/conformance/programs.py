"""The real programs, `gloss-hub` and `gloss`, in a temporary folder; and what Python's replica says in their words."""

import json
import re
import shutil
import struct
import subprocess
import time
from datetime import datetime, timezone

import merge
from replica import heads_of, merge_value
from seal import read_varint


class HubProcess:
    """A running gloss-hub. It is stopped by its own process id, and may be started again at the same address."""

    def __init__(self, programs, folder, *flags):
        self.programs, self.data, self.log = programs, folder / "hub", folder / "hub.log"
        self.flags = flags
        self.process, self.address = None, "http://127.0.0.1:0"
        self.start()

    def start(self):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.programs / "gloss-hub", "serve", "--data", self.data, "--listen",
                 self.address.removeprefix("http://"), *self.flags], stdout=log, stderr=log)
        for _ in range(400):
            found = re.search(r"^listening on (\S+)", self.log.read_text(), re.MULTILINE)
            if found:
                self.address = found[1]
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise AssertionError("gloss-hub did not start: " + self.log.read_text())

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def back_up(self, name):
        self.stop()
        shutil.copytree(self.data, self.data.with_name(name))
        self.start()

    def restore(self, name):
        self.stop()
        shutil.rmtree(self.data)
        shutil.copytree(self.data.with_name(name), self.data)
        self.start()


class Machine:
    """A machine with `gloss` and a library of its own."""

    def __init__(self, programs, folder, name):
        self.program, self.name = programs / "gloss", name
        self.folder = folder / name
        self.folder.mkdir()

    def run(self, *arguments, text="", may_fail=False):
        done = subprocess.run(
            [self.program, arguments[0], "--library", self.folder / "library.gloss",
             *arguments[1:]],
            input=text, capture_output=True, text=True, timeout=120, cwd=self.folder)
        assert may_fail or done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout.strip()

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))

    def shown(self):
        """Everything that is listed, by identifier, but for what is computed to be shown: when it was edited, and when it is due."""
        return {
            item["id"]: {name: value for name, value in item.items() if name not in ("edited", "due")}
            for kind in ("article", "highlight", "note")
            for item in self.json("list", "--kind", kind)["items"]}

    def conflicts(self):
        """Of each field in conflict, why, and its values, the displayed one first."""
        return {
            (each["record"]["id"], each["field"]): (
                each["reason"], [version["value"] for version in each["versions"]])
            for each in self.json("conflicts")["conflicts"]}


# The same of Python's replica, by the appendix of Protocol/README.md.

def shown(replica):
    items = {}
    for key in replica.records():
        view = replica.view(key)
        if key[0] in ITEMS and not view["hidden"]:
            items[key[1].hex()] = item(key, replica.values(view))
    return items


def item(key, values):
    tags = [field[4:] for field, value in values.items()
            if field.startswith("tag/") and value is True]
    return {"kind": key[0], "id": key[1].hex()} | ITEMS[key[0]](values) | {
        "tags": sorted(tags, key=str.encode), "saved": instant(values.get("saved", 0)),
        "deleted": False}


def article(values):
    plain = ("url", "title", "author", "site", "language", "published")
    progress = int(values.get("progress", "0"), 16)
    return {field: values.get(field) for field in plain} | {
        "state": ["unread", "reading", "read"][int(values.get("state", 0))],
        "favourite": values.get("favourite", False),
        "archived": values.get("archived", False), "progress": real(progress),
        "textSHA256": values.get("text")}


def highlight(values):
    return {"article": values.get("article"), "colour": values.get("colour"),
            "anchor": anchor(bytes.fromhex(values["anchor"]))}


def note(values):
    return {field: values.get(field) for field in ("article", "highlight", "body")}


ITEMS = {"article": article, "highlight": highlight, "note": note}


def real(bits):
    return struct.unpack(">d", bits.to_bytes(8, "big"))[0]


def instant(milliseconds):
    seconds, rest = divmod(int(milliseconds), 1000)
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:03}Z"


def anchor(data):
    assert data[0] == 1
    rest, parts = data[1:], []
    for _ in range(3):
        count, rest = read_varint(rest)
        parts.append(rest[:count].decode())
        rest = rest[count:]
    start, rest = read_varint(rest)
    length, rest = read_varint(rest)
    assert len(rest) == 32
    return dict(zip(("quote", "prefix", "suffix"), parts)) | {
        "start": start, "end": start + length, "textSHA256": rest.hex()}


def conflicts(replica):
    found = {}
    for key in replica.conflicts():
        view = replica.view(key)
        for each in view["conflicts"]:
            values = []
            for dot in heads_of(view, each["field"]):
                value = merge.plain(merge_value(*replica.value_at(dot, each["field"])))[1]
                values += [value] if value not in values else []
            found[key[1].hex(), each["field"]] = each["reason"], values
    return found

