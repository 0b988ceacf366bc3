#!/usr/bin/env bash
# Fuzzes for $2 seconds each target, two at once, with gloss-fuzz in the folder $1; targets may be named behind. First every kept
# finding is run once. Inputs that reached something new stay in $1/corpus; one that breaks is put into $1/found, and the run fails.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(realpath "$1") seconds=$2
shift 2
fuzz=$folder/gloss-fuzz
mapfile -t targets < <([ $# -gt 0 ] && printf '%s\n' "$@" || "$fuzz")
python3 "$root/Fuzzing/seeds.py" "$folder/seeds"
mkdir -p "$folder/found"

one() {
  local target=$1 log=$folder/$1.log limits findings
  mkdir -p "$folder/corpus/$target" "$folder/seeds/$target"
  limits=(-rss_limit_mb=1536 -malloc_limit_mb=1024 -timeout=10 -artifact_prefix="$folder/found/$target-")
  findings=$(find "$root/Fuzzing/Findings/$target" -type f 2>/dev/null || true)
  # shellcheck disable=SC2086
  if { [ -z "$findings" ] || "$fuzz" "$target" "${limits[@]}" $findings; } >"$log" 2>&1 \
    && "$fuzz" "$target" "${limits[@]}" -max_len=65536 -max_total_time="$seconds" -print_final_stats=1 \
      "$folder/corpus/$target" "$folder/seeds/$target" >>"$log" 2>&1; then
    printf '%-11s %12s inputs, %s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)"
  else
    printf '%-11s BROKEN: see %s\n' "$target" "$log"
    # A log that CI kept may be the only one that there is.
    grep -m 3 -aE 'property broken|Fatal error|SUMMARY' "$log" | cut -c 1-300
    find "$folder/found" -name "$target-*" -size -4k -printf 'base64 -d >%f: ' -exec base64 -w 0 {} \; -printf '\n'
    return 1
  fi
}
export -f one
export root folder seconds fuzz
printf '%s\n' "${targets[@]}" | xargs -P 2 -I {} bash -c 'one {}'
