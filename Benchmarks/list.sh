#!/usr/bin/env bash
# How long `gloss list` takes on a library of 10,000 records, from start to end, beside sqlite3 with the comparable query.
# Prints the median of interleaved runs of both, and their ratio. The goal is 5x.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v sqlite3 >/dev/null || { echo "list.sh: install sqlite3 to compare with" >&2; exit 69; }
swift build -c release --static-swift-stdlib --product gloss --scratch-path .build-static >/dev/null
gloss=$PWD/.build-static/release/gloss
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GLOSS_LIBRARY=$folder/library.gloss

"$gloss" init --name bench 2>/dev/null
swift run -q --package-path Benchmarks -c release gloss-bench fill "$GLOSS_LIBRARY" 10000

python3 - "$gloss" "$GLOSS_LIBRARY" <<'PYTHON'
import statistics, subprocess, sys, time

gloss, library = sys.argv[1:]
query = ("SELECT substr(hex(uuid), 1, 4), datetime(saved / 1000, 'unixepoch'), title "
         "FROM article WHERE NOT hidden ORDER BY saved DESC, id DESC LIMIT 50")
commands = {"gloss list": [gloss, "list", "--limit", "50"], "sqlite3": ["sqlite3", library, query]}
seconds = {name: [] for name in commands}
for _ in range(60):
    for name, command in commands.items():
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds[name].append(time.perf_counter() - start)
medians = {name: statistics.median(values) for name, values in seconds.items()}
for name, value in medians.items():
    print(f"{name:<12} {value * 1000:6.2f} ms")
print(f"ratio        {medians['gloss list'] / medians['sqlite3']:6.2f}x  (goal 5x)")
PYTHON
