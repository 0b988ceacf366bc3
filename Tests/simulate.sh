#!/usr/bin/env bash
# Plays COUNT seeds from FIRST on, of STEPS steps each, in two processes, and ends with one line about all of them.
# usage: simulate.sh FOLDER-OF-THE-PROGRAM FIRST COUNT STEPS
set -euo pipefail
program=$1/gloss-simulate first=$2 count=$3 steps=$4
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
half=$((count / 2))
pids=()
play() { # FIRST COUNT NAME
  if (($2 > 0)); then
    "$program" --seed "$1" --seeds "$2" --steps "$steps" >"$results/$3" 2>&1 &
    pids+=($!)
  fi
}
play "$first" "$half" a
play $((first + half)) $((count - half)) b
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
if ((failed)); then
  cat "$results"/*
  exit 1
fi
# Adds up the numbers behind each word of the two lines.
cat "$results"/* | awk '
  { gsub(/[(),]/, ",");  n = split($0, parts, /, */)
    for (i = 1; i <= n; i++) if (match(parts[i], /[0-9]+ *$/)) {
      word = substr(parts[i], 1, RSTART - 2)
      if (!(word in sum)) order[++words] = word
      sum[word] += substr(parts[i], RSTART) } }
  END { line = ""
    for (i = 1; i <= words; i++) line = line (i > 1 ? ", " : "") order[i] " " sum[order[i]]
    print line }'
