#!/usr/bin/env bash
# Builds all mutants of GlossCore in one package (.build-mutants) and runs the tests once for each; see Mutate.swift and run.py, to
# which the arguments go.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build-mutants
host=$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib/swift/host
mkdir -p "$folder"
if [ Mutations/Mutate.swift -nt "$folder/mutate" ]; then
  # The compiler comes with its own parser as a library.
  swiftc -swift-version 6 -parse-as-library -I "$host" -L "$host" -lSwiftSyntax -lSwiftParser -lSwiftOperators \
    -Xlinker -rpath -Xlinker "$host" Mutations/Mutate.swift -o "$folder/mutate"
fi
# The copy leaves what is rewritten alone: the mutants are made of the project's sources.
Mutations/core-alone.sh "$folder" without-core
"$folder/mutate" Sources/GlossCore "$folder/Sources/GlossCore"
swift build --package-path "$folder" -c release -Xswiftc -enable-testing -Xswiftc -suppress-warnings --build-tests
binary=$(swift build --package-path "$folder" -c release --show-bin-path)/glossPackageTests.xctest
Mutations/run.py "$binary" "$folder/Sources/GlossCore/mutants.tsv" Mutations/survivors.txt "$@"
