// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses Gloss builds its benchmarks.
let package = Package(
  name: "gloss-benchmarks",
  dependencies: [
    .package(name: "gloss", path: ".."),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .systemLibrary(name: "CEpoll"),
    .executableTarget(
      name: "gloss-bench",
      dependencies: [
        "CEpoll",
        .product(name: "Gloss", package: "gloss"),
        .product(name: "GlossSync", package: "gloss"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
