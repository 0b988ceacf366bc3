#!/usr/bin/env bash
# Makes a package of the merge core and its tests alone in the folder $1: it builds in seconds, and in any way one likes.
# With `without-core` behind it the sources of GlossCore stay as they are there; with `with-seal` the envelope, the primitives
# that it is made of and its tests are there too.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
core=("$root"/Sources/GlossCore/*.swift)
[ "${2-}" != without-core ] || core=()
mkdir -p "$folder"/Sources/{GlossCore,GlossTesting} "$folder/Tests"
copy() { mkdir -p "$(dirname "$2")"; cmp -s "$1" "$2" || cp "$1" "$2"; }
seal=()
[ "${2-}" != with-seal ] || seal=("$root"/{Sources/{GlossCrypto,GlossSeal},Tests/GlossSealTests}/*.swift)
for path in "${core[@]}" "${seal[@]}" "$root"/Tests/GlossCoreTests/*.swift \
  "$root"/Sources/GlossTesting/{ChangeGenerator,NaiveModel,SeededGenerator,SmallWorld}.swift; do
  copy "$path" "$folder/${path#"$root/"}"
done
# What was renamed or removed since the last time.
(cd "$folder" && find Sources Tests -name '*.swift') | while read -r path; do
  [ -e "$root/$path" ] || [ "$(basename "$path")" = Mutant.swift ] || rm "$folder/$path"
done
ln -sfn "$root/Protocol" "$folder/Protocol"
dependencies= targets=
if [ "${2-}" = with-seal ]; then
  mkdir -p "$folder"/{Sources/{GlossCrypto,GlossSeal},Tests/GlossSealTests}
  [ -e "$folder/Package.resolved" ] || [ ! -e "$root/Package.resolved" ] \
    || cp "$root/Package.resolved" "$folder"
  dependencies=$(grep '/swift-crypto"' "$root/Package.swift")
  targets='
    .target(
      name: "GlossCrypto",
      dependencies: [
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    .target(name: "GlossSeal", dependencies: ["GlossCore", "GlossCrypto"]),
    .testTarget(
      name: "GlossSealTests", dependencies: ["GlossCore", "GlossCrypto", "GlossSeal"]),'
fi
cat >"$folder/Package.swift.new" <<MANIFEST
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "gloss",
  dependencies: [$dependencies],
  targets: [$targets
    .target(name: "GlossCore"),
    .target(name: "GlossTesting", dependencies: ["GlossCore"]),
    .testTarget(name: "GlossCoreTests", dependencies: ["GlossCore", "GlossTesting"]),
  ],
  swiftLanguageModes: [.v6])

for target in package.targets {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
MANIFEST
copy "$folder/Package.swift.new" "$folder/Package.swift"
rm "$folder/Package.swift.new"
