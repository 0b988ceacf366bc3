#!/usr/bin/env bash
# install.sh BUILT ROOT PREFIX: installs the programs that are in BUILT, their manual pages, what shells complete, and systemd's units,
# below ROOT (empty for this system) in PREFIX.
set -euo pipefail
built=$1 root=$2 prefix=$3
here=$(cd "$(dirname "$0")/../.." && pwd)
to=$root$prefix
date=$(LC_ALL=C date -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y "$built/gloss")}" '+%B %-d, %Y')

file() { install -D -m 644 "$@"; }

pages=$(mktemp -d)
trap 'rm -r "$pages"' EXIT
for program in gloss gloss-hub; do
  install -D -m 755 "$built/$program" "$to/bin/$program"
  # `gloss hub` is a group of two, and gloss-hub(1) the hub.
  other=$([ $program = gloss ] && echo --taken=gloss-hub || true)
  python3 "$here/Documentation/man/generate.py" "$built/$program" "$pages" --date "$date" $other
  for shell in bash zsh fish; do "$built/$program" --generate-completion-script $shell >"$pages/$program.$shell"; done
  file "$pages/$program.bash" "$to/share/bash-completion/completions/$program"
  file "$pages/$program.zsh" "$to/share/zsh/site-functions/_$program"
  file "$pages/$program.fish" "$to/share/fish/vendor_completions.d/$program.fish"
done
for page in "$pages"/*.1; do file "$page" "$to/share/man/man1/$(basename "$page")"; done

# The units name the programs by their full paths.
unit() {
  sed "s|/usr/local/|$prefix/|g" "$here/$1" >"$pages/unit"
  file "$pages/unit" "$to/lib/systemd/$2/$(basename "$1")"
}
unit Examples/sync/gloss-sync.service user
unit Examples/hub/gloss-hub.service system
file "$here/README.md" "$to/share/doc/gloss/README.md"
file "$here/CHANGELOG.md" "$to/share/doc/gloss/CHANGELOG.md"
file "$here/LICENSE" "$to/share/doc/gloss/LICENSE"
file "$here/Examples/hub/README.md" "$to/share/doc/gloss-hub/README.md"
