#!/usr/bin/env bash
# How long `gloss list`, `show` and `history` take on a library of 100,000 records, from start to end, beside sqlite3 reading
# what they print with the comparable query; and where the instructions of a command go. Runs are interleaved, figures are medians.
# The goal is 3x. What it is called with says how gloss is built: `make bench` does as `make install`.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in sqlite3 valgrind; do
  command -v $tool >/dev/null || { echo "reading.sh: install $tool" >&2; exit 69; }
done
[ $# -gt 0 ] || set -- -c release --static-swift-stdlib
swift build "$@" --product gloss --scratch-path .build-static >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# A copy, as what is installed is one: the kernel maps the file that a linker wrote in smaller pieces, which takes a tenth longer.
gloss=$folder/gloss
install -m 755 .build-static/release/gloss "$gloss"
export GLOSS_LIBRARY=$folder/library.gloss

"$gloss" init --name bench 2>/dev/null
swift run -q --package-path Benchmarks -c release gloss-bench fill "$GLOSS_LIBRARY" 100000
python3 Benchmarks/reading.py "$gloss" "$GLOSS_LIBRARY"
