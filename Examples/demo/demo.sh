#!/usr/bin/env bash
# Two machines, one library: the main story of Gloss with the real programs, on this machine, in a temporary folder.
#
# Usage: demo.sh FOLDER-WITH-gloss-AND-gloss-hub
set -euo pipefail

programs=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
hub=
trap '[ -z "$hub" ] || { kill "$hub" 2>/dev/null && wait "$hub" 2>/dev/null; } || true; rm -rf "$folder"' EXIT
export PATH="$programs:$PATH"
mkdir "$folder/desk" "$folder/lap" "$folder/hub"
cp "$here/walden.md" "$folder/desk"

say() { printf '\n# %s\n' "$1"; }

# on MACHINE COMMAND...: shows a command and runs it as that machine; what it prints is in $output, too.
on() {
  local machine=$1
  shift
  printf '%s$' "$machine"
  for word; do
    case $word in *' '*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
  done
  printf '\n'
  (cd "$folder/$machine" && GLOSS_LIBRARY=library.gloss "$@" 2>"$folder/notes") >"$folder/output" || {
    cat "$folder/output" "$folder/notes"
    echo "demo: the command failed" >&2
    exit 1
  }
  cat "$folder/output"
  sed 's/^/  /' "$folder/notes"
  output=$(cat "$folder/output")
}

say "A hub stores and forwards what it cannot read. It listens on a free port."
gloss-hub serve --data "$folder/hub" --listen 127.0.0.1:0 >"$folder/hub.log" 2>&1 &
hub=$!
for _ in $(seq 100); do
  address=$(sed -n 's/^listening on //p' "$folder/hub.log")
  [ -n "$address" ] && break
  sleep 0.1
done
[ -n "$address" ] || { cat "$folder/hub.log"; echo "demo: the hub did not start" >&2; exit 1; }
echo "desk\$ gloss-hub serve --data hub --listen 127.0.0.1:0"
echo "listening on $address"

say "The first machine reads an article, and marks what it likes."
on desk gloss init --name desk
on desk gloss add walden.md --author "Henry David Thoreau" --date 1854-08-09 --tag classics
article=$output
on desk gloss highlight "$article" "live deliberately" --colour green
highlight=$output
on desk gloss note "$highlight" "The sentence that everybody quotes."
note=$output
on desk gloss hub connect "$address"
on desk gloss sync

say "The second machine joins with a code, which goes from hand to hand and never to the hub."
echo 'desk$ gloss pair >code'
(cd "$folder/desk" && GLOSS_LIBRARY=library.gloss gloss pair >"$folder/code" 2>/dev/null)
echo 'lap$ gloss join --name lap <code'
(cd "$folder/lap" && GLOSS_LIBRARY=library.gloss gloss join --name lap <"$folder/code" 2>&1)
on lap gloss sync
on lap gloss list
on lap gloss show "$article"

say "Both change the same note while they are offline. Neither knows of the other."
on desk gloss edit "$note" --body "The sentence that everybody quotes, and few have read."
on lap gloss edit "$note" --body "The famous sentence that everybody quotes."
on desk gloss sync
on lap gloss sync

say "Nothing is lost and nobody had to choose in a hurry: both are kept until somebody looks."
on lap gloss conflicts
on lap gloss conflicts show "$note"
on lap gloss resolve "$note" --merge
on lap gloss sync
on desk gloss sync

say "What one machine settled is settled on all, and the history has every step."
on desk gloss conflicts
on desk gloss show "$note"
on desk gloss history "$note"

say "Both hold the same, byte for byte, and the hub has not seen a word of it."
on desk gloss status
for machine in desk lap; do
  (cd "$folder/$machine" && for kind in article highlight note; do
    GLOSS_LIBRARY=library.gloss gloss list --kind "$kind" --json
  done) >"$folder/$machine.json"
done
cmp "$folder/desk.json" "$folder/lap.json"
grep -q "The famous sentence that everybody quotes, and few have read." "$folder/desk.json"
if grep -qr -e "deliberately" -e "Thoreau" "$folder/hub"; then
  echo "demo: the hub holds readable text" >&2
  exit 1
fi
echo
echo "demo: two machines agree, one conflict was kept and settled, the hub read nothing"
