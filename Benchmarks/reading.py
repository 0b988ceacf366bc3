"""Times commands that read beside sqlite3, and tells where their instructions go: reading.py GLOSS LIBRARY.

reading.sh makes both.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

GOAL = 3.0
ROUNDS = 60
EDITS = 20

TAGS = "(SELECT group_concat(member, ' ') FROM article_tag WHERE record = article.id)"
LIST = f"""SELECT substr(hex(uuid), 1, 10), datetime(saved / 1000, 'unixepoch'), title, {TAGS}
FROM article WHERE NOT hidden ORDER BY saved DESC, id DESC LIMIT """
# The tree of identifiers is `_record`.
SHOW = f"""SELECT hex(uuid), title, url, author, site, datetime(saved / 1000, 'unixepoch'), {TAGS}
FROM article WHERE id = (SELECT id FROM _record WHERE uuid = x'{{id}}');
SELECT hex(uuid), colour, anchor FROM highlight
WHERE article = (SELECT id FROM _record WHERE uuid = x'{{id}}') AND NOT hidden;
SELECT hex(uuid), highlight, body FROM note
WHERE article = (SELECT id FROM _record WHERE uuid = x'{{id}}') AND NOT hidden"""
# The log has no index by record: the heads lead to a record's changes. A table with an index would read these rows.
HISTORY = """SELECT hex(r.uuid), c.id & 0xFFFFFFFFFF, datetime((c.timestamp >> 16) / 1000, 'unixepoch'), c.body
FROM _change c JOIN _replica r ON r.id = c.id >> 40 WHERE c.id IN ({changes})"""


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def milliseconds(command: list[str]) -> tuple[float, float]:
    """Wall and CPU time of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    assert status == 0, command
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def medians(commands: list[list[str]], rounds: int) -> list[tuple[float, float]]:
    """Medians of wall and CPU time, of runs that take turns."""
    runs: list[list[tuple[float, float]]] = [[] for _ in commands]
    for _ in range(rounds):
        for times, command in zip(runs, commands):
            times.append(milliseconds(command))
    return [tuple(statistics.median(time[place] for time in times) for place in (0, 1)) for times in runs]


def split(gloss: str, words: list[str]) -> list[float]:
    """Millions of instructions: all, loading, arguments, opening, reading, and the rest, which is mostly printing."""
    with tempfile.TemporaryDirectory() as folder:
        # Valgrind does not understand what Swift says for debuggers.
        program, profile = folder + "/gloss", folder + "/profile"
        subprocess.run(["strip", "-g", "-o", program, gloss], check=True)
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", program, *words],
            check=True, capture_output=True)
        text = output("callgrind_annotate", "--inclusive=yes", "--threshold=100", profile)
    text = subprocess.run(["swift", "demangle", "--simplified"], input=text, check=True, capture_output=True, text=True).stdout

    def count(function: str) -> float:
        match = re.search(r"^ *([\d,]+) [^\n]*" + re.escape(function), text, re.MULTILINE)
        assert match, function
        return int(match[1].replace(",", "")) / 1e6

    total, loading = count("PROGRAM TOTALS"), count(":_dl_start ")
    arguments = count("static CommandReader.command(_:)")
    opening, reading = count("static Replica.open<A>(at:"), count("Replica.read<A>(_:)")
    return [total, loading, arguments, opening, reading, total - loading - arguments - opening - reading]


def main() -> None:
    gloss, library = sys.argv[1:]
    article = output("sqlite3", library, "SELECT hex(uuid) FROM article LIMIT 1 OFFSET 5000").strip()
    for number in range(EDITS):
        output(gloss, "edit", article, "--title", f"Title {number}")
    changes = output(
        "sqlite3", library, f"SELECT id FROM _change WHERE record = (SELECT id FROM article WHERE uuid = x'{article}')").split()
    assert len(changes) >= EDITS

    pairs = [
        (["list", "--limit", "50"], LIST + "50", ROUNDS),
        (["show", article], SHOW.format(id=article), ROUNDS),
        (["history", article], HISTORY.format(changes=", ".join(changes)), ROUNDS),
        (["list"], LIST + "-1", ROUNDS // 6),
    ]
    print("                 gloss, ms      sqlite3, ms    ratio")
    print("                 wall    CPU    wall    CPU    wall   CPU   goal")
    for words, query, rounds in pairs:
        (wall, cpu), (limit, limit_cpu) = medians([[gloss, *words], ["sqlite3", library, query]], rounds)
        name = " ".join(words).replace(article, "ID")
        print(
            f"{name:<15} {wall:6.1f} {cpu:6.1f}  {limit:6.1f} {limit_cpu:6.1f}  "
            f"{wall / limit:5.2f}x {cpu / limit_cpu:5.2f}x {GOAL:4.1f}x")
    print("\nmillions of instructions\n                  all  loading  arguments  opening  reading  the rest")
    for words, _, _ in pairs[:3]:
        name = " ".join(words).replace(article, "ID")
        print(f"{name:<15}{''.join(f'{value:{width}.1f}' for value, width in zip(split(gloss, words), (6, 9, 11, 9, 9, 10)))}")


main()
