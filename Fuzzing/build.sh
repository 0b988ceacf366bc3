#!/usr/bin/env bash
# Builds gloss-fuzz into the folder $1: the decoders with the address sanitizer and libFuzzer's counters, the packages that they
# depend on as the ordinary build in $2 has them. That is a minute instead of a second build of everything, and keeps the flags
# out of the package that others depend on.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
out=$(realpath "$1") built=$(realpath "$2")
checkouts=$built/../../checkouts
toolchain=$(dirname "$(realpath "$(command -v swiftc)")")/..
fuzzer=$(find "$toolchain/lib" -name 'libclang_rt.fuzzer_no_main-x86_64.a' | head -n 1)
[ -n "$fuzzer" ] || { echo "the toolchain has no libFuzzer" >&2; exit 1; }

flags=(-swift-version 6 -O -wmo -g -parse-as-library -package-name gloss -warnings-as-errors
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility
  -sanitize=fuzzer,address -I "$out" -I "$built/Modules" -I Sources/CZstd)
for map in "$built"/*.build/module.modulemap; do flags+=(-Xcc "-fmodule-map-file=$map"); done
for map in "$checkouts"/swift-crypto/Sources/*/include/module.modulemap; do
  flags+=(-Xcc "-fmodule-map-file=$map")
done

# A module is compiled again only where a source is newer than its object, or one before it was.
# Of the domain there is the query language, which needs no store.
changed=
for module in GlossCore GlossCrypto GlossWire GlossSeal Gloss gloss_fuzz; do
  sources=(Sources/$module)
  [ "$module" = gloss_fuzz ] && sources=(Fuzzing/Sources/gloss-fuzz)
  [ "$module" = Gloss ] && sources=(
    Sources/Gloss/Finding/{Filter,Filter+Text,FilterError,FilterFields,FilterReader,SavedQuery}.swift
    Sources/Gloss/{Civil,Moment,Time}*.swift Sources/Gloss/{ReadingKind,Spelling}.swift)
  if [ -z "$changed" ] && [ -z "$(find "${sources[@]}" -name '*.swift' -newer "$out/$module.o" 2>&1)" ]; then
    continue
  fi
  changed=yes
  echo "compiling $module"
  find "${sources[@]}" -name '*.swift' -print0 | xargs -0 swiftc "${flags[@]}" -module-name "$module" \
    -emit-module -emit-module-path "$out/$module.swiftmodule" -c -o "$out/$module.o"
done
[ -n "$changed" ] || [ ! -e "$out/gloss-fuzz" ] || exit 0
find "$built" -path '*.build/*' -name '*.o' | grep -E \
  '/(Crypto|CryptoExtras|CryptoBoringWrapper|CCryptoBoringSSL|CCryptoBoringSSLShims|CXKCP|CXKCPShims|SwiftProtobuf|SwiftASN1)\.build/' \
  | sed 's/.*/"&"/' >"$out/objects"
echo "linking"
swiftc -use-ld=lld -sanitize=address "$out"/*.o @"$out/objects" "$fuzzer" -lzstd -lstdc++ -o "$out/gloss-fuzz"
