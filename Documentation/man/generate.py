#!/usr/bin/env python3
"""Writes a manual page for a command and for each of its subcommands, from what `COMMAND --experimental-dump-help` says.

    generate.py COMMAND FOLDER [--date "November 28, 2026"] [--taken NAME]

A group of subcommands whose page would have the name of another program's (--taken), such as `gloss hub` that of `gloss-hub`, has
none of its own: its subcommands are listed in its stead.

The pages are mdoc(7), which man-db with groff and mandoc show alike. They are made where they are installed and not kept in the
repository, so that they cannot say anything else than `--help`.
"""

import argparse
import itertools
import json
import re
import subprocess
import textwrap
from pathlib import Path

# A line of a discussion that is a heading of its own: EXAMPLE, EXIT STATUS.
HEADING = re.compile(r"^[A-Z][A-Z ]+$")
# An entry of a list: a word or two, two spaces or more, and what it means.
ENTRY = re.compile(r"^  (\S+(?: \S+)*?)  +(\S.*)$")


def escaped(text):
    """Text as it is, whatever of it roff would act on."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def words(text):
    """Text as an argument of a macro: one word, of which no part is taken for a macro."""
    return '"\\&' + escaped(text).replace('"', '""') + '"'


def sentences(text):
    """Running text, each sentence on lines of its own."""
    text = " ".join(text.split())
    lines = [
        line
        for sentence in re.split(r"(?<=[.?!]) +(?=[A-Z])", text)
        for line in textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
    ]
    return [escaped(line) for line in lines]


def name_of(argument):
    return argument.get("valueName", "value")


def option_names(argument):
    return [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"]]


def usage(argument):
    """One argument in the synopsis."""
    if argument["kind"] == "positional":
        text = "Ar " + words(name_of(argument))
        if argument["isRepeating"]:
            text += " ..."
    else:
        text = "Fl " + words(option_names(argument)[-1][1:])
        if argument["kind"] == "option":
            text += " Ar " + words(name_of(argument))
    return ("Op " if argument["isOptional"] else "") + text


def described(argument):
    text = " ".join(filter(None, [argument.get("abstract"), argument.get("discussion")]))
    notes = []
    values = argument.get("allValues")
    if values and not all(value in text for value in values):
        notes.append("values: " + ", ".join(values))
    if argument.get("defaultValue") and "default" not in text:
        notes.append("default: " + argument["defaultValue"])
    return text + (f" ({'; '.join(notes)})" if notes else "")


def visible(command):
    return [a for a in command.get("arguments", []) if a["shouldDisplay"]]


def subcommands(command):
    return [c for c in command.get("subcommands", []) if c["shouldDisplay"] and c["commandName"] != "help"]


def parts(discussion):
    """The discussion before its first heading, and what stands under each."""
    heads = [("", [])]
    for line in (discussion or "").split("\n"):
        if HEADING.match(line):
            heads.append((line, []))
        else:
            heads[-1][1].append(line)
    return [(head, "\n".join(lines).strip("\n")) for head, lines in heads]


def prose(text):
    """Paragraphs; lines that are indented stay as they are, and lists become lists."""
    out = []
    for block in re.split(r"\n\s*\n", text):
        if not block.strip():
            continue
        lines = block.split("\n")
        if all(line.startswith("  ") for line in lines):
            out += [".Pp", *table(lines)] if ENTRY.match(lines[0]) else literal(block)
            continue
        out.append(".Pp")
        for is_indented, group in itertools.groupby(lines, lambda line: line.startswith("  ")):
            group = list(group)
            if not is_indented:
                out += sentences(" ".join(group))
            elif ENTRY.match(group[0]):
                out += table(group)
            else:
                out += literal("\n".join(group))
    return out[1:] if out and out[0] == ".Pp" else out


def table(lines):
    """A list of words and what each means. What has more columns than these two stays as it is, line by line."""
    entries = []
    # Meanings stand below each other, also where a word has spaces in it.
    column = max(match.start(2) for match in map(ENTRY.match, lines) if match)
    for line in lines:
        match = ENTRY.match(line)
        if line.startswith("   ") or not match:
            entries[-1][1] += " " + line.strip()
        elif line[column - 2 : column] == "  ":
            entries.append([line[:column].strip(), line[column:]])
        else:
            entries.append([match[1], match[2]])
    if any("  " in meaning for _, meaning in entries):
        return literal("\n".join(lines), offset="")
    width = max(len(word) for word, _ in entries)
    out = [f".Bl -tag -width {'X' * min(width, 28)} -compact"]
    for word, meaning in entries:
        out += [f".It {words(word)}", *sentences(meaning)]
    return out + [".El"]


def literal(text, offset=" -offset indent"):
    lines = [escaped(re.sub(r"^  ", "", line)) for line in text.split("\n")]
    return [f".Bd -literal{offset}", *lines, ".Ed"]


def listed(command, path, taken):
    """The pages of the subcommands and what these are for."""
    for child in subcommands(command):
        title = "-".join([*path, child["commandName"]])
        if title in taken:
            yield from listed(child, [*path, child["commandName"]], taken)
        else:
            yield title, child["abstract"]


def page(command, parents, date, version, taken):
    path = [*parents, command["commandName"]]
    title = "-".join(path)
    children = list(listed(command, path, taken))
    out = [f'.\\" Made by generate.py from the help of {" ".join(path)}.']
    out += [f".Dd {date}", f".Dt {title.upper()} 1", f".Os {path[0]} {version}"]
    out += [".Sh NAME", f".Nm {title}", ".Nd " + escaped(command["abstract"].rstrip("."))]
    out += [".Sh SYNOPSIS", f".Nm {words(' '.join(path))}"]
    out += ["." + usage(a) for a in visible(command) if name_of(a) != "help"]
    if children:
        out += [f".Ar {words('command')}", ".Op Ar ..."]
    heads = parts(command.get("discussion"))
    out += [".Sh DESCRIPTION"] + (prose(heads[0][1]) or sentences(command["abstract"]))
    if children:
        out += [".Sh COMMANDS", ".Bl -tag -width Ds"]
        for other, abstract in children:
            out += [f".It Xr {other} 1", *sentences(abstract)]
        out.append(".El")
    given = [a for a in visible(command) if a["kind"] == "positional"]
    chosen = [a for a in visible(command) if a["kind"] != "positional"]
    for head, arguments in (("ARGUMENTS", given), ("OPTIONS", chosen)):
        if not arguments:
            continue
        out += [f".Sh {head}", ".Bl -tag -width Ds"]
        for argument in arguments:
            if argument["kind"] == "positional":
                out.append(f".It Ar {words(name_of(argument))}")
            else:
                names = " , ".join("Fl " + words(name[1:]) for name in option_names(argument))
                value = f" Ar {words(name_of(argument))}" if argument["kind"] == "option" else ""
                out.append(f".It {names}{value}")
            out += sentences(described(argument))
        out.append(".El")
    order = ["EXIT STATUS", "EXAMPLE", "EXAMPLES"]
    rest = sorted(heads[1:], key=lambda part: order.index(part[0]) if part[0] in order else -1)
    for head, text in rest:
        out.append(f".Sh {'EXAMPLES' if head.startswith('EXAMPLE') else head}")
        out += literal(text) if head.startswith("EXAMPLE") else prose(text)
    related = ["-".join(path[:length]) for length in range(1, len(path))]
    related = sorted(related + [other for other, _ in children])
    if related:
        out.append(".Sh SEE ALSO")
        out += [f".Xr {other} 1" + (" ," if other != related[-1] else "") for other in related]
    return title, "\n".join(out) + "\n"


def pages(command, parents, *rest):
    path = [*parents, command["commandName"]]
    if not ("-".join(path) in rest[-1] and subcommands(command)):
        yield page(command, parents, *rest)
    for child in subcommands(command):
        yield from pages(child, path, *rest)


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description="Writes the manual pages of a command.")
    parser.add_argument("command")
    parser.add_argument("folder")
    parser.add_argument("--date", default="$Mdocdate$")
    parser.add_argument("--taken", action="append", default=[])
    options = parser.parse_args()
    dump = output(options.command, "--experimental-dump-help")
    version = output(options.command, "--version").split()[-1]
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    command = json.loads(dump)["command"]
    for title, text in pages(command, [], options.date, version, options.taken):
        (folder / f"{title}.1").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
