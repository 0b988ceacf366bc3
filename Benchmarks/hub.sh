#!/usr/bin/env bash
# Durable pushes a second at a real hub, over HTTP, beside bare SQLite inserts on the same disk: over SQLite, and over PostgreSQL
# where Debian's package of it is installed. The goal is 1x with 64 clients. Then ten thousand pulls that wait, and one push.
# What it is called with says how the hub is built.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- -c release --static-swift-stdlib
traits=$(pkg-config --exists libpq && echo --traits PostgreSQL || true)
swift build "$@" $traits --product gloss-hub \
  --scratch-path .build-static >/dev/null
swift build --package-path Benchmarks -c release >/dev/null
hub=.build-static/release/gloss-hub
bench() { Benchmarks/.build/release/gloss-bench hub $hub "$@"; }

echo "hub over SQLite"
bench

files=$(ulimit -Hn)
if [ "$files" = unlimited ] || [ "$files" -ge 10100 ]; then
  Benchmarks/.build/release/gloss-bench waiters $hub 10000
else
  echo "10000 waiting pulls: skipped (it takes 10100 open files, and there may be $files)"
fi

server=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true)
if [ -z "$traits" ] || [ -z "$server" ] || ! id postgres >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "hub over PostgreSQL: skipped (it takes Debian's postgresql and libpq-dev, and root)"
  exit 0
fi
folder=$(mktemp -d)
chown postgres "$folder"
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
trap 'as_postgres "$server/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"' EXIT
as_postgres "$server/initdb" -D "$folder/data" --auth=trust --username=postgres >/dev/null
as_postgres "$server/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder'" start >/dev/null
echo "hub over PostgreSQL"
bench --postgres "host=$folder user=postgres dbname=postgres"
